"""The share of an accuracy that is lost when the order of frames is destroyed; needs no torch.

Method and formulas: docs/evaluation.md.
"""

import math
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from vidbench.clips.frame_orders import NORMAL, REVERSED, SHUFFLED, SINGLE_FRAME
from vidbench.errors import UserError
from vidbench.evaluation.predictions import Predictions
from vidbench.evaluation.runs import Run, chance
from vidbench.evaluation.significance import (
    MIN_GROUPS,
    Interval,
    accuracy_interval,
    effective_groups,
    group_variance,
    t_quantile,
)
from vidbench.evaluation.tables import MotionUse
from vidbench.evaluation.test_results import TestResults
from vidbench.models.options import ModelOptions
from vidbench.video import Video

MIN_ABOVE = 0.05  # an accuracy that exceeds its baseline by less has no meaningful shares
SHARES = ("static", "unordered", "order", "relative_order")
ACCURACIES = (NORMAL, SHUFFLED, REVERSED, SINGLE_FRAME)
ENDS = ("", "_low", "_high")
Correct = dict[str, dict[str, np.ndarray]]  # model -> condition -> (S, N) right or wrong of each seed on each video


def estimate_share(part: np.ndarray, whole: np.ndarray, groups: np.ndarray) -> Interval:
    """Return mean(part) / mean(whole), one value per video each, (N,), with the group t interval of the ratio.

    It may be below 0 or above 1. The ratio theta is linearised: its variance is that of the mean of part - theta whole,
    divided by mean(whole)^2.
    """
    theta = float(part.mean() / whole.mean())
    deviation = math.sqrt(group_variance(part - theta * whole, groups)) / abs(float(whole.mean()))
    half = float(t_quantile(len(np.unique(groups)) - 1)) * deviation
    return Interval(theta, theta - half, theta + half)


def shares(correct: dict[str, np.ndarray], base: float, groups: np.ndarray) -> dict[str, Interval]:
    """Return the static, unordered and order share of the accuracy above `base`; their sum is 1.

    `correct`: (N,) mean results on each video under normal, shuffled and single_frame.
    """
    whole = correct[NORMAL] - base
    return {
        "static": estimate_share(correct[SINGLE_FRAME] - base, whole, groups),
        "unordered": estimate_share(correct[SHUFFLED] - correct[SINGLE_FRAME], whole, groups),
        "order": estimate_share(correct[NORMAL] - correct[SHUFFLED], whole, groups),
    }


def relative_order(correct: dict[str, np.ndarray], blind: np.ndarray, groups: np.ndarray) -> Interval:
    """Return the loss without order as a share of the lead over an order-invariant model; `blind`: its results (N,)."""
    return estimate_share(correct[NORMAL] - correct[SHUFFLED], correct[NORMAL] - blind, groups)


def why_undefined(normal: np.ndarray, base: float, groups: np.ndarray, classes: np.ndarray) -> str:
    """Return the reason why an accuracy has no shares, in words; "" where it has."""
    interval = accuracy_interval(normal, groups, classes)
    if math.isnan(interval.low):
        return "too few groups to say"
    if interval.low <= base:
        return f"its accuracy is not surely above chance ({100 * base:.1f} %)"
    if interval.value - base < MIN_ABOVE:
        return f"its accuracy is less than {100 * MIN_ABOVE:.0f} points above chance ({100 * base:.1f} %)"
    return ""


def why_not_relative(normal: np.ndarray, blind: np.ndarray, groups: np.ndarray) -> str:
    """Return the reason why a lead over an order-invariant model has no share, in words; "" where it has."""
    if effective_groups(groups) < MIN_GROUPS:
        return "too few groups to say"
    lead = normal - blind
    half = t_quantile(len(np.unique(groups)) - 1) * math.sqrt(group_variance(lead, groups))
    if lead.mean() <= half:
        return "its accuracy is not surely above that of the order-invariant model"
    if lead.mean() < MIN_ABOVE:
        return f"its accuracy is less than {100 * MIN_ABOVE:.0f} points above that of the order-invariant model"
    return ""


