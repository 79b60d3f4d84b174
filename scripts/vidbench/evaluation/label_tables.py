"""The tables of a data set of several labels per video: what compare_labels.py writes, with the types of its rows."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from vidbench.evaluation import bootstrap
from vidbench.evaluation.average_precision import precision_of_labels
from vidbench.evaluation.calibration import expected_calibration_error, reliability
from vidbench.evaluation.comparison import cost_columns
from vidbench.evaluation.energy import COLUMNS
from vidbench.evaluation.label_metrics import cooccurrence, f1_of_labels, micro_f1
from vidbench.evaluation.label_tests import LabelTests, ModelPrecision, SeedAnswers, seed_interval
from vidbench.evaluation.significance import Interval

SUMMARY = (
    "model", "baseline", "verdict", "mean_average_precision", "low", "high", "approximate", "seed_sd",
    "micro_f1", "micro_f1_low", "micro_f1_high", "macro_f1", "macro_f1_low", "macro_f1_high",
    "exact_match", "exact_match_low", "exact_match_high", "ece", "ece_scaled",
    "chance", "num_seeds", "num_splits", "num_videos", "num_groups", "num_unreadable", "diverged_runs",
    "train_seconds", "ms_per_clip", "parameters",
)  # fmt: skip
LABELS = (
    "model", "label", "videos", "groups", "average_precision", "low", "high", "approximate", "chance", "f1",
    "threshold", "ece_scaled",
)  # fmt: skip
BINS = ("model", "scaled", "bin", "answers", "probability", "share")
PAIRS = ("model", "true", "given", "videos", "share")
NONE = "(none)"  # in place of a label that was given
RUNS = (
    "split", "model", "seed", "status", "mean_average_precision", "micro_f1", "macro_f1", "val_mean_average_precision",
    "best_epoch", "epochs", "train_seconds", "ms_per_clip", "parameters",
)  # fmt: skip


def summary_row(
    tests: LabelTests, precision: ModelPrecision, answers: Sequence[SeedAnswers], rows: list[dict[str, Any]]
) -> dict[str, object]:
    """Return a model's row but for its verdict; `rows`: its rows of label_runs.csv."""
    samples = tests.resamples()
    weights, groups = samples.row_weights, tests.tests.groups
    mean = bootstrap.fraction_interval(precision.value, precision.resampled, groups, stratified=False)
    seeds = precision.drawn
    return {
        "model": precision.model,
        "baseline": tests.tests.baselines.get(precision.model, ""),
        **interval_cells("mean_average_precision", mean, prefix=""),
        "approximate": tests.approximate,
        "seed_sd": float(seeds.std(ddof=1)) if len(seeds) > 1 else None,
        **threshold_cells(samples, groups, answers),
        "ece": mean_error(answers, weights, scaled=False),
        "ece_scaled": mean_error(answers, weights, scaled=True),
        "chance": chance_precision(answers[0].truth, weights),
        "num_seeds": len(answers),
        "num_splits": len(tests.tests.tests),
        "num_videos": len(tests.tests.videos),
        "num_groups": len(np.unique(groups)),
        "num_unreadable": tests.tests.left_out + answers[0].undecodable,
        "diverged_runs": sum(row["status"] != "ok" for row in rows),
        **{name: value for name, value in cost_columns(rows).items() if name in (*SUMMARY, *COLUMNS)},
    }


def threshold_cells(
    samples: bootstrap.Resamples, groups: np.ndarray, answers: Sequence[SeedAnswers]
) -> dict[str, float | None]:
    """Return F1 and exact matches of the labels that are given, with their intervals."""
    weights = samples.row_weights
    micro = seed_interval(
        answers,
        groups,
        lambda seed: micro_f1(seed.truth, seed.given, weights),
        lambda seed: resample_micro(samples, seed),
    )
    macro = seed_interval(
        answers,
        groups,
        lambda seed: float(np.nanmean(f1_of_labels(seed.truth, seed.given, weights))),
        lambda seed: resample_macro(samples, seed),
    )
    exact = seed_interval(
        answers,
        groups,
        lambda seed: float(np.average(exactly_right(seed), weights=weights)),
        lambda seed: bootstrap.means(samples, exactly_right(seed)),
    )
    return {
        **interval_cells("micro_f1", micro),
        **interval_cells("macro_f1", macro),
        **interval_cells("exact_match", exact),
    }


def exactly_right(seed: SeedAnswers) -> np.ndarray:
    """Return 1 (T,) for each test of which just the right labels were given, else 0."""
    return (seed.truth == seed.given).all(axis=1).astype(float)


def chance_precision(truth: np.ndarray, weights: np.ndarray) -> float:
    """Return the mean average precision of a random ranking: the share of videos of each label, mean over labels."""
    shares = weights @ truth / weights.sum()
    return float(shares[shares > 0].mean())


def resample_micro(samples: bootstrap.Resamples, seed: SeedAnswers) -> np.ndarray:
    """Return micro F1 in each resample, (R,)."""
    hits = samples.sums((seed.truth & seed.given).sum(axis=1).astype(float))
    total = samples.sums(seed.truth.sum(axis=1) + seed.given.sum(axis=1).astype(float))
    return 2 * hits / np.where(total > 0, total, 1)


def resample_macro(samples: bootstrap.Resamples, seed: SeedAnswers) -> np.ndarray:
    """Return macro F1 in each resample, (R,), over the labels that it has."""
    true, given = samples.sums(seed.truth), samples.sums(seed.given)  # (R, K)
    hits = samples.sums(seed.truth & seed.given)
    f1 = 2 * hits / np.where(true + given > 0, true + given, 1)
    return np.nanmean(np.where(true > 0, f1, np.nan), axis=1)


