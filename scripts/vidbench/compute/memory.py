"""The most memory that this process, or the GPU for it, has held."""

import resource
import sys
from pathlib import Path

import torch

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def kind(device: torch.device) -> str:
    """What peak_mb measures: "GPU", what torch holds of its memory, or "process", this process's resident memory."""
    return "GPU" if device.type == "cuda" else "process"


def reset_peak(device: torch.device) -> None:
    """Let peak_mb begin anew, from what is held now; where the system refuses, it goes on since the process's start."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        return
    try:
        CLEAR.write_text("5")
    except OSError:
        return


def peak_mb(device: torch.device) -> float:
    """Most memory held since reset_peak or the start, in units of 10^6 bytes."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / 1e6
    try:
        lines = STATUS.read_text(encoding="utf-8").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) * 1024 / 1e6
    except (OSError, StopIteration):  # not Linux. There it is no good: it may be the peak of who started this process
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most * (1 if sys.platform == "darwin" else 1024) / 1e6
