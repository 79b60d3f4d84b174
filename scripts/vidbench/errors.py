"""The exceptions that a user is meant to read."""

import difflib
import os
from collections.abc import Iterable


class UserError(Exception):
    """Bad input. The message is one line that names the file, key or video and what to do."""


class Damaged(UserError):
    """An archive or a file fails its own checksum, or is not what its name says."""


class Diverged(UserError):
    """A training whose loss is not finite any more."""

    def __init__(self, loss: float, epoch: int, step: int) -> None:
        """`epoch` and `step` (a batch) count from 1."""
        super().__init__(
            f"training: the loss is {loss} at epoch {epoch}, step {step}; lower training.learning_rate, lengthen"
            " training.warmup_epochs or set training.gradient_clip"
        )


FEW, MAX_NAMES = 6, 12  # names that fit into a message beside a suggestion, and at all


def did_you_mean(name: str, valid: Iterable[str]) -> str:
    """A hint that ends an error message: the nearest valid name, and all of them where they are few.

    >>> did_you_mean("shard", ["shards", "kind"])
    "did you mean 'shards'? There are: kind, shards"
    """
    valid = sorted(map(str, valid))
    nearest = difflib.get_close_matches(str(name), valid, n=1)
    more = f" and {len(valid) - MAX_NAMES} more" if len(valid) > MAX_NAMES else ""
    every = f"There are: {', '.join(valid[:MAX_NAMES]) or 'none'}{more}"
    if not nearest:
        return every[0].lower() + every[1:]
    return f"did you mean '{nearest[0]}'?" + (f" {every}" if len(valid) <= FEW else "")


SHARED_MEMORY = "/dev/shm"
DIED = ("DataLoader worker", "in DataLoader worker process")
# What stands in an error where batches find no room in SHARED_MEMORY: the kernel's signal, and torch's own words.
NO_ROOM = ("Bus error", "shared memory", "unable to write to file </torch")


def explain_worker_death(message: str) -> str | None:
    """One line where a RuntimeError's message says that a process that reads clips is gone; None for any other."""
    if not any(word in message for word in DIED):
        return None
    if any(word in message for word in NO_ROOM):
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
        found = os.statvfs(SHARED_MEMORY)
    except OSError:
        return ""
    return f" ({found.f_blocks * found.f_frsize / 1e6:.0f} MB)"