def interval_cells(name: str, interval: Interval, prefix: str | None = None) -> dict[str, float | None]:
    """Return the cells NAME, NAME_low and NAME_high of an interval; `prefix`: in place of NAME_."""
    prefix = f"{name}_" if prefix is None else prefix
    values = {name: interval.value, f"{prefix}low": interval.low, f"{prefix}high": interval.high}
    return {key: float(value) if np.isfinite(value) else None for key, value in values.items()}


def mean_error(answers: Sequence[SeedAnswers], weights: np.ndarray, scaled: bool) -> float | None:
    """Return the calibration error, mean over labels and seeds, of the tests with probabilities; None for none."""
    errors = []
    for seed in answers:
        p = seed.scaled if scaled else seed.probabilities
        columns = zip(p[seed.known].T, seed.truth[seed.known].T.astype(float), strict=True)
        errors += [expected_calibration_error(*column, weights[seed.known]) for column in columns if seed.known.any()]
    return float(np.mean(errors)) if errors else None


def label_rows(tests: LabelTests, model: str, answers: Sequence[SeedAnswers]) -> list[dict[str, object]]:
    """Return one row per label that some test video has: means over seeds, with intervals from resampled groups."""
    samples = tests.resamples()
    weights, groups = samples.row_weights, tests.tests.groups
    truth = answers[0].truth
    precision = np.mean([precision_of_labels(seed.truth, seed.probabilities, weights) for seed in answers], axis=0)
    f1 = np.mean([f1_of_labels(seed.truth, seed.given, weights) for seed in answers], axis=0)
    thresholds = read_thresholds(tests, model)
    rows = []
    for place in np.flatnonzero(truth.any(axis=0)).tolist():
        resampled = [bootstrap.average_precision(samples, truth[:, place], s.probabilities[:, place]) for s in answers]
        values = np.mean(resampled, axis=0)
        kept = values[np.isfinite(values)]  # resamples that have the label
        having = np.unique(samples.group[truth[:, place]])
        interval = label_interval(float(precision[place]), kept, groups, len(having))
        of_label = [(seed.scaled[seed.known, place], seed.truth[seed.known, place].astype(float), weights[seed.known])
                    for seed in answers if seed.known.any()]  # fmt: skip
        rows.append({
            "model": model, "label": tests.classes[place],
            "videos": len({name for name, has in zip(tests.tests.test_videos, truth[:, place], strict=True) if has}),
            "groups": len(having), **interval_cells("average_precision", interval, prefix=""),
            "approximate": True, "chance": float(np.average(truth[:, place], weights=weights)),
            "f1": float(f1[place]), "threshold": float(np.mean([table[place] for table in thresholds])),
            "ece_scaled": np.mean([expected_calibration_error(*each) for each in of_label]) if of_label else None,
        })  # fmt: skip
    return rows


def label_interval(value: float, resampled: np.ndarray, groups: np.ndarray, having: int) -> Interval:
    """Return the interval of one label's average precision; none where too few groups have the label."""
    from vidbench.evaluation.significance import MIN_GROUPS

    if having < MIN_GROUPS or len(resampled) < 2:
        return Interval(value, float("nan"), float("nan"))
    return bootstrap.fraction_interval(value, resampled, groups, stratified=False)


def read_thresholds(tests: LabelTests, model: str) -> list[list[float]]:
    """Read the thresholds of each label in each run of a model."""
    runs = [run for by_split in tests.tests.runs[model].values() for run in by_split.values()]
    found = [run.json("metrics.json")["thresholds"] for run in runs]
    return [[thresholds[name] for name in tests.classes] for thresholds in found]


def bin_rows(model: str, answers: Sequence[SeedAnswers], weights: np.ndarray) -> list[dict[str, object]]:
    """Return one row per bin of probability, of all labels and seeds together, before and after scaling."""
    rows: list[dict[str, object]] = []
    for scaled in (False, True):
        tables = [(seed.scaled if scaled else seed.probabilities)[seed.known] for seed in answers]
        if not any(len(table) for table in tables):
            continue
        p = np.concatenate([table.ravel() for table in tables])
        truth = np.concatenate([seed.truth[seed.known].ravel() for seed in answers]).astype(float)
        mass = np.concatenate([np.repeat(weights[s.known], s.truth.shape[1]) for s in answers]) / len(answers)
        rows += [
            {"model": model, "scaled": scaled, "bin": row["bin"], "answers": row["videos"],
             "probability": row["confidence"], "share": row["accuracy"]}
            for row in reliability(p, truth, mass)
        ]  # fmt: skip
    return rows


def pair_counts(tests: LabelTests, model: str, answers: Sequence[SeedAnswers]) -> list[dict[str, object]]:
    """Return one row per pair of a label that videos have and one that they were given, or none: mean over seeds."""
    weights = tests.tests.weight
    table = np.mean([cooccurrence(seed.truth, seed.given, weights) for seed in answers], axis=0)
    totals = answers[0].truth.astype(float).T @ weights
    given = [*tests.classes, NONE]
    return [
        {"model": model, "true": label, "given": other, "videos": round(float(table[i, j]), 6),
         "share": float(table[i, j] / totals[i])}
        for i, label in enumerate(tests.classes) if totals[i] > 0
        for j, other in enumerate(given)
    ]  # fmt: skip
