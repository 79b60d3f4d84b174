"""Explanations with ordinary numbers but for some, of a model X that has learned well."""

import math
from typing import Any

from vidbench.evaluation.explanations import Alternative, ClassPair, Learning


def alternative(name: str, top1: float, difference: float, half: float = 0.03) -> Alternative:
    """A simpler explanation with this accuracy; the model's lead over it, and half of its interval."""
    seen = 1.5 * half if half else None
    return Alternative(name, top1, top1 - 0.04, top1 + 0.04, difference, difference - half, difference + half, seen)


def untested(name: str, top1: float, difference: float) -> Alternative:
    """A simpler explanation with too few groups for a test."""
    return Alternative(name, top1, None, None, difference, None, None, None)


def learning(model: str = "X", **numbers: Any) -> Learning:
    """Three trainings of a model."""
    ordinary: dict[str, Any] = {
        "trainings": 3, "underfit": 0, "improving": 0, "overfit": 0, "epochs": 30, "train_end": 0.05, "val_lowest": 0.2,
        "val_before_end": 0.2, "val_end": 0.2, "lowest_epoch": 25, "guess": math.log(4), "frozen": False,
        "train_videos": 200, "train_groups": 60,
    }  # fmt: skip
    return Learning(model=model, **ordinary | numbers)


def pair(**numbers: Any) -> ClassPair:
    """Two classes that are not told apart."""
    ordinary: dict[str, Any] = {
        "a": "left", "b": "right", "right": 0.55, "low": 0.45, "high": 0.65, "videos": 40.0, "groups": 20, "gain": 0.06,
    }  # fmt: skip
    return ClassPair(**ordinary | numbers)
