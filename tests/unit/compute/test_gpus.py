"""Which GPUs a process takes; what takes several processes is in tests/scripts/test_gpu_lock.py."""

import errno
import json
import os
from pathlib import Path

import fake_driver
import pytest

from vidbench.compute import gpus
from vidbench.compute.gpus import LocalRanks, acquire_gpu, acquire_gpus
from vidbench.errors import UserError

NAMES = ["uuid0", "uuid1", "uuid2"]


@pytest.fixture(autouse=True)
def _three_gpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_driver.install(monkeypatch, tmp_path, gpus=(fake_driver.HOPPER,) * 3, free_mb=(10_000, 80_000, 50_000))
    monkeypatch.setattr(gpus, "POLL_SECONDS", 0.01)


def test_the_free_gpus_with_the_most_free_memory_are_taken(tmp_path: Path) -> None:
    (tmp_path / "locks").mkdir()
    assert acquire_gpu(NAMES, folder=tmp_path / "locks") == 1
    assert acquire_gpus(NAMES, 2, tmp_path / "locks") == [1, 2]
    assert sorted(acquire_gpus(NAMES, 3, tmp_path / "locks")) == [0, 1, 2]


def test_without_nvidia_smi_the_first_free_gpu_is_taken(tmp_path: Path) -> None:
    (tmp_path / "bin/nvidia-smi").unlink()
    assert acquire_gpu(NAMES, folder=tmp_path / "locks") == 0


def test_the_first_process_of_a_training_takes_the_gpus_of_all(tmp_path: Path) -> None:
    ranks = [LocalRanks(rank, 2, os.getppid()) for rank in range(2)]
    first, second = (acquire_gpu(NAMES, each, tmp_path / "locks") for each in ranks)
    assert (first, second) == (1, 2)
    [shared] = (tmp_path / "locks").glob("training-*.json")
    assert json.loads(shared.read_text()) == [1, 2]


def test_the_others_do_not_wait_for_a_training_that_has_ended(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="torchrun has ended"):
        acquire_gpu(NAMES, LocalRanks(1, 2, parent=-1), tmp_path / "locks")


def test_a_training_is_told_from_one_whose_process_had_the_same_number() -> None:
    here = LocalRanks(parent=os.getpid())
    started = Path("/proc/self/stat").read_text().rpartition(") ")[2].split()[19]
    assert here.name == f"training-{os.getpid()}-{started}-0"
    assert LocalRanks(parent=os.getpid(), restarts="1").name != here.name


def test_what_torchrun_says_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert LocalRanks.of_torchrun() == LocalRanks(0, 1, os.getppid(), "0")
    for name, value in {"LOCAL_RANK": "3", "LOCAL_WORLD_SIZE": "4", "TORCHELASTIC_RESTART_COUNT": "2"}.items():
        monkeypatch.setenv(name, value)
    assert LocalRanks.of_torchrun() == LocalRanks(3, 4, os.getppid(), "2")


def test_a_disk_without_locks_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    def lockf(*_arguments: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(gpus.fcntl, "lockf", lockf)
    assert acquire_gpu(NAMES, folder=tmp_path / "locks") == 0
    assert "this disk has no file locks, so jobs may share a GPU; set TMPDIR" in capsys.readouterr().out
