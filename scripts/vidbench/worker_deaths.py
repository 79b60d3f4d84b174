"""What became of a process that reads clips, where a DataLoader only says that it is gone."""

import os

SHARED_MEMORY = "/dev/shm"
DIED = ("DataLoader worker", "in DataLoader worker process")
# What stands in an error where batches find no room in SHARED_MEMORY: the kernel's signal, and torch's own words.
NO_ROOM = ("Bus error", "shared memory", "unable to write to file </torch")


def explain(message: str) -> str | None:
    """One line for the message of a RuntimeError that tells of such a process; None for any other message."""
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
