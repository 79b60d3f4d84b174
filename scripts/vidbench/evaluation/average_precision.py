"""Average precision, equal to scikit-learn's to the last digit. Imports no other score: trainings use it, too."""

import numpy as np


def average_precision(positive: np.ndarray, score: np.ndarray, weights: np.ndarray) -> float:
    """Return the sum over thresholds of precision times the recall that the threshold adds.

    positive: mask (M,) of the videos of a class, at least one; score, weights: (M,) of all videos. Equal scores share
    a threshold.
    """
    order = np.argsort(-score, kind="stable")
    last = np.append(np.flatnonzero(np.diff(score[order])), len(score) - 1)  # (T,) the last video at each threshold
    hits = np.cumsum(weights[order] * positive[order])[last]
    wrong = np.cumsum(weights[order] * ~positive[order])[last]
    # From the lowest threshold to the highest, as the order of additions changes the last digit.
    precision = np.flip(hits / (hits + wrong))
    recall = np.flip(hits / hits[-1])
    return max(0.0, float(-np.sum(np.diff(recall, append=0.0) * precision)))


def precision_of_labels(truth: np.ndarray, scores: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Return the average precision of each label (K,); truth: mask (M, K), scores: (M, K), weights: (M,).

    NaN for a label that no video has.
    """
    weights = np.ones(len(truth)) if weights is None else weights
    columns = zip(truth.T, scores.T, strict=True)
    return np.array([average_precision(has, score, weights) if has.any() else np.nan for has, score in columns])
