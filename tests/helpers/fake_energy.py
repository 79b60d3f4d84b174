"""Counters of energy that a test sets: folders as Linux has them for processors, and NVIDIA's library for GPUs."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

RANGE = 65_536_000_000  # microjoules

NVML_C = """
#include <string.h>
typedef void *device;
int nvmlInit_v2(void) { return 0; }
const char *nvmlErrorString(int code) { return code == 3 ? "Not Supported" : "Not Found"; }
static int first = 1, second = 2;
int nvmlDeviceGetHandleByUUID(const char *uuid, device *handle) {
    *handle = !strcmp(uuid, "GPU-1") ? &first : &second;
    return strncmp(uuid, "GPU-", 4) ? 6 : 0;
}
int nvmlDeviceGetTotalEnergyConsumption(device handle, unsigned long long *millijoules) {
    *millijoules = 9876543210123ULL;
    return handle == &first ? 0 : 3;
}
"""


def write_zone(folder: Path, zone: str, name: str, microjoules: int, most: int = RANGE) -> Path:
    """Write a zone of the power capping framework; return the file of its counter."""
    path = folder / zone
    path.mkdir(parents=True)
    (path / "name").write_text(f"{name}\n")
    (path / "max_energy_range_uj").write_text(f"{most}\n")
    (path / "energy_uj").write_text(f"{microjoules}\n")
    return path / "energy_uj"


class FakeNvml:
    """The library as ctypes would load it: `millijoules` by UUID; a GPU with None has no counter."""

    def __init__(self, **millijoules: int | None) -> None:
        self.millijoules = {f"GPU-{name}": value for name, value in millijoules.items()}
        self.nvmlErrorString = _Words()

    def nvmlInit_v2(self) -> int:
        return 0

    def nvmlDeviceGetHandleByUUID(self, uuid: bytes, handle: Any) -> int:
        names = list(self.millijoules)
        if uuid.decode() not in names:
            return 6
        handle._obj.value = 1 + names.index(uuid.decode())
        return 0

    def nvmlDeviceGetTotalEnergyConsumption(self, handle: Any, millijoules: Any) -> int:
        value = list(self.millijoules.values())[handle.value - 1]
        if value is None:
            return 3
        millijoules._obj.value = value
        return 0


class _Words(SimpleNamespace):
    def __call__(self, code: int) -> bytes:
        return {3: b"Not Supported", 6: b"Not Found"}[code]
