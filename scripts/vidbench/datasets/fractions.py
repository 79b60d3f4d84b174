"""Variants of a split with a fraction of its training videos, and the same validation and test videos.

Every smaller fraction is part of every larger one: all are beginnings of one order of the training groups. Imports no
torch.
"""

import math
from collections.abc import Iterable, Sequence

import numpy as np

from vidbench.errors import UserError
from vidbench.video import Video

MARK = "-train"
TRIES = 100  # random orders, of which the best balanced is used
MAX_GROUPS = 50_000  # groups drawn in all tries together: a data set with very many groups gets fewer tries


def variant_name(split: str, fraction: float) -> str:
    """Return the name of a variant, with the percentage: 'fold1-train25', 'split1-train12.5'."""
    return f"{split}{MARK}{100 * fraction:g}"


def full_split(name: str) -> str:
    """Return the name of the full split that a variant is part of; for a full split, its own name."""
    return name.partition(MARK)[0]


def is_variant(name: str) -> bool:
    """Return whether a split holds only a fraction of the training videos."""
    return MARK in name


def fraction_of(name: str) -> float:
    """Return the fraction in a split's name; 1 for a full split."""
    return float(name.partition(MARK)[2]) / 100 if is_variant(name) else 1.0


def with_variants(splits: Sequence[str], fractions: Iterable[float]) -> list[str]:
    """Return the names of full splits, followed by those of their variants, the smallest fractions last."""
    descending = sorted(fractions, reverse=True)
    names = [*splits, *(variant_name(split, fraction) for split in splits for fraction in descending)]
    return list(dict.fromkeys(names))


def keep_fraction(name: str, training: Sequence[Video], seed: int) -> set[str]:
    """Return the training videos that a variant keeps: whole groups, the classes in proportion, none of them lost.

    UserError where whole groups of all classes make no such fraction.
    """
    names, groups = np.unique([video.group for video in training], return_inverse=True)
    labels = np.unique([video.label for video in training], return_inverse=True)[1]
    order, needed = _find_order(groups, labels, seed)
    sizes = np.bincount(groups)[order].cumsum()
    target = fraction_of(name) * len(training)
    num_kept = int(np.abs(sizes - target).argmin()) + 1
    if num_kept < needed:
        smallest = sizes[needed - 1]
        raise UserError(
            f"split {name}: would keep {target:.0f} of {len(training)} training videos, but one group per class makes"
            f" {smallest}; raise this value of splits.fractions to"
            f" {math.ceil(1000 * smallest / len(training)) / 1000:g}"
        )
    if num_kept == len(names):
        raise UserError(
            f"split {name}: its {len(names)} training groups are too large to leave out one; remove this value of"
            " splits.fractions, or lower it"
        )
    kept_groups = set(order[:num_kept].tolist())
    return {video.id for video, group in zip(training, groups.tolist(), strict=True) if group in kept_groups}


def _find_order(groups: np.ndarray, labels: np.ndarray, seed: int) -> tuple[np.ndarray, int]:
    """Return the best balanced of several orders of the groups, and how many of its first hold all classes.

    `groups`, `labels`: (N,) group and class of each video. The order depends on no fraction, so that every fraction is
    part of the next larger one.
    """
    num_groups = int(groups.max()) + 1
    attempts = max(1, min(TRIES, MAX_GROUPS // num_groups))
    orders = [_draw_order(groups, labels, np.random.default_rng((seed, attempt))) for attempt in range(attempts)]
    if attempts == 1:
        return orders[0]
    table = np.zeros((num_groups, int(labels.max()) + 1), np.float32)
    np.add.at(table, (groups, labels), 1)
    return min(orders, key=lambda order_and_needed: _imbalance(table[order_and_needed[0]]))


def _draw_order(groups: np.ndarray, labels: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, int]:
    """Draw an order in which all classes grow at the same rate, and return it as _find_order() does."""
    num_groups = int(groups.max()) + 1
    num_classes = int(labels.max()) + 1
    pairs, counts = np.unique(groups * num_classes + labels, return_counts=True)  # of a group and a class
    by_count = np.argsort(counts, kind="stable")
    main = np.empty(num_groups, np.int64)
    main[pairs[by_count] // num_classes] = pairs[by_count] % num_classes  # the last one stays: the most frequent class
    sizes = np.bincount(groups)
    shuffled = random.permutation(num_groups)
    # The middle of each group's share of its class, in (0, 1). Sorted by it, every beginning of the order has the
    # classes in proportion: 4 equal groups of class a (1/8, 3/8, 5/8, 7/8) and 2 of b (1/4, 3/4) give a b a a b a.
    rank = np.empty(num_groups)
    for label in range(num_classes):
        class_groups = shuffled[main[shuffled] == label]
        class_sizes = sizes[class_groups]
        rank[class_groups] = (class_sizes.cumsum() - class_sizes / 2) / max(class_sizes.sum(), 1)
    order = shuffled[np.argsort(rank[shuffled], kind="stable")]
    return _put_classes_first(order, pairs, num_classes)


def _put_classes_first(order: np.ndarray, pairs: np.ndarray, num_classes: int) -> tuple[np.ndarray, int]:
    """Move the groups with the first video of a class to the front of `order`; return it and their number."""
    classes: dict[int, set[int]] = {}  # by group
    for group, label in zip((pairs // num_classes).tolist(), (pairs % num_classes).tolist(), strict=True):
        classes.setdefault(group, set()).add(label)
    seen: set[int] = set()
    first: list[int] = []
    rest: list[int] = []
    for group in order.tolist():
        (rest if classes[group] <= seen else first).append(group)
        seen |= classes[group]
    return np.array(first + rest), len(first)


def _imbalance(table: np.ndarray) -> float:
    """Return the mean squared distance of class counts (G, K), summed from the first group on, from proportional."""
    sums = table.cumsum(axis=0)
    shares = sums[-1] / sums[-1].sum()
    return float(((sums - sums.sum(axis=1, keepdims=True) * shares) ** 2).mean())
