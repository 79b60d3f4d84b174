"""Which models are worth their cost: the Pareto front of accuracy and cost."""

from collections.abc import Sequence
from math import isnan


def on_front(accuracy: Sequence[float], cost: Sequence[float]) -> list[bool]:
    """Whether no other model is at least as accurate and at least as cheap, and one of both truly.

    Models that are equal in both stand on it together. A model whose accuracy or cost is NaN neither stands on the
    front nor keeps others from it.
    """
    known = [(a, c) for a, c in zip(accuracy, cost, strict=True) if not (isnan(a) or isnan(c))]
    return [
        (a, c) in known and not any(_beats(other, (a, c)) for other in known)
        for a, c in zip(accuracy, cost, strict=True)
    ]


def _beats(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one[0] >= other[0] and one[1] <= other[1] and one != other
