"""Tables of one model's pooled scores: what compare_scores.py writes."""

import numpy as np

from vidbench.evaluation import bootstrap, significance
from vidbench.evaluation.calibration import confidences, expected_error, null_range, reliability
from vidbench.evaluation.class_metrics import CLASS_COLUMNS, class_rows, f1_of_classes, precision_of_classes
from vidbench.evaluation.metrics import TOP5_CLASSES, brier_scores, in_top_k, log_losses
from vidbench.evaluation.pooled_scores import ModelResults, Rows
from vidbench.evaluation.selective import selective_accuracy, thinned
from vidbench.evaluation.significance import Interval
from vidbench.files import read_json

SCORES = ("model", "metric", "value", "low", "high", "approximate", "num_unreadable")
CLASS_SCORES = ("model", *CLASS_COLUMNS)
LADDER = ("model", "clips", "crops", "top1", "top1_low", "top1_high", "ms_per_video")
CALIBRATION = ("model", "scaled", "bin", "videos", "confidence", "accuracy")
SELECTIVE = ("model", "coverage", "accuracy")
LOSSES = {"log_loss": log_losses, "brier": brier_scores}


def scores(results: ModelResults) -> list[dict[str, object]]:
    """One row a score; no value where no video has probabilities, no interval where there are too few groups."""
    found = accuracies(results) | resampled(results)
    approximate = len(np.unique(results.groups)) < bootstrap.ENOUGH_GROUPS
    rows = [
        {**_cells(interval), "metric": name, "approximate": approximate and name not in ("top1", "top5")}
        for name, interval in found.items()
    ]
    rows += [{"metric": name, "value": value, "approximate": False} for name, value in calibration_errors(results)]
    return [row | {"num_unreadable": len(results.seeds[0].result.unreadable)} for row in rows]


def accuracies(results: ModelResults) -> dict[str, Interval]:
    """Top-1 and top-5, with the interval of an accuracy."""
    wanted = {"top1": 1} | ({"top5": 5} if len(results.seeds[0].result.classes) >= TOP5_CLASSES else {})
    return {
        name: significance.accuracy_interval(
            results.mean(lambda rows, k=k: in_top_k(rows.result, k)), results.groups, results.classes
        )
        for name, k in wanted.items()
    }


def resampled(results: ModelResults) -> dict[str, Interval]:
    """Scores that are no accuracies: means over seeds, with intervals from resampled groups."""
    _, number = np.unique(results.groups, return_inverse=True)
    group_of = dict(zip(results.videos, number.tolist(), strict=True))
    some = significance.effective_groups(results.groups) >= significance.FEWEST_GROUPS
    stratum = bootstrap.strata(results.groups, results.classes)
    weights = bootstrap.group_weights(stratum, bootstrap.RESAMPLES if some else 2)
    values, draws = {}, {}
    for rows in results.seeds:
        group = np.array([group_of[video] for video in rows.result.videos])
        one = resampled_seed(rows, bootstrap.Resamples(weights, group, rows.weights))
        for name, (value, of_resamples) in one.items():
            values.setdefault(name, []).append(value)
            draws.setdefault(name, []).append(of_resamples)
    found = {}
    for name in values:
        value, of_resamples = float(np.mean(values[name])), np.mean(draws[name], axis=0)
        if name.removesuffix("_scaled") in LOSSES:
            found[name] = bootstrap.loss_interval(value, of_resamples, results.groups)
        else:
            found[name] = bootstrap.fraction_interval(value, of_resamples, results.groups, stratum.any())
    return found


def resampled_seed(rows: Rows, samples: bootstrap.Resamples) -> dict[str, tuple[float, np.ndarray]]:
    """Each score of one seed and its value in every resample, (R,); NaN where no video has probabilities."""
    result, weights = rows.result, rows.weights
    recall, f1 = bootstrap.recall_and_f1(samples, result)
    found = {
        "mean_class_accuracy": (float(np.nanmean(recall_of_classes(rows))), recall),
        "macro_f1": (float(np.nanmean(f1_of_classes(result, weights))), f1),
    }
    there = result.has_probabilities
    truth, own = result.truth[there], samples.where(there)
    nothing = (float("nan"), np.full(len(samples.weights), np.nan))
    found["mean_average_precision"] = nothing
    if there.any():
        p = result.probabilities[there]
        value = float(np.nanmean(precision_of_classes(result, weights)))
        found["mean_average_precision"] = (value, bootstrap.mean_average_precision(own, truth, p))
    for end, table in (("", result.log_probabilities), ("_scaled", rows.scaled)):
        for name, score in LOSSES.items():
            losses = score(table[there], truth)
            found[name + end] = nothing
            if there.any() and np.isfinite(losses).all():
                value = float(np.average(losses, weights=weights[there]))
                found[name + end] = (value, bootstrap.means(own, losses))
    return found


