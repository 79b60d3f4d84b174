"""Detecting GPUs, without torch, and giving each process a GPU of its own where several jobs run at once.

Snakemake counts GPUs, but does not assign them to jobs. So each process locks the file of the GPU that it takes; the
kernel frees the lock when the process ends, in whatever way.
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
POLL_SECONDS = 1.0
_lock_files: list[TextIO] = []  # open as long as the process lives


def gpu_present() -> bool:
    """Return whether this machine has a GPU that CUDA_VISIBLE_DEVICES does not hide."""
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1")
    return not hidden and (any(map(os.path.exists, DEVICE_FILES)) or shutil.which("nvidia-smi") is not None)


def lock_folder() -> Path:
    """Return the folder of the lock files, the same for all of a user's jobs on this machine."""
    return Path(tempfile.gettempdir(), f"vidbench-gpus-{os.getuid()}")


def acquire_gpu(names: Sequence[str], folder: Path | None = None) -> int:
    """Return the index in `names` of a GPU that no other process has taken; wait until there is one.

    `names` are unique among the machine's GPUs, e.g. their UUIDs: processes may see different GPUs.
    """
    folder = folder or lock_folder()
    with write_errors(folder):
        folder.mkdir(mode=0o700, exist_ok=True)
        files = [open(folder / f"{name}.lock", "a") for name in names]  # noqa: SIM115 - kept open on purpose
    _lock_files.extend(files)
    waiting = False
    while True:
        for index, file in enumerate(files):
            try:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except (BlockingIOError, PermissionError):  # POSIX allows both where another process has the lock
                continue
            return index
        if not waiting:
            print(f"all {len(names)} GPUs are taken by other jobs, waiting for one ({folder})", flush=True)
        waiting = True
        time.sleep(POLL_SECONDS)
