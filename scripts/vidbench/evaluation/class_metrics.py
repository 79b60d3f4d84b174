"""F1 and average precision of each class, by scikit-learn, and accuracies with intervals by group."""

from collections.abc import Sequence

import numpy as np
from sklearn.metrics import average_precision_score, f1_score

from vidbench.evaluation.metrics import SubsetResult
from vidbench.evaluation.significance import accuracy_interval

CLASS_COLUMNS = ("class", "videos", "groups", "accuracy", "low", "high", "f1", "average_precision")


def f1_of_classes(result: SubsetResult, weights: np.ndarray | None = None) -> np.ndarray:
    """(K,) F1; NaN for a class without test videos. A video without a prediction is missed by its class."""
    classes = np.arange(len(result.classes))
    f1 = f1_score(
        result.truth,
        result.predicted,
        labels=classes,
        average=None,  # pyright: ignore[reportArgumentType] - scikit-learn has no types but those of its defaults
        zero_division=0,  # pyright: ignore[reportArgumentType] - likewise
        sample_weight=weights,
    )
    return np.where(np.isin(classes, result.truth), f1, np.nan)


def precision_of_classes(result: SubsetResult, weights: np.ndarray | None = None) -> np.ndarray:
    """(K,) average precision over the videos with probabilities; NaN for a class that has none of them."""
    tested = result.has_probabilities
    p, truth = result.probabilities[tested], result.truth[tested]
    own = None if weights is None else weights[tested]
    return np.array([
        average_precision_score(truth == place, p[:, place], sample_weight=own) if (truth == place).any() else np.nan
        for place in range(len(result.classes))
    ])  # fmt: skip


def class_rows(
    classes: Sequence[str],
    truth: np.ndarray,
    groups: np.ndarray,
    correct: np.ndarray,
    f1: np.ndarray,
    precision: np.ndarray,
) -> list[dict[str, object]]:
    """One row a class with test videos. truth, groups, correct (N,): of the videos; f1, precision (K,).

    None in place of an interval where a class has too few groups, and of what cannot be computed.
    """
    rows = []
    for place in np.unique(truth).tolist():
        own = truth == place
        interval = accuracy_interval(correct[own], groups[own], np.zeros(own.sum()))
        numbers = (interval.value, interval.low, interval.high, f1[place], precision[place])
        values = [float(number) if np.isfinite(number) else None for number in numbers]
        counts = (classes[place], int(own.sum()), len(np.unique(groups[own])))
        rows.append(dict(zip(CLASS_COLUMNS, (*counts, *values), strict=True)))
    return rows


def class_summary(result: SubsetResult, groups: np.ndarray) -> dict[str, object]:
    """Macro F1, mean average precision and the classes' table of metrics.json."""
    f1, precision = f1_of_classes(result), precision_of_classes(result)
    known = precision[np.isfinite(precision)]
    return {
        "macro_f1": float(np.nanmean(f1)),
        "mean_average_precision": float(known.mean()) if len(known) else None,
        "classes_table": class_rows(result.classes, result.truth, groups, result.correct, f1, precision),
    }
