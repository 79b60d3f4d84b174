"""Tables of one model's pooled scores, which compare_scores.py writes."""

import numpy as np

from vidbench.evaluation import added_scores, bootstrap, significance
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
    """Return one row per score; no value where no video has probabilities, no interval where groups are too few."""
    intervals = score_accuracies(scores) | resample_scores(scores)
    approximate = len(np.unique(scores.tests.groups)) < bootstrap.ENOUGH_GROUPS
    rows: list[dict[str, object]] = [
        {**_cells(interval), "metric": name, "approximate": approximate and name not in ("top1", "top5")}
        for name, interval in intervals.items()
    ]
    rows += [{"metric": name, "value": value, "approximate": False} for name, value in calibration_errors(scores)]
    return [row | {"num_unreadable": scores.num_unreadable} for row in rows]


def score_accuracies(scores: ModelScores) -> dict[str, Interval]:
    """Return top-1 and top-5, with the interval of an accuracy."""
    depths = {"top1": 1} | ({"top5": 5} if len(scores.seeds[0].classes) >= TOP5_CLASSES else {})
    return {
        name: accuracy_interval(scores, scores.mean(lambda result, k=k: in_top_k(result, k)))
        for name, k in depths.items()
    }


def accuracy_interval(scores: ModelScores, correct: np.ndarray) -> Interval:
    """Return the accuracy with its interval from the correctness (N,) of each video."""
    return significance.accuracy_interval(correct, scores.tests.groups, scores.tests.labels)


def resample_scores(scores: ModelScores) -> dict[str, Interval]:
    """Return the scores that are no accuracies: means over seeds, with intervals from resampled groups."""
    tests = scores.tests
    stratum = assign_strata(tests.groups, tests.labels)
    weights = bootstrap.draw_group_weights(stratum, bootstrap.RESAMPLES if tests.enough_groups else 2)
    samples = bootstrap.Resamples(weights, tests.group_numbers, tests.weight)
    values: dict[str, list[float]] = {}
    resamples: dict[str, list[np.ndarray]] = {}
    for result, scaled in zip(scores.seeds, scores.scaled, strict=True):
        for name, (value, resampled) in resample_seed(result, scaled, samples).items():
            values.setdefault(name, []).append(value)
            resamples.setdefault(name, []).append(resampled)
    intervals = {}
    for name in values:
        value = float(np.mean(values[name]))
        resampled = np.mean(resamples[name], axis=0)
        if name.removesuffix("_scaled") in LOSSES or not added_scores.is_share(name):
            intervals[name] = bootstrap.loss_interval(value, resampled, tests.groups)
        else:
            intervals[name] = bootstrap.fraction_interval(value, resampled, tests.groups, bool(stratum.any()))
    return intervals


def resample_seed(
    result: SubsetResult, scaled: np.ndarray, samples: bootstrap.Resamples
) -> dict[str, tuple[float, np.ndarray]]:
    """Return each score of one seed and its value in every resample (R,); NaN where no video has probabilities."""
    weights = samples.row_weights
    recall, f1 = bootstrap.recall_and_f1(samples, result)
    scores = {
        "mean_class_accuracy": (float(np.nanmean(recall_of_classes(result, weights))), recall),
        "macro_f1": (float(np.nanmean(f1_of_classes(result, weights))), f1),
    }
    tested = result.has_probabilities
    truth = result.truth[tested]
    tested_samples = samples.select(tested)
    unknown = (float("nan"), np.full(len(samples.weights), np.nan))
    scores["mean_average_precision"] = unknown
    if tested.any():
        p = result.probabilities[tested]
        value = float(np.nanmean(precision_of_classes(result, weights)))
        scores["mean_average_precision"] = (value, bootstrap.mean_average_precision(tested_samples, truth, p))
    for end, table in (("", result.log_probabilities), ("_scaled", scaled)):
        for name, score in LOSSES.items():
            losses = score(table[tested], truth)
            scores[name + end] = unknown
            if tested.any() and np.isfinite(losses).all():
                value = float(np.average(losses, weights=weights[tested]))
                scores[name + end] = (value, bootstrap.means(tested_samples, losses))
    return scores | added_scores.resample_added(result, samples)


def recall_of_classes(result: SubsetResult, weights: np.ndarray) -> np.ndarray:
    """Return the accuracy of each class (K,); NaN without test videos."""
    classes = len(result.classes)
    right = np.bincount(result.truth, weights * result.correct, classes)
    total = np.bincount(result.truth, weights, classes)
    with np.errstate(invalid="ignore"):
        return right / total


