"""F1 and average precision of each class, and accuracies with intervals by group.

The scores are scikit-learn's to the last digit, which tests compare; importing that takes longer than scoring does.
"""

from collections.abc import Sequence

import numpy as np

from vidbench.evaluation.average_precision import average_precision
from vidbench.evaluation.metrics import SubsetResult
from vidbench.evaluation.significance import accuracy_interval

CLASS_COLUMNS = ("class", "videos", "groups", "accuracy", "low", "high", "f1", "average_precision")


def f1_of_classes(result: SubsetResult, weights: np.ndarray | None = None) -> np.ndarray:
    """Return F1 (K,); NaN for a class without test videos. A video without a prediction is a false negative."""
    weights = np.ones(len(result.truth)) if weights is None else weights
    predicted = result.has_probabilities
    classes = len(result.classes)
    hits = np.bincount(result.truth, weights * result.correct, classes)  # (K,), like the next three
    missed = np.bincount(result.truth, weights, classes) - hits
    wrong = np.bincount(result.predicted[predicted], weights[predicted], classes) - hits
    total = (hits + missed) + (hits + wrong)
    f1 = 2 * hits / np.where(total > 0, total, 1)
    return np.where(np.isin(np.arange(classes), result.truth), f1, np.nan)


def precision_of_classes(result: SubsetResult, weights: np.ndarray | None = None) -> np.ndarray:
    """Return average precision (K,) over the videos with probabilities; NaN for a class that has none of them."""
    tested = result.has_probabilities
    p = result.probabilities[tested]
    truth = result.truth[tested]
    tested_weights = np.ones(len(p)) if weights is None else weights[tested]
    precision = np.full(len(result.classes), np.nan)
    for label in np.unique(truth):
        precision[label] = average_precision(truth == label, p[:, label], tested_weights)
    return precision


def class_rows(
    classes: Sequence[str],
    truth: np.ndarray,
    groups: np.ndarray,
    correct: np.ndarray,
    f1: np.ndarray,
    precision: np.ndarray,
) -> list[dict[str, object]]:
    """Return one row per class with test videos. truth, groups, correct (N,): of the videos; f1, precision (K,).

    None in place of an interval where a class has too few groups, and of what cannot be computed.
    """
    rows = []
    for label in np.unique(truth).tolist():
        of_class = truth == label
        interval = accuracy_interval(correct[of_class], groups[of_class], np.zeros(of_class.sum()))
        numbers = (interval.value, interval.low, interval.high, f1[label], precision[label])
        values = [float(number) if np.isfinite(number) else None for number in numbers]
        counts = (classes[label], int(of_class.sum()), len(np.unique(groups[of_class])))
        rows.append(dict(zip(CLASS_COLUMNS, (*counts, *values), strict=True)))
    return rows


def class_summary(result: SubsetResult, groups: np.ndarray) -> dict[str, object]:
    """Return macro F1, mean average precision and the classes' table of metrics.json."""
    f1 = f1_of_classes(result)
    precision = precision_of_classes(result)
    known = precision[np.isfinite(precision)]
    return {
        "macro_f1": float(np.nanmean(f1)),
        "mean_average_precision": float(known.mean()) if len(known) else None,
        "classes_table": class_rows(result.classes, result.truth, groups, result.correct, f1, precision),
    }
