"""Peak memory of this process, or of the GPU for it."""

import resource
import sys
from pathlib import Path

import torch

STATUS = Path("/proc/self/status")
CLEAR_REFS = Path("/proc/self/clear_refs")


def kind(device: torch.device) -> str:
    """Return what peak_mb() measures: "GPU", memory that torch has allocated, or "process", the resident memory."""
    return "GPU" if device.type == "cuda" else "process"


def reset_peak(device: torch.device) -> None:
    """Let the peaks count from now on; where the system refuses, they count from the process's start."""
    if device.type == "cuda":
        torch.cuda.empty_cache()  # of what torch holds in reserve, only what is needed from now on is to count
        torch.cuda.reset_peak_memory_stats(device)
        return
    try:
        CLEAR_REFS.write_text("5")
    except OSError:
        return


def peak_mb(device: torch.device) -> float:
    """Return the peak memory since reset_peak() or the process's start, in 10^6 bytes."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / 1e6
    try:
        lines = STATUS.read_text(encoding="utf-8").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) * 1024 / 1e6
    except (OSError, StopIteration):  # not Linux, where ru_maxrss may be the parent process's peak
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak * (1 if sys.platform == "darwin" else 1024) / 1e6


def reserved_peak_mb(device: torch.device) -> float:
    """Return the peak of the memory that torch holds on a GPU, in use or in reserve, in 10^6 bytes; 0 on a CPU."""
    return torch.cuda.max_memory_reserved(device) / 1e6 if device.type == "cuda" else 0.0
