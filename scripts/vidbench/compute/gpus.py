"""Giving each process a GPU of its own where several jobs run at once. Imports no torch.

Snakemake counts GPUs, but does not assign them to jobs. So each process locks the file of the GPU that it takes; the
kernel frees the lock when the process ends, in whatever way. A training on several GPUs takes all of them or none, or
else two such trainings, each with half of the GPUs, would wait for each other for ever.
"""

import atexit
import fcntl
import json
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from vidbench.compute.machine import query_gpus
from vidbench.errors import UserError
from vidbench.files import NO_LOCKS, write_errors, write_json

POLL_SECONDS = 1.0
_lock_files: list[TextIO] = []  # open as long as the process lives


@dataclass(frozen=True)
class LocalRanks:
    """The processes of one training on this machine: this one's number, how many there are, and who started them."""

    rank: int = 0
    size: int = 1
    parent: int = 0  # process of torchrun
    restarts: str = "0"

    @classmethod
    def of_torchrun(cls) -> "LocalRanks":
        """Read what torchrun says of its processes; without torchrun there is one."""
        rank = int(os.environ.get("LOCAL_RANK", 0))
        size = int(os.environ.get("LOCAL_WORLD_SIZE", 1))
        return cls(rank, size, os.getppid(), os.environ.get("TORCHELASTIC_RESTART_COUNT", "0"))

    @property
    def name(self) -> str:
        """A name that no other training on this machine has, nor had: process numbers come again."""
        try:
            status = Path(f"/proc/{self.parent}/stat").read_text(encoding="utf-8")
            started = status.rpartition(")")[2].split()[19]
        except (OSError, IndexError):
            started = "0"
        return f"training-{self.parent}-{started}-{self.restarts}"


SINGLE_RANK = LocalRanks()


def lock_folder() -> Path:
    """Return the folder of the lock files, the same for all of a user's jobs on this machine."""
    return Path(tempfile.gettempdir(), f"vidbench-gpus-{os.getuid()}")


def acquire_gpu(names: Sequence[str], ranks: LocalRanks = SINGLE_RANK, folder: Path | None = None) -> int:
    """Return the index in `names` of this process's GPU, which no other process has; wait until there is one.

    `names` are unique among the machine's GPUs, e.g. their UUIDs: processes may see different GPUs. Of a training with
    several processes the first one takes the GPUs of all, and the others ask it for theirs.
    """
    folder = folder or lock_folder()
    with write_errors(folder):
        folder.mkdir(mode=0o700, exist_ok=True)
    shared = folder / f"{ranks.name}.json"
    if ranks.rank > 0:
        return _ask_first_rank(shared, ranks)
    taken = acquire_gpus(names, ranks.size, folder)
    if ranks.size > 1:
        write_json(shared, taken)
        atexit.register(shared.unlink, missing_ok=True)
    return taken[0]


def acquire_gpus(names: Sequence[str], number: int, folder: Path) -> list[int]:
    """Return the indices in `names` of `number` GPUs that no other process has; wait until there are as many.

    Meanwhile none is held. Of more free ones than are needed, those with the most free memory are taken: who does not
    use VidBench takes no lock.
    """
    with write_errors(folder):
        files = [open(folder / f"{name}.lock", "a") for name in names]  # noqa: SIM115 - kept open on purpose
    _lock_files.extend(files)
    waiting = False
    while True:
        try:
            if taken := _try_all(names, files, number, folder):
                return taken
        except OSError as error:
            if error.errno not in NO_LOCKS:
                raise
            print(f"WARNING: {folder}: this disk has no file locks, so jobs may share a GPU; set TMPDIR", flush=True)
            return list(range(number))
        if not waiting:
            taken = f"all {len(names)}" if number == 1 else f"too many of {len(names)}"
            print(f"{taken} GPUs are taken by other jobs, waiting for {number} ({folder})", flush=True)
        waiting = True
        time.sleep(POLL_SECONDS)


def _try_all(names: Sequence[str], files: Sequence[TextIO], number: int, folder: Path) -> list[int]:
    """Lock `number` free GPUs and return their indices, the most free memory first; of fewer lock none, return []."""
    with _alone(folder):
        free = [index for index, file in enumerate(files) if _try_lock(file)]
        taken = _sort_by_free_memory(free, names)[:number] if len(free) > number else free
        if len(taken) < number:
            taken = []
        for index in set(free) - set(taken):
            fcntl.lockf(files[index], fcntl.LOCK_UN)
        return taken


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one process at a time try: two that try at once might both find too few."""
    with open(folder / "all.lock", "a") as file:
        fcntl.lockf(file, fcntl.LOCK_EX)
        yield


def _try_lock(file: TextIO) -> bool:
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # POSIX allows both where another process has the lock
        return False
    return True


def _sort_by_free_memory(indices: Sequence[int], names: Sequence[str]) -> list[int]:
    """Return the indices, GPUs with the most free memory first; the order stays where nvidia-smi knows none."""
    free_mb = {gpu.uuid: gpu.free_mb or 0 for gpu in query_gpus()}
    return sorted(indices, key=lambda index: -free_mb.get(names[index], 0))


def _ask_first_rank(shared: Path, ranks: LocalRanks) -> int:
    """Return the GPU that the training's first process took for this one; wait until it has."""
    while True:
        try:
            return json.loads(shared.read_text(encoding="utf-8"))[ranks.rank]
        except FileNotFoundError:
            if ranks.parent != os.getppid():
                raise UserError("torchrun has ended while this process waited for its GPU; run again") from None
        time.sleep(POLL_SECONDS)
