"""NVIDIA's driver and GPUs of this machine, and the CUDA of the installed PyTorch: all without importing torch."""

import ctypes
import importlib.util
import os
import re
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DRIVER = Path("/proc/driver/nvidia")  # there while the driver is loaded; gpus/ has a folder per GPU
DEVICES = Path("/dev")  # nvidia0, nvidia1 ...: for sandboxes that hide DRIVER
WSL_LIBRARY = Path("/usr/lib/wsl/lib/libcuda.so.1")  # Windows' driver, which has neither of both
SMI_SECONDS = 20  # nvidia-smi may wait for a GPU that hangs
SMI_FIELDS = ("uuid", "name", "compute_cap", "memory.total", "memory.free")


@dataclass(frozen=True)
class TorchBuild:
    """The installed PyTorch; `cuda` and `hip` are the version that it is built for, one of them at most."""

    version: str
    cuda: str | None
    hip: str | None


@dataclass(frozen=True)
class Gpu:
    """A GPU as nvidia-smi describes it; memory in MiB. None is what it does not say."""

    uuid: str
    name: str
    capability: tuple[int, int] | None
    memory_mb: int | None
    free_mb: int | None


@cache
def installed_torch() -> TorchBuild | None:
    """Return what the installed PyTorch is built for, read from its version.py; None without one."""
    spec = importlib.util.find_spec("torch")
    if spec is None or spec.origin is None:
        return None
    text = Path(spec.origin).with_name("version.py").read_text(encoding="utf-8")
    values = dict(re.findall(r"^(\w+)(?:: [^=]+)? = '([^']+)'", text, re.MULTILINE))
    return TorchBuild(values.get("__version__", "?"), values.get("cuda"), values.get("hip"))


def usable_cores() -> int:
    """Return the number of cores that this process may use; on a Mac, which does not tell, of the machine."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def gpu_present() -> bool:
    """Return whether this machine has a GPU of the kind that the installed PyTorch is built for."""
    torch = installed_torch()
    if torch and torch.hip:
        return not hides_all() and (DEVICES / "kfd").exists()
    return count_gpus() > 0


def count_gpus() -> int:
    """Return the number of NVIDIA GPUs whose driver is loaded and that CUDA_VISIBLE_DEVICES does not hide."""
    number = _count_devices()
    visible = visible_names()
    if visible is None:
        return number
    if any(name.startswith("MIG-") for name in visible):
        return min(number, 1)  # a process sees one slice of a GPU only, whatever is listed
    return min(number, len(visible))


def _count_devices() -> int:
    if folders := len(list(DRIVER.glob("gpus/*"))):
        return folders
    if (DEVICES / "nvidiactl").exists():
        return len([path for path in DEVICES.glob("nvidia*") if path.name.removeprefix("nvidia").isdigit()])
    return _count_in_wsl() if _is_wsl() else 0


@cache
def _count_in_wsl() -> int:
    return len(query_gpus())


def visible_names() -> list[str] | None:
    """Return the entries of CUDA_VISIBLE_DEVICES up to one that ends the list; None where it is not set."""
    names = os.environ.get("CUDA_VISIBLE_DEVICES")
    if names is None:
        return None
    valid: list[str] = []
    for name in names.split(","):
        if name.strip() in ("", "-1"):
            break
        valid.append(name.strip())
    return valid


def hides_all() -> bool:
    """Return whether CUDA_VISIBLE_DEVICES hides all GPUs."""
    return visible_names() == []


def _is_wsl() -> bool:
    return (DEVICES / "dxg").exists() and WSL_LIBRARY.exists()


def driver_version() -> str | None:
    """Return the version of NVIDIA's driver, such as 580.65.06; None where none is loaded, or it does not say."""
    try:
        text = (DRIVER / "version").read_text(encoding="utf-8")
    except OSError:
        rows = _ask_smi("driver_version") if _is_wsl() else []
        return rows[0][0] if rows else None
    found = re.search(r"\b\d{3,}(?:\.\d+)+\b", text)
    return found[0] if found else None


def driver_cuda() -> tuple[int, int] | None:
    """Return the newest CUDA that the driver's library can run, such as (13, 0); None where there is no library.

    The library can be newer than the driver (CUDA forward compatibility), so it is what counts.
    """
    version = ctypes.c_int()
    try:
        failed = ctypes.CDLL("libcuda.so.1").cuDriverGetVersion(ctypes.byref(version))
    except (OSError, AttributeError):
        return None
    return None if failed else (version.value // 1000, version.value % 1000 // 10)


def query_gpus() -> list[Gpu]:
    """Return the NVIDIA GPUs of this machine, hidden ones included; [] where nvidia-smi does not answer."""
    rows = [row for row in _ask_smi(",".join(SMI_FIELDS)) if len(row) == len(SMI_FIELDS)]
    return [
        Gpu(uuid.removeprefix("GPU-"), name, _read_capability(capability), _read_number(total), _read_number(free))
        for uuid, name, capability, total, free in rows
    ]


def _ask_smi(fields: str) -> list[list[str]]:
    command = ["nvidia-smi", f"--query-gpu={fields}", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=SMI_SECONDS)
    except (OSError, subprocess.SubprocessError):
        return []
    return [[cell.strip() for cell in line.split(",")] for line in done.stdout.splitlines() if line.strip()]


def _read_capability(text: str) -> tuple[int, int] | None:
    found = re.fullmatch(r"(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found else None


def _read_number(text: str) -> int | None:
    return int(text) if text.isdigit() else None


def format_capability(capability: tuple[int, int] | None) -> str:
    """Return a compute capability as NVIDIA writes it: (7, 5) is 7.5."""
    return "?" if capability is None else f"{capability[0]}.{capability[1]}"
