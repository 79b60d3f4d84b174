"""Folds of videos that may have several labels each: whole groups, each label spread over the folds.

scikit-learn stratifies by one class per video; a set of labels is no such class, as most sets are rare.
"""

from collections.abc import Sequence

import numpy as np

from vidbench.video import Video

TRIES = 100  # random draws, of which the best balanced is used
MAX_GROUPS = 50_000  # groups drawn in all tries together: a data set with very many groups gets fewer tries


def count_labels(videos: Sequence[Video]) -> tuple[np.ndarray, np.ndarray]:
    """Return the sorted names of the groups (G,), and how many videos of each have each label (G, K)."""
    names, groups = np.unique([video.group for video in videos], return_inverse=True)
    pairs = [(group, label) for group, video in zip(groups, videos, strict=True) for label in video.labels]
    labels, numbers = np.unique([label for _, label in pairs], return_inverse=True)
    table = np.zeros((len(names), len(labels)))
    np.add.at(table, ([group for group, _ in pairs], numbers), 1)
    return names, table


def draw_folds(videos: Sequence[Video], count: int, seed: int) -> np.ndarray:
    """Return the fold of each video, (N,): whole groups, the labels balanced as in the best of TRIES draws."""
    names, table = count_labels(videos)
    groups = np.searchsorted(names, [video.group for video in videos])
    sizes = np.bincount(groups, minlength=len(names))
    counts = np.column_stack([table, sizes])  # (G, K + 1): the labels, and the videos
    tries = range(max(1, min(TRIES, MAX_GROUPS // len(names))))
    draws = [_draw_once(counts, count, np.random.default_rng((seed, attempt))) for attempt in tries]
    return min(draws, key=lambda folds: _imbalance(counts, folds, count))[groups]


def _draw_once(counts: np.ndarray, folds: int, random: np.random.Generator) -> np.ndarray:
    """Put each group, the largest first and equal ones in random order, where it leaves the least imbalance; (G,)."""
    order = random.permutation(len(counts))
    order = order[np.argsort(-counts[order].max(axis=1), kind="stable")]
    weight = 1 / np.maximum(counts.sum(axis=0), 1)  # (K + 1,) a rare label counts as much as a frequent one
    held = np.zeros((folds, counts.shape[1]))
    chosen = np.empty(len(counts), np.int64)
    for group in order:
        # The sum of squares over folds is smallest where all hold the same. Only the growth of one differs.
        growth = ((2 * held + counts[group]) * counts[group] * weight**2).sum(axis=1)
        chosen[group] = int(growth.argmin())
        held[chosen[group]] += counts[group]
    return chosen


def _imbalance(counts: np.ndarray, folds: np.ndarray, number: int) -> float:
    """Return 0 where each fold has the same share of every label and of the videos, and more the further from that."""
    table = np.zeros((number, counts.shape[1]))
    np.add.at(table, folds, counts)
    shares = table / np.maximum(table.sum(axis=0), 1)
    return float(((shares - 1 / number) ** 2).sum())
