"""Tables of one model's pooled scores: what compare_scores.py writes."""

import numpy as np

from vidbench.evaluation import bootstrap, significance
from vidbench.evaluation.calibration import confidences, expected_calibration_error, null_range, reliability
from vidbench.evaluation.class_metrics import CLASS_COLUMNS, class_rows, f1_of_classes, precision_of_classes
from vidbench.evaluation.groups import assign_strata
from vidbench.evaluation.metrics import TOP5_CLASSES, SubsetResult, brier_scores, in_top_k, log_losses
from vidbench.evaluation.model_scores import ModelScores, read_ladder
from vidbench.evaluation.selective import selective_accuracy, thin_curve
from vidbench.evaluation.significance import Interval
from vidbench.files import read_json

SCORES = ("model", "metric", "value", "low", "high", "approximate", "num_unreadable")
CLASS_SCORES = ("model", *CLASS_COLUMNS)
LADDER = ("model", "clips", "crops", "top1", "top1_low", "top1_high", "ms_per_video")
CALIBRATION = ("model", "scaled", "bin", "videos", "confidence", "accuracy")
SELECTIVE = ("model", "coverage", "accuracy")
LOSSES = {"log_loss": log_losses, "brier": brier_scores}


def score_rows(scores: ModelScores) -> list[dict[str, object]]:
    """One row a score; no value where no video has probabilities, no interval where there are too few groups."""
    found = score_accuracies(scores) | resample_scores(scores)
    approximate = len(np.unique(scores.tests.groups)) < bootstrap.ENOUGH_GROUPS
    rows: list[dict[str, object]] = [
        {**_cells(interval), "metric": name, "approximate": approximate and name not in ("top1", "top5")}
        for name, interval in found.items()
    ]
    rows += [{"metric": name, "value": value, "approximate": False} for name, value in calibration_errors(scores)]
    return [row | {"num_unreadable": scores.num_unreadable} for row in rows]


def score_accuracies(scores: ModelScores) -> dict[str, Interval]:
    """Top-1 and top-5, with the interval of an accuracy."""
    wanted = {"top1": 1} | ({"top5": 5} if len(scores.seeds[0].classes) >= TOP5_CLASSES else {})
    return {
        name: accuracy_interval(scores, scores.mean(lambda result, k=k: in_top_k(result, k)))
        for name, k in wanted.items()
    }


def accuracy_interval(scores: ModelScores, correct: np.ndarray) -> Interval:
    """Of right or wrong of each video, (N,)."""
    return significance.accuracy_interval(correct, scores.tests.groups, scores.tests.labels)


def resample_scores(scores: ModelScores) -> dict[str, Interval]:
    """Scores that are no accuracies: means over seeds, with intervals from resampled groups."""
    tests = scores.tests
    stratum = assign_strata(tests.groups, tests.labels)
    weights = bootstrap.draw_group_weights(stratum, bootstrap.RESAMPLES if tests.enough_groups else 2)
    samples = bootstrap.Resamples(weights, tests.group_numbers, tests.weight)
    values, draws = {}, {}
    for result, scaled in zip(scores.seeds, scores.scaled, strict=True):
        for name, (value, of_resamples) in resample_seed(result, scaled, samples).items():
            values.setdefault(name, []).append(value)
            draws.setdefault(name, []).append(of_resamples)
    intervals = {}
    for name in values:
        value, of_resamples = float(np.mean(values[name])), np.mean(draws[name], axis=0)
        if name.removesuffix("_scaled") in LOSSES:
            intervals[name] = bootstrap.loss_interval(value, of_resamples, tests.groups)
        else:
            intervals[name] = bootstrap.fraction_interval(value, of_resamples, tests.groups, bool(stratum.any()))
    return intervals