def recall_of_classes(rows: Rows) -> np.ndarray:
    """(K,) accuracy of each class; NaN without test videos."""
    classes = len(rows.result.classes)
    right, all_of_it = (
        np.bincount(rows.result.truth, rows.weights * values, classes) for values in (rows.result.correct, 1)
    )
    with np.errstate(invalid="ignore"):
        return right / all_of_it


def calibration_errors(results: ModelResults) -> list[tuple[str, float | None]]:
    """ECE, and between which values 95 % of those of a calibrated model lie, before and after scaling."""
    found = []
    for scaled, end in ((False, ""), (True, "_scaled")):
        parts = [sure(rows, scaled) for rows in results.seeds]
        usable = all(len(confidence) for confidence, _, _ in parts)
        errors = [expected_error(*part) for part in parts] if usable else []
        ranges = [null_range(confidence, weights) for confidence, _, weights in parts] if usable else []
        numbers = (errors, [low for low, _ in ranges], [high for _, high in ranges])
        names = (f"ece{end}", f"ece{end}_null_low", f"ece{end}_null_high")
        found += [(name, float(np.mean(n)) if n else None) for name, n in zip(names, numbers, strict=True)]
    return found


def sure(rows: Rows, scaled: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Confidence, right or wrong, and weight of each row that has probabilities."""
    table = rows.scaled if scaled else rows.result.log_probabilities
    there = rows.result.has_probabilities & np.isfinite(table).any(axis=1)
    return confidences(table[there]), rows.result.correct[there].astype(float), rows.weights[there]


def together(results: ModelResults, scaled: bool) -> list[np.ndarray]:
    """As sure(), of all seeds."""
    parts = [sure(rows, scaled) for rows in results.seeds]
    confidence, correct, weights = (np.concatenate(column) for column in zip(*parts, strict=True))
    return [confidence, correct, weights / len(results.seeds)]


def class_scores(results: ModelResults) -> list[dict[str, object]]:
    """One row a class that has test videos: means over seeds."""
    rows = results.seeds[0]
    f1 = np.mean([f1_of_classes(seed.result, seed.weights) for seed in results.seeds], axis=0)
    precision = np.mean([precision_of_classes(seed.result, seed.weights) for seed in results.seeds], axis=0)
    places = {label: place for place, label in enumerate(rows.result.classes)}
    truth = np.array([places[label] for label in results.classes])
    correct = results.mean(lambda seed: seed.result.correct)
    return class_rows(rows.result.classes, truth, results.groups, correct, f1, precision)


def ladder(results: ModelResults) -> list[dict[str, object]]:
    """One row a number of clips and crops, with the interval of an accuracy."""
    times = _times(results)
    rows = []
    for clips, crops in results.seeds[0].rungs:
        correct = results.mean(lambda seed, rung=(clips, crops): seed.rungs[rung])
        cells = _cells(significance.accuracy_interval(correct, results.groups, results.classes))
        rows.append({
            "clips": clips, "crops": crops, "top1": cells["value"], "top1_low": cells["low"],
            "top1_high": cells["high"], "ms_per_video": times.get((clips, crops)),
        })  # fmt: skip
    return rows


def _times(results: ModelResults) -> dict[tuple[int, int], float]:
    """Median over runs of the measured milliseconds a video, by clips and crops; empty where none were measured."""
    measured: dict[tuple[int, int], list[float]] = {}
    for path in (run.folder / "cost.json" for run in results.runs):
        for row in read_json(path).get("ladder", []) if path.exists() else []:
            measured.setdefault((row["clips"], row["crops"]), []).append(row["ms_per_video"])
    return {rung: float(np.median(times)) for rung, times in measured.items()}


def calibration(results: ModelResults) -> list[dict[str, object]]:
    """Bins of confidence of all seeds together, before and after scaling."""
    tables = ((scaled, together(results, scaled)) for scaled in (False, True))
    return [{"scaled": scaled, **row} for scaled, table in tables if len(table[0]) for row in reliability(*table)]


def selective(results: ModelResults) -> list[dict[str, object]]:
    """Points of accuracy against coverage, of all seeds together."""
    table = together(results, scaled=False)
    if not len(table[0]):
        return []
    points = zip(*thinned(*selective_accuracy(*table)), strict=True)
    return [{"coverage": coverage, "accuracy": accuracy} for coverage, accuracy in points]


def _cells(interval: Interval) -> dict[str, float | None]:
    """The three numbers, None for those that there are not."""
    return {name: value if np.isfinite(value) else None for name, value in vars(interval).items()}
