"""Variants of a split with a fraction of its training videos, and the same validation and test videos.

A smaller fraction lies inside every larger one: all are the beginnings of one order of the training groups. Imports no
torch.
"""

import math
from collections.abc import Iterable, Sequence

import numpy as np

from vidbench.errors import UserError
from vidbench.video import Video

MARK = "-train"
TRIES = 100  # random orders of which the best balanced is taken
MAX_GROUPS = 50_000  # groups drawn in all tries together: a data set of very many gets fewer tries


def variant_name(split: str, fraction: float) -> str:
    """Name of a variant, with the percentage: 'fold1-train25', 'split1-train12.5'."""
    return f"{split}{MARK}{100 * fraction:g}"


def full_split(name: str) -> str:
    """The split that a variant is a part of; a full split's own name."""
    return name.partition(MARK)[0]


def is_variant(name: str) -> bool:
    """Whether a split holds a fraction of the training videos only."""
    return MARK in name


def fraction_of(name: str) -> float:
    """The fraction that a split's name says; 1 for a full split."""
    return float(name.partition(MARK)[2]) / 100 if is_variant(name) else 1.0


def with_variants(splits: Sequence[str], fractions: Iterable[float]) -> list[str]:
    """Names of full splits, and then of their variants, the smallest fractions last."""
    descending = sorted(fractions, reverse=True)
    names = [*splits, *(variant_name(split, fraction) for split in splits for fraction in descending)]
    return list(dict.fromkeys(names))


def keep_fraction(name: str, training: Sequence[Video], seed: int) -> set[str]:
    """The training videos that a variant keeps: whole groups, the classes in proportion, none of them lost.

    UserError where whole groups of all classes make no such fraction.
    """
    groups, members = np.unique([video.group for video in training], return_inverse=True)
    labels = np.unique([video.label for video in training], return_inverse=True)[1]
    order, needed = _order(members, labels, seed)
    sizes = np.bincount(members)[order].cumsum()
    wanted = fraction_of(name) * len(training)
    kept = int(np.abs(sizes - wanted).argmin()) + 1
    if kept < needed:
        least = sizes[needed - 1]
        raise UserError(
            f"split {name}: would keep {wanted:.0f} of {len(training)} training videos, but one group a class makes"
            f" {least}; raise this value of splits.fractions to {math.ceil(1000 * least / len(training)) / 1000:g}"
        )
    if kept == len(groups):
        raise UserError(
            f"split {name}: its {len(groups)} training groups are too large to leave out one; remove this value of"
            " splits.fractions, or lower it"
        )
    chosen = set(order[:kept].tolist())
    return {video.video for video, group in zip(training, members.tolist(), strict=True) if group in chosen}


def _order(members: np.ndarray, labels: np.ndarray, seed: int) -> tuple[np.ndarray, int]:
    """Order of the groups, the best balanced of several, and how many of its first hold a video of every class.

    members, labels: (N,) group and class of each video. It depends on no fraction, so that each lies in the next.
    """
    groups = int(members.max()) + 1
    attempts = max(1, min(TRIES, MAX_GROUPS // groups))
    orders = [_draw(members, labels, np.random.default_rng((seed, attempt))) for attempt in range(attempts)]
    if attempts == 1:
        return orders[0]
    table = np.zeros((groups, int(labels.max()) + 1), np.float32)
    np.add.at(table, (members, labels), 1)
    return min(orders, key=lambda found: _imbalance(table[found[0]]))


def _draw(members: np.ndarray, labels: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, int]:
    """A random order in which every class grows at the same pace; first the groups that bring a class along."""
    groups, classes = int(members.max()) + 1, int(labels.max()) + 1
    pairs, counts = np.unique(members * classes + labels, return_counts=True)
    by_count = np.argsort(counts, kind="stable")
    main = np.empty(groups, np.int64)
    main[pairs[by_count] // classes] = pairs[by_count] % classes  # of several the last stays: the most frequent class
    sizes = np.bincount(members)
    shuffled = random.permutation(groups)
    pace = np.empty(groups)
    for label in range(classes):
        own = shuffled[main[shuffled] == label]
        pace[own] = (sizes[own].cumsum() - sizes[own] / 2) / max(sizes[own].sum(), 1)
    order = shuffled[np.argsort(pace[shuffled], kind="stable")]
    return _classes_first(order, pairs, classes)


def _classes_first(order: np.ndarray, pairs: np.ndarray, classes: int) -> tuple[np.ndarray, int]:
    """`order` with the groups in front that bring a class for the first time, and their number."""
    held: dict[int, set[int]] = {}
    for group, label in zip((pairs // classes).tolist(), (pairs % classes).tolist(), strict=True):
        held.setdefault(group, set()).add(label)
    seen: set[int] = set()
    first, rest = [], []
    for group in order.tolist():
        (rest if held[group] <= seen else first).append(group)
        seen |= held[group]
    return np.array(first + rest), len(first)


def _imbalance(table: np.ndarray) -> float:
    """How far the class counts (G, K), summed from the first group on, are from proportional; 0 for never."""
    sums = table.cumsum(axis=0)
    shares = sums[-1] / sums[-1].sum()
    return float(((sums - sums.sum(axis=1, keepdims=True) * shares) ** 2).mean())
