"""Choosing and preparing the device that a step computes on."""

import os
import platform

import torch

from vidbench.compute import cuda_support, gpus, machine, tf32
from vidbench.errors import UserError


def choose(device: str, gpus_granted: int | None) -> torch.device:
    """Return the device for `device` = auto, cuda, mps or cpu with `gpus_granted` GPUs; of several GPUs a free one.

    None granted means that nobody asked: what is there is used. A GPU that was granted and that torch cannot use is a
    UserError with torch's reason: a training that should take minutes would take days on the CPU.
    """
    if device == "mps":
        return _apple_gpu(gpus_granted)
    available = torch.cuda.is_available()
    if device == "cuda" and not available:
        raise UserError(f"device: cuda, but torch finds no CUDA GPU here: {explain_no_cuda()}")
    if device == "cuda" and gpus_granted == 0:
        raise UserError("device: cuda, but no GPU was granted (--resources gpu=0); set `device: auto` or grant one")
    if device != "cpu" and available and gpus_granted != 0:
        return _acquire_gpu()
    if device == "auto" and gpus_granted:
        raise UserError(f"device: auto, and a GPU was granted, but torch cannot use it: {explain_no_cuda()}")
    if device == "auto":
        reason = f": {explain_no_cuda()}" if gpus_granted is None and machine.gpu_present() else ""
        print(f"WARNING: no GPU in use, computing on the CPU (device: auto){reason}", flush=True)
    return torch.device("cpu")


def _apple_gpu(gpus_granted: int | None) -> torch.device:
    """Return the GPU of a Mac, which several processes share without a lock."""
    if not torch.backends.mps.is_available():
        built = "" if torch.backends.mps.is_built() else f", for which this PyTorch ({torch.__version__}) is not built"
        raise UserError(f"device: mps, but torch finds no GPU of Apple's here{built}; set `device: auto`")
    if gpus_granted == 0:
        raise UserError("device: mps, but no GPU was granted (--resources gpu=0); set `device: cpu` or grant one")
    if (processes := gpus.LocalRanks.of_torchrun().size) > 1:
        raise UserError(f"training.gpus: {processes} processes, but a Mac has one GPU; lower training.gpus to 1")
    return torch.device("mps")


def synchronize(device: torch.device) -> None:
    """Wait until a GPU has done what it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def explain_no_cuda() -> str:
    """Return why torch has no CUDA here, and what to do: in torch's words, and in ours where the reason is known."""
    known = cuda_support.explain_unusable_gpus() if machine.gpu_present() else None
    try:
        torch.cuda.init()
        words = "no reason given"
    except (RuntimeError, AssertionError) as error:
        words = " ".join(str(error).split()).split(". ")[0].rstrip(".")
    return f"{known} (torch: {words})" if known else f"{words}; fix that, or set `device: cpu`"


def _acquire_gpu() -> torch.device:
    usable = usable_gpus()
    ranks = gpus.LocalRanks.of_torchrun()
    if ranks.size > len(usable):
        raise UserError(
            f"training.gpus: {ranks.size} processes on this machine, but torch can use {len(usable)} of its GPUs;"
            f" lower training.gpus, or --resources gpu={len(usable)}"
        )
    device = torch.device("cuda", usable[gpus.acquire_gpu(list(map(_lock_name, usable)), ranks)])
    torch.cuda.set_device(device)
    return device


def usable_gpus() -> list[int]:
    """Return the numbers of the GPUs that this build of torch has kernels for; UserError where there is none."""
    numbers = range(torch.cuda.device_count())
    architectures = torch.cuda.get_arch_list()
    if torch.version.hip or not architectures:
        return list(numbers)
    capabilities = [torch.cuda.get_device_capability(number) for number in numbers]
    usable = [number for number in numbers if has_kernels(capabilities[number], architectures)]
    if not usable:
        names = {
            f"{torch.cuda.get_device_name(number)} ({machine.format_capability(capabilities[number])})"
            for number in numbers
        }
        raise UserError(
            f"{', '.join(sorted(names))}: this PyTorch ({torch.__version__}) has no kernels for it, only for"
            f" {', '.join(architectures)}; {cuda_support.REMEDY}"
        )
    return usable


def has_kernels(capability: tuple[int, int], architectures: list[str]) -> bool:
    """Return whether a GPU can run code for these `architectures`, as torch.cuda.get_arch_list() names them.

    Machine code (sm_86) runs on GPUs of its main version that are no older; PTX (compute_90) on all that are no older.
    """
    for name in architectures:
        kind, _, digits = name.rstrip("af").partition("_")
        built_for = (int(digits[:-1]), int(digits[-1]))
        if built_for <= capability and (kind == "compute" or built_for[0] == capability[0]):
            return True
    return False


def _lock_name(number: int) -> str:
    """Return a GPU's name for its lock: its UUID; of a slice (MIG) also what tells it from the GPU's other slices."""
    properties = torch.cuda.get_device_properties(number)
    visible = machine.visible_names() or []
    if number < len(visible) and visible[number].startswith("MIG-"):
        return visible[number].replace("/", "-")
    if " MIG " in properties.name:  # Slurm gives a job slices of its own, under numbers that other jobs have, too
        return f"{properties.uuid}-job{os.environ.get('SLURM_JOB_ID', '')}"
    return str(properties.uuid)


def set_up(name: str, gpus_granted: int | None, threads: int, deterministic: bool) -> torch.device:
    """Choose the device by its `name` (auto, cuda, mps or cpu), and set the compute threads and deterministic kernels.

    On the CPU the models' operations are deterministic anyway (tests compare bytes), and
    torch.use_deterministic_algorithms imports the compiler, which takes 3 s per process: so it is not called.
    """
    torch.set_num_threads(threads)
    device = choose(name, gpus_granted)
    tf32.enable(device)
    if device.type == "cuda":
        torch.backends.cudnn.benchmark = not deterministic
        if deterministic:
            os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # cuBLAS demands it
            torch.use_deterministic_algorithms(True)
    return device


def describe(device: torch.device) -> dict[str, str]:
    """Return type and name of a device, for the report."""
    if device.type == "cuda":
        return {"type": "cuda", "name": torch.cuda.get_device_name(device)}
    if device.type == "mps":
        return {"type": "mps", "name": f"Apple GPU ({platform.machine()}, macOS {platform.mac_ver()[0]})"}
    return {"type": "cpu", "name": cpu_name()}


def cpu_name() -> str:
    """Return the name of the processor, on Linux its model name."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()
