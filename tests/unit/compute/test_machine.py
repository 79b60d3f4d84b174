"""What is known of a machine's driver and GPUs without torch."""

import ctypes
import os
from pathlib import Path
from types import SimpleNamespace

import fake_driver
import pytest
import torch

from vidbench.compute import machine


def test_the_installed_torch_is_read_as_torch_itself_says_it() -> None:
    found = machine.installed_torch()
    assert found == machine.TorchBuild(torch.__version__, torch.version.cuda, torch.version.hip)


def test_a_driver_and_its_gpus_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_driver.install(monkeypatch, tmp_path, "535.183.01", (fake_driver.TURING, ("Old GPU", "[N/A]")), (100, 200))
    assert (machine.driver_version(), machine.count_gpus(), machine.gpu_present()) == ("535.183.01", 2, True)
    first, second = machine.query_gpus()
    assert first == machine.Gpu("uuid0", "Tesla T4", (7, 5), 81559, 100)
    assert (second.capability, second.free_mb) == (None, 200)


def test_a_machine_without_a_driver_has_no_gpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a nvidia-smi that was left over, nor AMD's device file, nor WSL without NVIDIA's library make one."""
    fake_driver.install(monkeypatch, tmp_path)
    (tmp_path / "empty").mkdir()
    fake_driver.remove(monkeypatch, tmp_path / "empty", "kfd", "dxg")
    assert (machine.driver_version(), machine.count_gpus(), machine.gpu_present()) == (None, 0, False)


def test_amds_gpu_counts_for_a_torch_that_is_built_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_driver.remove(monkeypatch, tmp_path, "kfd")
    monkeypatch.setattr(machine, "installed_torch", lambda: machine.TorchBuild("2.15.0", None, "7.1"))
    assert machine.gpu_present()
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    assert not machine.gpu_present()


def test_devices_are_counted_where_a_sandbox_hides_the_drivers_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_driver.remove(monkeypatch, tmp_path, "nvidiactl", "nvidia0", "nvidia1", "nvidia-uvm", "nvidia-modeset")
    assert machine.count_gpus() == 2


def test_under_windows_nvidia_smi_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_driver.install(monkeypatch, tmp_path, "581.15")
    (tmp_path / "dev/dxg").touch()
    monkeypatch.setattr(machine, "DRIVER", tmp_path / "none")
    monkeypatch.setattr(machine, "WSL_LIBRARY", tmp_path)
    machine._count_in_wsl.cache_clear()
    assert (machine.count_gpus(), machine.driver_version()) == (2, "581.15")


@pytest.mark.parametrize(
    ("visible", "gpus"),
    [(None, 4), ("", 0), ("-1", 0), ("2", 1), ("0,3", 2), ("0,-1,1", 1), ("GPU-a,GPU-b,GPU-c", 3), ("MIG-a,MIG-b", 1)],
)
def test_cuda_visible_devices_hides_gpus(
    visible: str | None, gpus: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_driver.install(monkeypatch, tmp_path, gpus=(fake_driver.HOPPER,) * 4)
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert machine.count_gpus() == gpus


def test_a_nvidia_smi_that_fails_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_driver.install(monkeypatch, tmp_path)
    (tmp_path / "bin/nvidia-smi").write_text("#!/bin/sh\necho NVIDIA-SMI has failed; exit 9\n")
    assert machine.query_gpus() == []
    (tmp_path / "bin/nvidia-smi").write_text("#!/bin/sh\necho 'Field \"compute_cap\" is not a valid field to query.'\n")
    assert machine.query_gpus() == []


def test_the_drivers_library_says_which_cuda_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    def get_version(pointer: object) -> int:
        pointer._obj.value = 12080
        return 0

    monkeypatch.setattr(ctypes, "CDLL", lambda _name: SimpleNamespace(cuDriverGetVersion=get_version))
    assert machine.driver_cuda() == (12, 8)
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: SimpleNamespace(cuDriverGetVersion=lambda _pointer: 999))
    assert machine.driver_cuda() is None


def test_cores_are_those_of_the_process_or_on_a_mac_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    assert machine.usable_cores() == len(os.sched_getaffinity(0))
    monkeypatch.delattr(os, "sched_getaffinity")
    assert machine.usable_cores() == os.cpu_count()
