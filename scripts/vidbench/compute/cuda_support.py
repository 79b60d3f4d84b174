"""Whether the installed PyTorch can use the GPUs of this machine, and why not, in one line. Imports no torch."""

import shutil
from dataclasses import dataclass

from vidbench.compute import machine

MANUAL = "docs/environments.md, Older drivers and GPUs"
REMEDY = f"install PyTorch for an older CUDA ({MANUAL}), or set device: cpu"


@dataclass(frozen=True)
class Needs:
    """What PyTorch's builds for a CUDA need: the driver's main version, and the GPU's compute capability."""

    driver: int
    capability: tuple[int, int]


# By CUDA's main version: a driver that knows 13.0 runs all of 13. The lock's torch is one for CUDA 13. Which GPUs a
# build is for exactly only torch itself knows (get_arch_list), so these are the oldest of any build.
NEEDS = {13: Needs(580, (7, 5)), 12: Needs(525, (5, 0)), 11: Needs(450, (3, 7))}


def explain_no_gpu() -> str:
    """Return what looks like a GPU on a machine without a usable one, in brackets; "" where nothing does."""
    torch = machine.installed_torch()
    if machine.hides_all():
        return ""
    if (machine.DEVICES / "kfd").exists() and not (torch and torch.hip):
        return " (there is an AMD GPU, but the installed PyTorch is not built for AMD's ROCm)"
    if shutil.which("nvidia-smi"):
        return " (nvidia-smi is installed, but no NVIDIA driver is loaded)"
    return ""


def explain_unusable_gpus() -> str | None:
    """Return why the installed PyTorch cannot use the NVIDIA GPUs that are here, and what to do; None where it can."""
    torch = machine.installed_torch()
    if torch is None or torch.hip:
        return None
    if torch.cuda is None:
        return f"PyTorch {torch.version} is built without CUDA; install one with it ({MANUAL}), or set device: cpu"
    needs = NEEDS.get(int(torch.cuda.split(".")[0]))
    if needs is None:
        return None
    return _explain_driver(torch, needs) or _explain_old_gpus(torch, needs)


def _explain_driver(torch: machine.TorchBuild, needs: Needs) -> str | None:
    version, known = machine.driver_version(), machine.driver_cuda()
    if known is not None:
        too_old = known[0] < int((torch.cuda or "0").split(".")[0])
    else:
        too_old = version is not None and int(version.split(".")[0]) < needs.driver
    if not too_old:
        return None
    name = f"the NVIDIA driver {version}" if version else "the NVIDIA driver"
    return (
        f"{name} is too old for PyTorch {torch.version} (CUDA {torch.cuda}), which needs {needs.driver} or newer;"
        f" update it, {REMEDY}"
    )


def _explain_old_gpus(torch: machine.TorchBuild, needs: Needs) -> str | None:
    gpus = machine.query_gpus()
    if not gpus or any(gpu.capability is None or gpu.capability >= needs.capability for gpu in gpus):
        return None
    names = ", ".join(sorted({f"{gpu.name} ({machine.format_capability(gpu.capability)})" for gpu in gpus}))
    return (
        f"{names}: too old for PyTorch {torch.version} (CUDA {torch.cuda}), which needs compute capability"
        f" {machine.format_capability(needs.capability)}; {REMEDY}"
    )
