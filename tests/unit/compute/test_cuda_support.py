"""Why PyTorch cannot use a machine's GPUs, in one line that says what to do."""

from pathlib import Path

import fake_driver
import pytest
import torch

from vidbench.compute import cuda_support, machine

REMEDY = "install PyTorch for an older CUDA (docs/environments.md, Older drivers and GPUs), or set device: cpu"


@pytest.mark.parametrize(
    ("machine_of", "words"),
    [
        ({}, None),
        ({"version": "535.183.01"}, "driver 535.183.01 is too old for PyTorch 2.15.0 (CUDA 13.2), which needs 580"),
        ({"version": "570.1", "cuda": (12, 8)}, "which needs 580 or newer"),
        ({"version": "535.183.01", "cuda": (13, 0)}, None),  # a newer library: CUDA forward compatibility
        ({"version": "535.183.01", "torch": "12.6"}, None),
        ({"version": "470.1", "torch": "12.6"}, "which needs 525 or newer"),
        ({"gpus": (fake_driver.VOLTA, fake_driver.PASCAL)}, "GTX 1080 (6.1), Tesla V100 (7.0): too old for"),
        ({"gpus": (fake_driver.VOLTA, fake_driver.TURING)}, None),
        ({"gpus": (("Some GPU", "[N/A]"),)}, None),  # an old nvidia-smi does not say it
        ({"gpus": (fake_driver.VOLTA,), "torch": "12.6"}, None),
        ({"torch": None}, "PyTorch 2.15.0 is built without CUDA"),
        ({"torch": "14.0"}, None),  # what that needs is not known yet
    ],
)  # fmt: skip
def test_what_pytorch_cannot_use_is_one_line(
    machine_of: dict, words: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_driver.install(monkeypatch, tmp_path, **machine_of)
    line = cuda_support.explain_unusable_gpus()
    if words is None:
        assert line is None
    else:
        assert words in line
        assert line.endswith("set device: cpu")
        assert "\n" not in line
        assert REMEDY in line or "without CUDA" in line


@pytest.mark.parametrize(
    ("devices", "smi", "words"),
    [
        ((), False, ""),
        ((), True, "no NVIDIA driver is loaded"),
        (("kfd",), False, "AMD GPU"),
        (("kfd",), True, "AMD GPU"),
    ],
)
def test_what_looks_like_a_gpu_is_named(
    devices: tuple[str, ...], smi: bool, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_driver.remove(monkeypatch, tmp_path, *devices)
    monkeypatch.setenv("PATH", str(tmp_path))
    if smi:
        (tmp_path / "nvidia-smi").touch(mode=0o755)
    assert words in cuda_support.explain_no_gpu()
    assert bool(words) == bool(cuda_support.explain_no_gpu())


def test_what_the_locks_pytorch_needs_is_known() -> None:
    """A lock with another CUDA needs a line in the table, and the manual's heading has to be there."""
    assert int(torch.version.cuda.split(".")[0]) in cuda_support.NEEDS
    name, heading = cuda_support.MANUAL.split(", ")
    assert f"\n## {heading}\n" in (Path(__file__).parents[3] / name).read_text(encoding="utf-8")


def test_the_oldest_gpu_of_the_table_is_one_of_the_installed_build() -> None:
    """The build's list is there without a GPU; get_arch_list() is empty then."""
    listed = torch._C._cuda_getArchFlags()
    if listed is None:
        pytest.skip("PyTorch is built without CUDA")
    oldest = min(int(name.partition("_")[2]) for name in listed.split() if name.startswith("sm_"))
    assert divmod(oldest, 10) == cuda_support.NEEDS[int(torch.version.cuda.split(".")[0])].capability
    assert machine.installed_torch().cuda == torch.version.cuda
