"""How much of an accuracy is lost when the order of frames is taken away; with NumPy and SciPy, without torch.

Method and formulas: docs/evaluation.md.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from vidbench import models
from vidbench.evaluation.significance import (
    CONFIDENCE,
    FEWEST_GROUPS,
    accuracy_interval,
    effective_groups,
    group_variance,
)

LEAST_ABOVE = 0.05  # an accuracy less above what it is held against says nothing of shares
SHARES = ("static", "unordered", "order", "relative_order")


@dataclass(frozen=True)
class Share:
    """A part of an accuracy with its 95 % interval; of 1, but not cut to 0 and 1."""

    value: float
    low: float
    high: float


def share(part: np.ndarray, whole: np.ndarray, groups: np.ndarray) -> Share:
    """mean(part) / mean(whole), both (N,), a value a video, with the group t interval of the linearised ratio."""
    theta = float(part.mean() / whole.mean())
    deviation = math.sqrt(group_variance(part - theta * whole, groups)) / abs(float(whole.mean()))
    half = float(stats.t.ppf(0.5 + CONFIDENCE / 2, len(np.unique(groups)) - 1)) * deviation
    return Share(theta, theta - half, theta + half)


def shares(correct: dict[str, np.ndarray], base: float, groups: np.ndarray) -> dict[str, Share]:
    """Static, unordered and order share of the accuracy above `base`; their sum is 1.

    `correct`: (N,) mean results on each video under normal, shuffled and single_frame.
    """
    whole = correct["normal"] - base
    return {
        "static": share(correct["single_frame"] - base, whole, groups),
        "unordered": share(correct["shuffled"] - correct["single_frame"], whole, groups),
        "order": share(correct["normal"] - correct["shuffled"], whole, groups),
    }


def relative_order(correct: dict[str, np.ndarray], blind: np.ndarray, groups: np.ndarray) -> Share:
    """What is lost without order, as a share of what the model has over an order-blind one, results `blind` (N,)."""
    return share(correct["normal"] - correct["shuffled"], correct["normal"] - blind, groups)


def why_undefined(normal: np.ndarray, base: float, groups: np.ndarray, classes: np.ndarray) -> str:
    """Why an accuracy has no shares, in words; "" where it has."""
    interval = accuracy_interval(normal, groups, classes)
    if math.isnan(interval.low):
        return "too few groups to say"
    if interval.low <= base:
        return f"its accuracy is not surely above chance ({100 * base:.1f} %)"
    if interval.value - base < LEAST_ABOVE:
        return f"its accuracy is less than {100 * LEAST_ABOVE:.0f} points above chance ({100 * base:.1f} %)"
    return ""


def why_not_relative(normal: np.ndarray, blind: np.ndarray, groups: np.ndarray) -> str:
    """As why_undefined, for what a model has over an order-blind one."""
    if effective_groups(groups) < FEWEST_GROUPS:
        return "too few groups to say"
    ahead = normal - blind
    half = stats.t.ppf(0.5 + CONFIDENCE / 2, len(np.unique(groups)) - 1) * math.sqrt(group_variance(ahead, groups))
    if ahead.mean() <= half:
        return "its accuracy is not surely above that of the order-blind model"
    if ahead.mean() < LEAST_ABOVE:
        return f"its accuracy is less than {100 * LEAST_ABOVE:.0f} points above that of the order-blind model"
    return ""


def is_order_blind(options: dict) -> bool:
    """Whether the model of these complete options gives the same whatever the order of its frames, by construction."""
    backbone = options.get("backbone")
    if backbone is None or backbone["architecture"] in models.ARCHITECTURES:
        return False
    # Pictures without their clip's mean still do not depend on the order, but show what has moved.
    return options["head"] in ("mean", "max") and not options["clip"]["subtract_temporal_mean"]
