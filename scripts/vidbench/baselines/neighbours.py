"""k nearest neighbours: the classes of the most similar videos vote."""

from collections.abc import Iterator, Sequence

import numpy as np

COSINE = "cosine"
EUCLIDEAN = "euclidean"
METRICS = (COSINE, EUCLIDEAN)
CHUNK = 512  # new rows at a time: their distances to all others are in memory
TIE = 1e-3  # of a vote: what nearer neighbours count more, together


def predict_each(
    settings: Sequence[tuple[int, str]], x: np.ndarray, targets: np.ndarray, new: np.ndarray, num_classes: int
) -> Iterator[np.ndarray]:
    """Yield the logits (n, K) of new rows (n, D) for each (k, metric), by rows x (N, D) of classes targets (N,).

    With fewer than k rows all of them vote. Logits are logarithms of the shares of votes, with one vote in all spread
    over the classes, as a share of 0 has none.
    """
    nearest: dict[str, np.ndarray] = {}  # by metric, so that each is computed once
    most = min(max(k for k, _ in settings), len(x))
    for k, metric in settings:
        if metric not in nearest:
            nearest[metric] = find_nearest(x, new, metric, most)
        votes = count_votes(targets[nearest[metric][:, :k]], num_classes)
        yield np.log((votes + 1 / num_classes) / (min(k, len(x)) + 1))


def find_nearest(x: np.ndarray, new: np.ndarray, metric: str, k: int) -> np.ndarray:
    """Return the numbers (n, k) of the rows of x (N, D) nearest to each new row (n, D), the nearest first."""
    if metric == COSINE:
        x, new = _to_unit_length(x), _to_unit_length(new)
    squares = (x**2).sum(axis=1)  # of vectors of one length the nearest is that with the smallest angle
    chunks = [
        np.argsort(squares - 2 * new[first : first + CHUNK] @ x.T, axis=1, kind="stable")[:, :k]
        for first in range(0, len(new), CHUNK)
    ]
    return np.concatenate(chunks) if chunks else np.empty((0, k), np.int64)


def count_votes(classes: np.ndarray, num_classes: int) -> np.ndarray:
    """Count the votes (n, K) of neighbours of these classes (n, k), the nearest first.

    Of classes with equally many votes the one with the nearest neighbours wins: the r-th has TIE / 2^r more than one.
    """
    weights = 1 + TIE * 0.5 ** np.arange(1, classes.shape[1] + 1)
    votes = np.zeros((len(classes), num_classes))
    for weight, column in zip(weights, classes.T, strict=True):
        votes[np.arange(len(classes)), column] += weight
    return votes


def _to_unit_length(x: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(x, axis=1, keepdims=True)
    return x / np.where(lengths > 0, lengths, 1)
