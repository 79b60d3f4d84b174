"""Exceptions whose messages are written for the user, and helpers for such messages."""

import difflib
import os
from collections.abc import Iterable


class UserError(Exception):
    """Bad input. The message is one line that names the file, key or video and what to do."""


class Damaged(UserError):
    """An archive or a file fails its own checksum, or is not what its name says."""


class Diverged(UserError):
    """The loss of a training is no longer finite."""

    def __init__(self, loss: float, epoch: int, step: int, part: str = "training") -> None:
        """`epoch` and `step` (a batch) count from 1; `part`: training, or refit."""
        super().__init__(
            f"{part}: the loss is {loss} at epoch {epoch}, step {step}; lower training.learning_rate, lengthen"
            " training.warmup_epochs or set training.gradient_clip"
        )


MAX_NAMES_WITH_SUGGESTION = 6  # valid names that are listed after a suggestion
MAX_NAMES = 12  # that are listed where there is no suggestion
# What other tools call a thing, where another name of ours is nearer by its letters.
USUAL = {"lr": "learning_rate", "wd": "weight_decay", "bs": "batch_size"}


def did_you_mean(name: str, valid: Iterable[str]) -> str:
    """Return a hint for the end of an error message: the nearest valid name, and all of them if they are few.

    >>> did_you_mean("shard", ["shards", "kind"])
    "did you mean 'shards'? There are: kind, shards"
    """
    valid = sorted(map(str, valid))
    usual = USUAL.get(str(name))
    nearest = [usual] if usual in valid else difflib.get_close_matches(str(name), valid, n=1)
    more = f" and {len(valid) - MAX_NAMES} more" if len(valid) > MAX_NAMES else ""
    every = f"There are: {', '.join(valid[:MAX_NAMES]) or 'none'}{more}"
    if not nearest:
        return every[0].lower() + every[1:]
    return f"did you mean '{nearest[0]}'?" + (f" {every}" if len(valid) <= MAX_NAMES_WITH_SUGGESTION else "")


SHARED_MEMORY = "/dev/shm"
WORKER_DIED = ("DataLoader worker", "in DataLoader worker process")
# Parts of the messages of a full SHARED_MEMORY: the kernel's signal, and torch's errors.
SHARED_MEMORY_FULL = ("Bus error", "shared memory", "unable to write to file </torch")


def explain_worker_death(message: str) -> str | None:
    """Return one line on why a process that reads clips died, from a RuntimeError's message; None for others."""
    if not any(word in message for word in WORKER_DIED):
        return None
    if any(word in message for word in SHARED_MEMORY_FULL):
        return (
            f"{SHARED_MEMORY}{_size()} is too small for the clips that reading processes hand over: give the container"
            " more (docker run --shm-size 8g), or set training.workers: 0"
        )
    if "killed by signal: Killed" in message or "exited unexpectedly" in message:
        return (
            "a process that reads clips was killed, probably for want of memory: lower training.workers or"
            " training.batch_size, or set training.workers: 0"
        )
    return None


def _size() -> str:
    try:
        status = os.statvfs(SHARED_MEMORY)
    except OSError:
        return ""
    return f" ({status.f_blocks * status.f_frsize / 1e6:.0f} MB)"