def is_order_blind(options: ModelOptions) -> bool:
    """Return True where, by construction, the model of these options ignores the order of its frames."""
    # Frames without their clip's mean do not depend on the order either, but they show what has moved.
    pools_frames = options.takes_frames and options.head.name in ("mean", "max")
    return pools_frames and not options.clip.subtract_temporal_mean


def motion_rows(runs: list[Run], videos: list[Video], splits: list[Path], unreadable: str) -> list[MotionUse]:
    """Return one row per model, the most accurate first; the arguments are those of TestResults.read."""
    correct, tested = read_correct(runs, videos, splits, unreadable)
    base = chance([video.label for video in tested], len({video.label for video in videos}))
    blind = find_order_blind(runs, correct)
    rows = [motion_row(model, correct, blind, base, tested) for model in correct]
    return sorted(rows, key=lambda row: -row.normal)


def read_correct(
    runs: list[Run], videos: list[Video], splits: list[Path], unreadable: str
) -> tuple[Correct, list[Video]]:
    """Read who was right under each condition, the shuffled ones averaged; and the tested videos."""
    shuffled = read_shuffles(runs)
    correct: Correct = {}
    for condition in (NORMAL, *shuffled, REVERSED, SINGLE_FRAME):
        results = TestResults.read(runs, videos, splits, condition=condition, unreadable=unreadable)
        for model in results.models:
            correct.setdefault(model, {})[condition] = results.correct(model)
    for conditions in correct.values():
        conditions[SHUFFLED] = np.mean([conditions.pop(name) for name in shuffled], axis=0)
    return correct, results.videos


def read_shuffles(runs: list[Run]) -> list[str]:
    """Read the names of the shuffled conditions; UserError where a run has none, or others than the first run."""
    names: list[str] = []
    for run in runs:
        path = run.predictions
        conditions = Predictions.conditions_of(path)
        shuffles = sorted(name for name in conditions if name.startswith(SHUFFLED))
        if not shuffles or not {REVERSED, SINGLE_FRAME} <= conditions:
            raise UserError(f"{path}: has no motion test; make it again with predict_videos.py --shuffles 5")
        names = names or shuffles
        if shuffles != names:
            raise UserError(
                f"{path}: has {len(shuffles)} shuffles and others {len(names)}; predict all with the same number"
            )
    return names


def find_order_blind(runs: list[Run], correct: Correct) -> list[str]:
    """Return the models that are order-invariant by construction in all of their runs, the most accurate first."""
    options: dict[str, list[ModelOptions]] = {}
    for run in runs:
        options.setdefault(run.model, []).append(ModelOptions.from_dict(run.json("options.json")["options"]))
    blind = [model for model in correct if all(map(is_order_blind, options[model]))]
    return sorted(blind, key=lambda model: -correct[model][NORMAL].mean())


def motion_row(model: str, results: Correct, blind: list[str], base: float, tested: list[Video]) -> MotionUse:
    """Return a model's row of motion_use.csv; `blind`: the order-invariant models, `base`: accuracy of chance."""
    groups = np.array([video.group for video in tested])
    correct = {condition: results[model][condition].mean(axis=0) for condition in ACCURACIES}  # (N,) each
    classes = np.array([video.label for video in tested])
    undefined = why_undefined(correct[NORMAL], base, groups, classes)
    intervals = {} if undefined else shares(correct, base, groups)
    not_relative = "no order-invariant model in the run"
    if blind:
        other = results[blind[0]][NORMAL].mean(axis=0)
        is_one = "it is order-invariant itself" if model in blind else ""
        not_relative = is_one or why_not_relative(correct[NORMAL], other, groups)
        if not not_relative:
            intervals["relative_order"] = relative_order(correct, other, groups)
    numbers: dict[str, Any] = {condition: float(values.mean()) for condition, values in correct.items()}
    for name, end in product(SHARES, ENDS):
        numbers[f"{name}{end}"] = (
            getattr(intervals[name], end.removeprefix("_") or "value") if name in intervals else None
        )
    return MotionUse(
        model=model,
        chance=base,
        blind_model="" if not_relative else blind[0],
        undefined=undefined,
        relative_undefined=not_relative,
        num_seeds=len(results[model][NORMAL]),
        num_videos=len(tested),
        **numbers,
    )
