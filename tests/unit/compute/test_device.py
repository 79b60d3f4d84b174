"""The device that a step gets: fake GPUs, and what torch says where it has none."""

from pathlib import Path

import fake_cuda
import fake_driver
import pytest
import torch

from vidbench.compute import device, gpus, machine
from vidbench.errors import UserError


@pytest.fixture(autouse=True)
def _locks_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpus, "lock_folder", lambda: tmp_path / "locks")


@pytest.mark.parametrize("granted", [1, 2])
def test_a_granted_gpu_that_torch_cannot_use_is_an_error_with_torchs_reason(granted: int) -> None:
    with pytest.raises(UserError, match=r"^device: auto, and a GPU was granted, but torch cannot use it: .+") as caught:
        device.choose("auto", granted)
    with pytest.raises((RuntimeError, AssertionError)) as reason:
        torch.cuda.init()
    assert str(reason.value).split(".")[0] in str(caught.value)
    assert "\n" not in str(caught.value)


def test_where_nobody_granted_one_the_cpu_is_used_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    for granted in (0, None):
        assert device.choose("auto", granted).type == "cpu"
        assert capsys.readouterr().out == "WARNING: no GPU in use, computing on the CPU (device: auto)\n"
    fake_driver.install(monkeypatch, tmp_path, "470.82")
    assert device.choose("auto", None).type == "cpu"
    assert "(device: auto): the NVIDIA driver 470.82 is too old for" in capsys.readouterr().out


def test_cuda_has_to_be_there_and_granted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match="device: cuda, but torch finds no CUDA GPU here: "):
        device.choose("cuda", 1)
    fake_cuda.install(monkeypatch, (9, 0))
    with pytest.raises(UserError, match="no GPU was granted"):
        device.choose("cuda", 0)
    assert device.choose("cpu", 1).type == device.choose("auto", 0).type == "cpu"
    assert device.choose("cuda", None) == device.choose("auto", 1) == torch.device("cuda", 0)


@pytest.mark.parametrize(
    ("capability", "runs"),
    [((7, 0), False), ((7, 5), True), ((8, 0), True), ((8, 9), True), ((9, 0), True), ((10, 3), True), ((11, 0), False),
     ((12, 0), True), ((12, 1), True), ((13, 0), True)],
)  # fmt: skip
def test_kernels_run_on_gpus_of_their_main_version_and_ptx_on_all_that_are_newer(
    capability: tuple[int, int], runs: bool
) -> None:
    assert device.has_kernels(capability, fake_cuda.BUILD) == runs
    assert not device.has_kernels(capability, [])


def test_a_gpu_that_torch_has_no_kernels_for_is_one_line_or_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_cuda.install(monkeypatch, (7, 0), (6, 1), name="Tesla V100")
    with pytest.raises(UserError, match=r"Tesla V100 0 \(7.0\), .* no kernels .* only for sm_75, .*older CUDA"):
        device.choose("auto", 1)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda number: ((7, 0), (8, 6))[number])
    assert device.choose("auto", 1) == torch.device("cuda", 1)


def test_a_macs_gpu_is_taken_where_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match=r"^device: mps, but torch finds no GPU of Apple's here, .* not built; set"):
        device.choose("mps", 1)
    monkeypatch.setattr(torch.backends.mps, "is_built", lambda: True)
    with pytest.raises(UserError, match="no GPU of Apple's here; set `device: auto`"):
        device.choose("mps", None)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    with pytest.raises(UserError, match="device: mps, but no GPU was granted"):
        device.choose("mps", 0)
    assert device.choose("mps", 1) == device.choose("mps", None) == torch.device("mps")
    assert device.choose("auto", 0) == torch.device("cpu")
    assert device.describe(torch.device("mps"))["name"].startswith("Apple GPU (")
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "2")
    monkeypatch.setenv("LOCAL_RANK", "0")
    with pytest.raises(UserError, match=r"^training.gpus: 2 processes, but a Mac has one GPU"):
        device.choose("mps", 2)


def test_a_measurement_waits_for_the_gpu_that_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[str] = []
    monkeypatch.setattr(torch.cuda, "synchronize", lambda _: waited.append("cuda"))
    monkeypatch.setattr(torch.mps, "synchronize", lambda: waited.append("mps"))
    for name in ("cpu", "cuda", "mps"):
        device.synchronize(torch.device(name))
    assert waited == ["cuda", "mps"]


def test_more_processes_than_gpus_are_refused_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_cuda.install(monkeypatch, (9, 0), (7, 0))
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "2")
    for rank in ("0", "1"):
        monkeypatch.setenv("LOCAL_RANK", rank)
        with pytest.raises(UserError, match=r"^training.gpus: 2 processes .* can use 1 of its GPUs"):
            device.choose("auto", 2)


def test_slices_of_a_gpu_have_locks_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_cuda.install(monkeypatch, (9, 0), name="NVIDIA A100 MIG 1g.5gb")
    for job in ("1", "2"):
        monkeypatch.setenv("SLURM_JOB_ID", job)
        device.choose("auto", 1)
    for visible in ("MIG-a", "MIG-GPU-b/1/0"):
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
        device.choose("auto", 1)
    locks = {path.name for path in (tmp_path / "locks").glob("*.lock")} - {"all.lock"}
    assert locks == {"uuid0-job1.lock", "uuid0-job2.lock", "MIG-a.lock", "MIG-GPU-b-1-0.lock"}


def test_torchs_uuids_are_those_of_nvidia_smi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """torch says them without GPU- in front, and so does query_gpus()."""
    fake_driver.install(monkeypatch, tmp_path)
    assert [gpu.uuid for gpu in machine.query_gpus()] == ["uuid0", "uuid1"]
