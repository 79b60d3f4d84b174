"""Whether this machine has GPUs, found without importing torch; and one GPU per process where several jobs run at once.

Snakemake counts GPUs, but does not say which one a job gets. So each process locks a file of the GPU that it takes; the
kernel frees the lock when the process dies, however it dies.
"""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from vidbench.files import write_errors

DEVICE_FILES = ("/dev/nvidiactl", "/dev/dxg", "/dev/kfd")  # NVIDIA, NVIDIA under WSL, AMD
LOOK_AGAIN = 1.0  # seconds
_held: list[TextIO] = []  # open as long as the process lives


def gpu_present() -> bool:
    """Whether this machine has a GPU that CUDA_VISIBLE_DEVICES does not hide."""
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1")
    return not hidden and (any(map(os.path.exists, DEVICE_FILES)) or shutil.which("nvidia-smi") is not None)


def folder() -> Path:
    """Where the lock files lie: the same folder for all of a user's jobs on this machine."""
    return Path(tempfile.gettempdir(), f"vidbench-gpus-{os.getuid()}")


def acquire_gpu(names: Sequence[str], places: Path | None = None) -> int:
    """Place in `names` of a GPU that no other process has taken; waits until there is one.

    `names` tell the machine's GPUs apart for all processes, whichever of them each one sees.
    """
    places = places or folder()
    with write_errors(places):
        places.mkdir(mode=0o700, exist_ok=True)
        files = [open(places / f"{name}.lock", "a") for name in names]  # noqa: SIM115 - kept open on purpose
    _held.extend(files)
    waiting = False
    while True:
        for place, file in enumerate(files):
            try:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except (BlockingIOError, PermissionError):  # what POSIX lets a system say of a lock that is held
                continue
            return place
        if not waiting:
            print(f"all {len(names)} GPUs are taken by other jobs, waiting for one ({places})", flush=True)
        waiting = True
        time.sleep(LOOK_AGAIN)
