"""A machine that seems to have NVIDIA's driver and GPUs: its files in /proc and /dev, and a nvidia-smi that answers."""

import os
from pathlib import Path

import pytest

from vidbench.compute import machine

VERSION = "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  {}  Release Build  (root@host)  Sat Oct 11 2025\n"
SMI = """#!/bin/sh
case "$1" in
    *driver_version*) echo "{version}" ;;
    *) printf '{rows}' ;;
esac
"""
# (name, compute capability) as nvidia-smi writes them.
PASCAL = ("NVIDIA GeForce GTX 1080", "6.1")
VOLTA = ("Tesla V100", "7.0")
TURING = ("Tesla T4", "7.5")
HOPPER = ("NVIDIA H200", "9.0")


def write(
    folder: Path,
    version: str = "580.65.06",
    gpus: tuple[tuple[str, str], ...] = (HOPPER, HOPPER),
    free_mb: tuple[int, ...] = (),
) -> None:
    """Make folder/nvidia, which has the place of /proc/driver/nvidia, and folder/bin/nvidia-smi for these `gpus`."""
    programs = folder / "bin"
    for number in range(len(gpus)):
        (folder / f"nvidia/gpus/0000:0{number}:00.0").mkdir(parents=True)
    programs.mkdir()
    (folder / "nvidia").mkdir(exist_ok=True)
    (folder / "nvidia/version").write_text(VERSION.format(version))
    free = free_mb or (80000,) * len(gpus)
    rows = "".join(
        f"GPU-uuid{number}, {name}, {capability}, 81559, {free[number]}\\n"
        for number, (name, capability) in enumerate(gpus)
    )
    (programs / "nvidia-smi").write_text(SMI.format(version=version, rows=rows))
    (programs / "nvidia-smi").chmod(0o755)


def install(
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
    *machine_of: object,
    cuda: tuple[int, int] | None = None,
    torch: str | None = "13.2",
    **more: object,
) -> None:
    """Let this process see what write() makes; `cuda`: what the driver's library says that it can run.

    `torch`: the CUDA that the installed PyTorch is built for.
    """
    write(folder, *machine_of, **more)
    (folder / "dev").mkdir()
    monkeypatch.setenv("PATH", f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(machine, "DRIVER", folder / "nvidia")
    monkeypatch.setattr(machine, "DEVICES", folder / "dev")
    monkeypatch.setattr(machine, "driver_cuda", lambda: cuda)
    monkeypatch.setattr(machine, "installed_torch", lambda: machine.TorchBuild("2.15.0", torch, None))


def place(project: Path, folder: Path) -> None:
    """Let a copy of the project look for the driver at folder/nvidia, where there may be one or not."""
    path = project / "scripts/vidbench/compute/machine.py"
    text = path.read_text()
    places = {"/proc/driver/nvidia": f"{folder}/nvidia", '"/dev"': f'"{folder}"', "libcuda.so.1": "none"}
    for real, fake in places.items():
        assert real in text
        text = text.replace(real, fake)
    path.write_text(text)


def remove(monkeypatch: pytest.MonkeyPatch, folder: Path, *devices: str) -> None:
    """Let this process see no driver of NVIDIA's, whatever the real machine has; `devices`: files in /dev."""
    (folder / "dev").mkdir()
    for name in devices:
        (folder / "dev" / name).touch()
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(machine, "DRIVER", folder / "none")
    monkeypatch.setattr(machine, "DEVICES", folder / "dev")
