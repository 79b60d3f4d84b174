"""The learning rate of each update: a function of the update and the history, so that resuming needs no state."""

import math
from collections.abc import Sequence

from vidbench.models.options import TrainingOptions

# One-cycle (Smith & Topin 2018, arXiv:1708.07120) with the values of torch's OneCycleLR.
RISING, FIRST, LAST, MIN_MOMENTUM, MAX_MOMENTUM = 0.3, 1 / 25, 1 / 250_000, 0.85, 0.95


def learning_rate(update: int, updates_per_epoch: int, settings: TrainingOptions, history: Sequence[dict]) -> float:
    """Return the learning rate of an update (from 0).

    `history`: the finished epochs' rows; `plateau` reads their `val_loss`.
    """
    peak = settings.learning_rate
    total = settings.epochs * updates_per_epoch
    if settings.schedule == "one_cycle":
        return peak * _one_cycle(update, total, FIRST, 1.0, LAST)
    warmup = warmup_epochs(settings) * updates_per_epoch
    if update < warmup:
        return peak * (update + 1) / warmup
    if settings.schedule == "cosine":
        return peak * 0.5 * (1 + math.cos(math.pi * (update - warmup) / max(total - warmup, 1)))
    if settings.schedule == "step":
        passed = sum(update >= milestone * total for milestone in settings.milestones)
        return peak * settings.decay_factor**passed
    if settings.schedule == "plateau":
        return peak * settings.decay_factor ** _count_plateaus(settings, history)
    return peak


def warmup_epochs(settings: TrainingOptions) -> float:
    """Return the epochs of warm-up: half of all at most, or short trainings would end before they begin."""
    return min(settings.warmup_epochs, settings.epochs / 2)


def momentum(update: int, updates_per_epoch: int, settings: TrainingOptions) -> float | None:
    """Return SGD's momentum or AdamW's first beta: it falls while one-cycle's rate rises; None leaves it as it is."""
    if settings.schedule != "one_cycle":
        return None
    return _one_cycle(update, settings.epochs * updates_per_epoch, MAX_MOMENTUM, MIN_MOMENTUM, MAX_MOMENTUM)


def _one_cycle(update: int, total: int, first: float, middle: float, last: float) -> float:
    """From `first` to `middle` over the first 30 % of the updates, then to `last`, both along a cosine."""
    top = RISING * total - 1
    if update < top:
        return _cosine(first, middle, update / top)
    return _cosine(middle, last, min((update - top) / max(total - 1 - top, 1e-9), 1.0))


def _cosine(start: float, end: float, done: float) -> float:
    return end + (start - end) * 0.5 * (1 + math.cos(math.pi * done))


def _count_plateaus(settings: TrainingOptions, history: Sequence[dict]) -> int:
    """Count how often, after the warm-up, the validation loss did not fall for more than `plateau_patience` epochs."""
    count, waited, best = 0, 0, math.inf
    for row in history[math.ceil(warmup_epochs(settings)) :]:
        waited = 0 if row["val_loss"] < best else waited + 1
        best = min(best, row["val_loss"])
        if waited > settings.plateau_patience:
            count, waited = count + 1, 0
    return count
