"""The learning rate of each step: a function of the step and the history, so that resuming needs no state."""

import math
from collections.abc import Sequence

# One-cycle (Smith & Topin 2018, arXiv:1708.07120) with the values of torch's OneCycleLR.
RISING, FIRST, LAST, LOWEST_MOMENTUM, HIGHEST_MOMENTUM = 0.3, 1 / 25, 1 / 250_000, 0.85, 0.95


def learning_rate(step: int, steps_an_epoch: int, training: dict, history: Sequence[dict]) -> float:
    """Learning rate of step `step` (from 0) by the `training` options.

    `history`: the finished epochs' rows; `plateau` reads their `val_loss`.
    """
    highest, kind = training["learning_rate"], training["schedule"]
    total = training["epochs"] * steps_an_epoch
    if kind == "one_cycle":
        return highest * _one_cycle(step, total, FIRST, 1.0, LAST)
    warmup = warmup_epochs(training) * steps_an_epoch
    if step < warmup:
        return highest * (step + 1) / warmup
    if kind == "cosine":
        return highest * 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(total - warmup, 1)))
    if kind == "step":
        passed = sum(step >= milestone * total for milestone in training["milestones"])
        return highest * training["decay_factor"] ** passed
    if kind == "plateau":
        return highest * training["decay_factor"] ** _plateaus(training, history)
    return highest


def warmup_epochs(training: dict) -> float:
    """Epochs of warm-up: half of all at most, or short trainings would end before they begin."""
    return min(training["warmup_epochs"], training["epochs"] / 2)


def momentum(step: int, steps_an_epoch: int, training: dict) -> float | None:
    """SGD's momentum or AdamW's first beta at a step: falls while one-cycle's rate rises; None leaves it as it is."""
    if training["schedule"] != "one_cycle":
        return None
    return _one_cycle(step, training["epochs"] * steps_an_epoch, HIGHEST_MOMENTUM, LOWEST_MOMENTUM, HIGHEST_MOMENTUM)


def _one_cycle(step: int, total: int, first: float, middle: float, last: float) -> float:
    """From `first` to `middle` over the first 30 % of the steps, then to `last`, both along a cosine."""
    top = RISING * total - 1
    if step < top:
        return _cosine(first, middle, step / top)
    return _cosine(middle, last, min((step - top) / max(total - 1 - top, 1e-9), 1.0))


def _cosine(start: float, end: float, done: float) -> float:
    return end + (start - end) * 0.5 * (1 + math.cos(math.pi * done))


def _plateaus(training: dict, history: Sequence[dict]) -> int:
    """How often, after the warm-up, the validation loss did not fall for more than `plateau_patience` epochs."""
    count, waited, best = 0, 0, math.inf
    for row in history[math.ceil(warmup_epochs(training)) :]:
        waited = 0 if row["val_loss"] < best else waited + 1
        best = min(best, row["val_loss"])
        if waited > training["plateau_patience"]:
            count, waited = count + 1, 0
    return count
