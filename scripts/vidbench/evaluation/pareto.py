"""The Pareto front of accuracy and cost: the models that are worth their cost."""

from collections.abc import Sequence
from math import isnan


def on_front(accuracy: Sequence[float], cost: Sequence[float]) -> list[bool]:
    """Return for each model whether it is on the Pareto front.

    It is where no other model is at least as accurate and at least as cheap, and strictly better in one of both. Models
    that are equal in both are on it together. A model whose accuracy or cost is NaN is not, and excludes no other.
    """
    points = [(a, c) for a, c in zip(accuracy, cost, strict=True) if not (isnan(a) or isnan(c))]
    return [
        (a, c) in points and not any(_beats(other, (a, c)) for other in points)
        for a, c in zip(accuracy, cost, strict=True)
    ]


def _beats(point: tuple[float, float], other: tuple[float, float]) -> bool:
    """Return whether `one` dominates `other`; both are (accuracy, cost)."""
    return point[0] >= other[0] and point[1] <= other[1] and point != other
