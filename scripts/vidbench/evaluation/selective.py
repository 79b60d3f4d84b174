"""Accuracy on the videos that a model is surest of."""

import numpy as np

MAX_POINTS = 200  # of a curve that is written down


def selective_accuracy(
    confidence: np.ndarray, correct: np.ndarray, weights: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Coverage and accuracy at every threshold of the confidence, the highest first; two (T,) arrays.

    A threshold takes all videos that are at least as sure, so equal confidences are taken together.
    """
    weights = np.ones(len(confidence)) if weights is None else weights
    _, block = np.unique(-confidence, return_inverse=True)
    taken = np.cumsum(np.bincount(block, weights=weights))
    right = np.cumsum(np.bincount(block, weights=weights * correct))
    return taken / weights.sum(), right / taken


def thin_curve(coverage: np.ndarray, accuracy: np.ndarray, most: int = MAX_POINTS) -> tuple[list[float], list[float]]:
    """At most `most` points of a curve, evenly spread over its coverage, with the last one."""
    wanted = np.searchsorted(coverage, np.linspace(0, 1, most))
    kept = np.unique(np.minimum(wanted, len(coverage) - 1))
    return coverage[kept].tolist(), accuracy[kept].tolist()
