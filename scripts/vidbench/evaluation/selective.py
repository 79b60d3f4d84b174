"""Selective accuracy: that on the most confident videos, at each coverage."""

import numpy as np

MAX_POINTS = 200  # of a curve in a file


def selective_accuracy(
    confidence: np.ndarray, correct: np.ndarray, weights: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return coverage and accuracy, (T,) each, at every threshold of the confidence, the highest first.

    A threshold accepts all videos that are at least as confident, so equal confidences are accepted together.
    """
    weights = np.ones(len(confidence)) if weights is None else weights
    _, block = np.unique(-confidence, return_inverse=True)
    accepted = np.cumsum(np.bincount(block, weights=weights))
    right = np.cumsum(np.bincount(block, weights=weights * correct))
    return accepted / weights.sum(), right / accepted


def thin_curve(
    coverage: np.ndarray, accuracy: np.ndarray, max_points: int = MAX_POINTS
) -> tuple[list[float], list[float]]:
    """Select at most `max_points` points of a curve, evenly spread over its coverage, with the last one."""
    places = np.searchsorted(coverage, np.linspace(0, 1, max_points))
    selected = np.unique(np.minimum(places, len(coverage) - 1))
    return coverage[selected].tolist(), accuracy[selected].tolist()
