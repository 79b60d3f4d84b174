"""What a machine is said to have, and what a run would use of it: fake machines, and this one."""

import argparse
from pathlib import Path

import describe_machine
import fake_cuda
import fake_driver
import pytest
import torch
from conftest import run_script

from vidbench.compute import compiler


def run_words(device: str = "auto", gpus: int | None = None, cores: int = 16) -> str:
    return describe_machine.describe_run(argparse.Namespace(device=device, gpus=gpus, cores=cores))


@pytest.fixture
def two_gpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_driver.install(monkeypatch, tmp_path, free_mb=(80_000, 40_000))
    fake_cuda.install(monkeypatch, (9, 0), (9, 0))
    monkeypatch.setattr(compiler, "explain_missing", lambda _kind: None)


@pytest.mark.usefixtures("two_gpus")
def test_gpus_are_described_with_what_a_run_would_do_on_them(monkeypatch: pytest.MonkeyPatch) -> None:
    assert describe_machine.describe_gpus() == (
        "2 to be used, driver 580.65.06; NVIDIA H200 (compute capability 9.0, 84 of 86 GB free);"
        " NVIDIA H200 (compute capability 9.0, 42 of 86 GB free)"
    )
    way = "bf16, channels-last, compiled where it is long enough"
    assert run_words() == f"computes on 2 GPUs at once (device: auto), with 6 reading processes each, {way}"
    assert run_words(gpus=1, cores=8).startswith("computes on 1 GPU at once (device: auto), with 6 reading")
    assert run_words(gpus=0) == run_words("cpu").replace("device: cpu", "device: auto")
    monkeypatch.setattr(compiler, "explain_missing", lambda _kind: "a C compiler (gcc)")
    assert run_words().endswith("not compiled")


@pytest.mark.usefixtures("two_gpus")
def test_gpus_that_torch_has_no_kernels_for_end_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    fake_cuda.install(monkeypatch, (7, 0), name="Tesla V100")
    assert run_words().startswith("ends before its first job: Tesla V100 0 (7.0): this PyTorch")


def test_a_driver_that_is_too_old_ends_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_driver.install(monkeypatch, tmp_path, "535.183.01")
    assert run_words().startswith(
        "ends before its first job: device: auto, but torch finds no CUDA GPU here: the NVIDIA"
    )
    assert run_words("cpu") == "computes on the CPU (device: cpu), fp32, not compiled"


@pytest.mark.parametrize(
    ("cuda", "hip", "words"),
    [("13.2", None, "580 or newer"), ("12.6", None, "525 or newer"), ("14.0", None, "built for CUDA 14.0"),
     (None, "7.1", "built for ROCm 7.1"), (None, None, "built for the CPU alone")],
)  # fmt: skip
def test_what_pytorch_needs_is_said(cuda: str | None, hip: str | None, words: str, monkeypatch) -> None:
    monkeypatch.setattr(torch.version, "cuda", cuda)
    monkeypatch.setattr(torch.version, "hip", hip)
    assert words in describe_machine.describe_torch()


def test_this_machine_is_described_in_six_lines(tmp_path: Path) -> None:
    lines = run_script("describe_machine.py", "--cores", 3, "--gpus", 0, cwd=tmp_path).stdout.splitlines()
    assert [line.split("  ")[0] for line in lines] == ["PyTorch", "GPUs", "Processor", "Compiler", "/dev/shm", "A run"]
    assert lines[2].endswith(", 3 cores for jobs")
    assert "computes on the CPU (device: auto)" in lines[5]
