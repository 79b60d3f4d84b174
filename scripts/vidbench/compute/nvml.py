"""The energy counters of NVIDIA's GPUs, read through the driver's library NVML. Imports no torch.

A counter is that of the whole GPU, whoever uses it, since the driver was loaded. GPUs from Volta on have one.
"""

import ctypes
from functools import partial

from vidbench.compute.counters import Counter, NotMeasured

LIBRARY = "libnvidia-ml.so.1"  # part of the driver
MILLI = 1e-3


def gpu_counter(uuid: str, library: ctypes.CDLL | None = None) -> Counter:
    """Return the counter of a GPU, by its UUID as nvidia-smi shows it (GPU-...); NotMeasured where it has none."""
    nvml = library or _open()
    handle = ctypes.c_void_p()
    counter = Counter(partial(_read, nvml, handle))
    try:
        _check(nvml, nvml.nvmlInit_v2())
        _check(nvml, nvml.nvmlDeviceGetHandleByUUID(uuid.encode(), ctypes.byref(handle)))
        counter.read()
    except AttributeError as error:  # ctypes' for a function that a library lacks
        raise NotMeasured(f"the driver's {LIBRARY} is too old: {error}") from error
    return counter


def _open() -> ctypes.CDLL:
    try:
        return ctypes.CDLL(LIBRARY)
    except OSError:
        raise NotMeasured(f"the driver's {LIBRARY} is not there") from None


def _read(nvml: ctypes.CDLL, handle: ctypes.c_void_p) -> float:
    millijoules = ctypes.c_ulonglong()
    _check(nvml, nvml.nvmlDeviceGetTotalEnergyConsumption(handle, ctypes.byref(millijoules)))
    return millijoules.value * MILLI


def _check(nvml: ctypes.CDLL, code: int) -> None:
    """Raise NotMeasured, in NVML's words, where a call has failed."""
    if code:
        nvml.nvmlErrorString.restype = ctypes.c_char_p
        words = nvml.nvmlErrorString(code).decode(errors="replace")
        raise NotMeasured(f"NVML says: {words}")
