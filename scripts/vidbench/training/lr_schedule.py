"""The learning rate of each update: a function of the update and the history, so that resuming needs no state."""

import math
from collections.abc import Sequence

from vidbench.models.options import TrainingOptions

# One-cycle (Smith & Topin 2018, arXiv:1708.07120) with the values of torch's OneCycleLR.
RISING = 0.3  # part of the updates in which the rate rises
FIRST = 1 / 25  # of the peak
LAST = 1 / 250_000
MIN_MOMENTUM = 0.85
MAX_MOMENTUM = 0.95
MAX_CLIPS = 2048  # of a pass for batch norm's precise statistics: more make them hardly better
MIN_UPDATES = 100  # ten times those that batch norm's running statistics are an average of: docs/weights.md


def learning_rate(update: int, updates_per_epoch: int, settings: TrainingOptions, history: Sequence[dict]) -> float:
    """Return the learning rate of an update, counted from 0 over all epochs.

    `history`: the finished epochs' rows, of which the schedule `plateau` reads `val_loss`.
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


def count_updates(settings: TrainingOptions, clips_per_epoch: int) -> int:
    """Return the updates of all epochs."""
    return settings.epochs * math.ceil(clips_per_epoch / (settings.batch_size * settings.accumulate))


def needs_precise_batch_norm(settings: TrainingOptions, clips_per_epoch: int) -> bool:
    """Resolve `precise_batch_norm`, with `auto` by the updates of the whole training."""
    if settings.precise_batch_norm == "auto":
        return count_updates(settings, clips_per_epoch) < MIN_UPDATES
    return bool(settings.precise_batch_norm)


def warmup_epochs(settings: TrainingOptions) -> float:
    """Return the epochs of warm-up: at most half of all, or short trainings would end within it."""
    return min(settings.warmup_epochs, settings.epochs / 2)


def momentum(update: int, updates_per_epoch: int, settings: TrainingOptions) -> float | None:
    """Return SGD's momentum or AdamW's first beta, which falls while one-cycle's rate rises; None: it stays."""
    if settings.schedule != "one_cycle":
        return None
    return _one_cycle(update, settings.epochs * updates_per_epoch, MAX_MOMENTUM, MIN_MOMENTUM, MAX_MOMENTUM)


def _one_cycle(update: int, total: int, first: float, middle: float, last: float) -> float:
    """Return a value that moves from `first` to `middle` in the first 30 % of the updates, and then to `last`."""
    top = RISING * total - 1
    if update < top:
        return _cosine(first, middle, update / top)
    return _cosine(middle, last, min((update - top) / max(total - 1 - top, 1e-9), 1.0))


def _cosine(start: float, end: float, done: float) -> float:
    """Return the value between `start` (`done` = 0) and `end` (1) on half a cosine."""
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
