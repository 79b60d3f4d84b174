"""Choosing and preparing the device that a step computes on."""

import os
import platform

import torch

from vidbench.compute import gpus, tf32
from vidbench.errors import UserError


def choose(device: str, gpus_granted: int) -> torch.device:
    """Return the device for `device` = auto, cuda or cpu with `gpus_granted` GPUs; of several GPUs a free one."""
    available = torch.cuda.is_available()
    if device == "cuda" and not available:
        raise UserError("device: cuda, but torch finds no CUDA GPU here; set `device: auto` or `device: cpu`")
    if device == "cuda" and gpus_granted < 1:
        raise UserError("device: cuda, but no GPU was granted (--resources gpu=0); set `device: auto` or grant one")
    if device != "cpu" and available and gpus_granted > 0:
        return _acquire_gpu()
    if device == "auto":
        print("WARNING: no GPU in use, computing on the CPU (device: auto)", flush=True)
    return torch.device("cpu")


def _acquire_gpu() -> torch.device:
    properties = [torch.cuda.get_device_properties(number) for number in range(torch.cuda.device_count())]
    device = torch.device("cuda", gpus.acquire_gpu([str(gpu.uuid) for gpu in properties]))
    torch.cuda.set_device(device)
    return device


def set_up(name: str, gpus_granted: int, threads: int, deterministic: bool) -> torch.device:
    """Choose the device by its `name` (auto, cuda or cpu), and set the compute threads and deterministic kernels.

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
    return {"type": "cpu", "name": cpu_name()}


def cpu_name() -> str:
    """Return the name of the processor, on Linux its model name."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()