def resample_seed(
    result: SubsetResult, scaled: np.ndarray, samples: bootstrap.Resamples
) -> dict[str, tuple[float, np.ndarray]]:
    """Each score of one seed and its value in every resample, (R,); NaN where no video has probabilities."""
    weights = samples.row_weights
    recall, f1 = bootstrap.recall_and_f1(samples, result)
    found = {
        "mean_class_accuracy": (float(np.nanmean(recall_of_classes(result, weights))), recall),
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
    for end, table in (("", result.log_probabilities), ("_scaled", scaled)):
        for name, score in LOSSES.items():
            losses = score(table[there], truth)
            found[name + end] = nothing
            if there.any() and np.isfinite(losses).all():
                value = float(np.average(losses, weights=weights[there]))
                found[name + end] = (value, bootstrap.means(own, losses))
    return found


def recall_of_classes(result: SubsetResult, weights: np.ndarray) -> np.ndarray:
    """(K,) accuracy of each class; NaN without test videos."""
    classes = len(result.classes)
    right, all_of_it = (np.bincount(result.truth, weights * values, classes) for values in (result.correct, 1))
    with np.errstate(invalid="ignore"):
        return right / all_of_it


def calibration_errors(scores: ModelScores) -> list[tuple[str, float | None]]:
    """ECE, and between which values 95 % of those of a calibrated model lie, before and after scaling."""
    found = []
    for scaled, end in ((False, ""), (True, "_scaled")):
        parts = confidences_by_seed(scores, scaled)
        usable = all(len(confidence) for confidence, _, _ in parts)
        errors = [expected_calibration_error(*part) for part in parts] if usable else []
        ranges = [null_range(confidence, weights) for confidence, _, weights in parts] if usable else []
        numbers = (errors, [low for low, _ in ranges], [high for _, high in ranges])
        names = (f"ece{end}", f"ece{end}_null_low", f"ece{end}_null_high")
        found += [(name, float(np.mean(n)) if n else None) for name, n in zip(names, numbers, strict=True)]
    return found


def confidences_by_seed(scores: ModelScores, scaled: bool) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Of each seed: confidence, right or wrong, and weight of each test that has probabilities."""
    parts = []
    for result, of_seed in zip(scores.seeds, scores.scaled, strict=True):
        table = of_seed if scaled else result.log_probabilities
        there = result.has_probabilities & np.isfinite(table).any(axis=1)
        parts.append((confidences(table[there]), result.correct[there].astype(float), scores.tests.weight[there]))
    return parts


def confidences_together(scores: ModelScores, scaled: bool) -> list[np.ndarray]:
    """As confidences_by_seed, of all seeds one after another."""
    parts = confidences_by_seed(scores, scaled)
    confidence, correct, weights = (np.concatenate(column) for column in zip(*parts, strict=True))
    return [confidence, correct, weights / len(parts)]


def class_score_rows(scores: ModelScores) -> list[dict[str, object]]:
    """One row a class that has test videos: means over seeds."""
    classes, weight = scores.seeds[0].classes, scores.tests.weight
    f1 = np.mean([f1_of_classes(result, weight) for result in scores.seeds], axis=0)
    precision = np.mean([precision_of_classes(result, weight) for result in scores.seeds], axis=0)
    places = {label: place for place, label in enumerate(classes)}
    truth = np.array([places[label] for label in scores.tests.labels])
    correct = scores.mean(lambda result: result.correct)
    return class_rows(classes, truth, scores.tests.groups, correct, f1, precision)


def ladder_rows(scores: ModelScores) -> list[dict[str, object]]:
    """One row a number of clips and crops, with the interval of an accuracy."""
    times = _times(scores)
    rows = []
    for (clips, crops), correct in read_ladder(scores.tests, scores.model).items():
        cells = _cells(accuracy_interval(scores, correct))
        rows.append({
            "clips": clips, "crops": crops, "top1": cells["value"], "top1_low": cells["low"],
            "top1_high": cells["high"], "ms_per_video": times.get((clips, crops)),
        })  # fmt: skip
    return rows


def _times(scores: ModelScores) -> dict[tuple[int, int], float]:
    """Median over runs of the measured milliseconds a video, by clips and crops; empty where none were measured."""
    measured: dict[tuple[int, int], list[float]] = {}
    for path in (run.folder / "cost.json" for run in scores.runs):
        for row in read_json(path).get("ladder", []) if path.exists() else []:
            measured.setdefault((row["clips"], row["crops"]), []).append(row["ms_per_video"])
    return {rung: float(np.median(times)) for rung, times in measured.items()}


def calibration_rows(scores: ModelScores) -> list[dict[str, object]]:
    """Bins of confidence of all seeds together, before and after scaling."""
    tables = ((scaled, confidences_together(scores, scaled)) for scaled in (False, True))
    return [{"scaled": scaled, **row} for scaled, table in tables if len(table[0]) for row in reliability(*table)]


def selective_rows(scores: ModelScores) -> list[dict[str, object]]:
    """Points of accuracy against coverage, of all seeds together."""
    table = confidences_together(scores, scaled=False)
    if not len(table[0]):
        return []
    points = zip(*thin_curve(*selective_accuracy(*table)), strict=True)
    return [{"coverage": coverage, "accuracy": accuracy} for coverage, accuracy in points]


def _cells(interval: Interval) -> dict[str, float | None]:
    """The three numbers, None for those that there are not."""
    return {name: value if np.isfinite(value) else None for name, value in vars(interval).items()}


TABLES = {  # of compare_scores.py: rows and columns by name of the table
    "scores": (score_rows, SCORES),
    "class_scores": (class_score_rows, CLASS_SCORES),
    "ladder": (ladder_rows, LADDER),
    "calibration": (calibration_rows, CALIBRATION),
    "selective": (selective_rows, SELECTIVE),
}