def calibration_errors(scores: ModelScores) -> list[tuple[str, float | None]]:
    """Return ECE and the central 95 % range of a calibrated model's, before and after temperature scaling."""
    rows = []
    for scaled, end in ((False, ""), (True, "_scaled")):
        seeds = confidences_by_seed(scores, scaled)
        usable = all(len(confidence) for confidence, _, _ in seeds)
        errors = [expected_calibration_error(*seed) for seed in seeds] if usable else []
        ranges = [null_range(confidence, weights) for confidence, _, weights in seeds] if usable else []
        numbers = (errors, [low for low, _ in ranges], [high for _, high in ranges])
        names = (f"ece{end}", f"ece{end}_null_low", f"ece{end}_null_high")
        rows += [(name, float(np.mean(n)) if n else None) for name, n in zip(names, numbers, strict=True)]
    return rows


def confidences_by_seed(scores: ModelScores, scaled: bool) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Return for each seed the confidence, the correctness and the weight of its tests that have probabilities."""
    seeds = []
    for result, scaled_table in zip(scores.seeds, scores.scaled, strict=True):
        table = scaled_table if scaled else result.log_probabilities
        tested = result.has_probabilities & np.isfinite(table).any(axis=1)
        seeds.append((confidences(table[tested]), result.correct[tested].astype(float), scores.tests.weight[tested]))
    return seeds


def confidences_together(scores: ModelScores, scaled: bool) -> list[np.ndarray]:
    """Return the confidence, the correctness and the weight of all seeds' tests, one seed after another."""
    seeds = confidences_by_seed(scores, scaled)
    confidence, correct, weights = (np.concatenate(column) for column in zip(*seeds, strict=True))
    return [confidence, correct, weights / len(seeds)]


def class_score_rows(scores: ModelScores) -> list[dict[str, object]]:
    """Return one row per class that has test videos: means over seeds."""
    classes = scores.seeds[0].classes
    weight = scores.tests.weight
    f1 = np.mean([f1_of_classes(result, weight) for result in scores.seeds], axis=0)
    precision = np.mean([precision_of_classes(result, weight) for result in scores.seeds], axis=0)
    places = {label: index for index, label in enumerate(classes)}
    truth = np.array([places[label] for label in scores.tests.labels])
    correct = scores.mean(lambda result: result.correct)
    return class_rows(classes, truth, scores.tests.groups, correct, f1, precision)


def ladder_rows(scores: ModelScores) -> list[dict[str, object]]:
    """Return one row per number of clips and crops, with the interval of an accuracy."""
    times = _read_times(scores)
    rows = []
    for (clips, crops), correct in read_ladder(scores.tests, scores.model).items():
        cells = _cells(accuracy_interval(scores, correct))
        rows.append({
            "clips": clips, "crops": crops, "top1": cells["value"], "top1_low": cells["low"],
            "top1_high": cells["high"], "ms_per_video": times.get((clips, crops)),
        })  # fmt: skip
    return rows


def _read_times(scores: ModelScores) -> dict[tuple[int, int], float]:
    """Read the measured ms/video, by clips and crops; empty where none were measured."""
    path = scores.runs[0].cost
    measured = read_json(path)["ladder"] if path.exists() else []
    return {(row["clips"], row["crops"]): row["ms_per_video"] for row in measured}


def calibration_rows(scores: ModelScores) -> list[dict[str, object]]:
    """Return one row per bin of confidence, of all seeds together, before and after temperature scaling."""
    tables = ((scaled, confidences_together(scores, scaled)) for scaled in (False, True))
    return [{"scaled": scaled, **row} for scaled, table in tables if len(table[0]) for row in reliability(*table)]


def selective_rows(scores: ModelScores) -> list[dict[str, object]]:
    """Return the points of accuracy against coverage, of all seeds together."""
    table = confidences_together(scores, scaled=False)
    if not len(table[0]):
        return []
    points = zip(*thin_curve(*selective_accuracy(*table)), strict=True)
    return [{"coverage": coverage, "accuracy": accuracy} for coverage, accuracy in points]


def _cells(interval: Interval) -> dict[str, float | None]:
    """Return the three numbers of an interval, None for unknown ones."""
    return {name: value if np.isfinite(value) else None for name, value in vars(interval).items()}


TABLES = {  # of compare_scores.py: name -> function that makes its rows, columns
    "scores": (score_rows, SCORES),
    "class_scores": (class_score_rows, CLASS_SCORES),
    "ladder": (ladder_rows, LADDER),
    "calibration": (calibration_rows, CALIBRATION),
    "selective": (selective_rows, SELECTIVE),
}
