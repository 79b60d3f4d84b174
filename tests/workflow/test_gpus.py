"""Trainings beside each other on a machine with two GPUs, fake ones: each has its own, and the dead leave theirs."""

import json
import os
import shutil
import signal
import time
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import fake_driver
import pytest
import tiny
from conftest import PROJECT

from workflow.conftest import copy_project, running, snakemake, write_config

pytestmark = pytest.mark.slow
TRAINING = tiny.TRAINING | {"epochs": 15, "patience": None, "workers": 0}
TRAININGS = 4  # two models with two seeds
ON_TWO_GPUS = ("models", "--resources", "gpu=3", "--cores", "4")  # one more than there are


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Trainings to do, on a machine that seems to have two GPUs."""
    folder = copy_project(tmp_path / "project")
    for made in ("fake", "tmp"):
        (tmp_path / made).mkdir()
    fake_driver.write(tmp_path)
    fake_driver.place(folder, tmp_path)
    shutil.copy(PROJECT / "tests/helpers/fake_gpus.py", tmp_path / "fake/sitecustomize.py")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "fake"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))  # where the locks lie
    monkeypatch.setenv("FAKE_GPU_LOG", str(tmp_path / "gpus.log"))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    config = tiny.config(device="auto", datasets__motion__training=TRAINING, run__seeds=[0, 1])
    write_config(folder, config)
    return folder


def events(project: Path) -> list[dict]:
    """Who took and left which GPU, in order of time."""
    log = project.parent / "gpus.log"
    return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


def intervals(found: list[dict], ends: dict[int, float]) -> dict[int, list[tuple[float, float]]]:
    """When each GPU was held, sorted; `ends`: of processes that left none behind because they were killed."""
    ends = ends | {event["process"]: event["time"] for event in found if event["what"] == "left"}
    held = defaultdict(list)
    for event in found:
        if event["what"] == "taken":
            held[event["device"]].append((event["time"], ends[event["process"]]))
    return {device: sorted(times) for device, times in held.items()}


def check_apart(held: dict[int, list[tuple[float, float]]]) -> None:
    assert sorted(held) == [0, 1]
    for device, times in held.items():
        for (_, end), (start, _) in pairwise(times):
            assert end <= start, (device, times)
    # The test would prove nothing if no two trainings had run at once.
    assert any(first[0] < second[1] and second[0] < first[1] for first in held[0] for second in held[1])


def test_trainings_beside_each_other_never_share_a_gpu_and_a_killed_one_leaves_its_own(project: Path) -> None:
    with running(project, *ON_TWO_GPUS, "--keep-going", "--retries", "1") as process:
        limit = time.monotonic() + 300
        while len(events(project)) < 2:
            assert time.monotonic() < limit
            assert process.poll() is None
            time.sleep(0.02)
        killed, died = events(project)[0], time.time()
        os.kill(killed["process"], signal.SIGKILL)
        assert process.wait(400) == 0
    found = events(project)
    assert any(
        event["device"] == killed["device"] and event["what"] == "taken" and event["time"] > died for event in found
    )
    held = intervals(found, {killed["process"]: died})
    assert sum(map(len, held.values())) == TRAININGS + 1  # the killed one was started again
    check_apart(held)


def test_a_driver_that_is_too_old_is_said_before_any_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = copy_project(tmp_path / "project")
    fake_driver.write(tmp_path, "535.183.01")
    fake_driver.place(folder, tmp_path)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    write_config(folder, tiny.config(device="auto"))
    done = snakemake(folder, "models", check=False)
    assert done.returncode == 1
    assert "error: config: device: auto, but the NVIDIA driver 535.183.01 is too old for PyTorch" in done.stdout
    assert not (folder / "resources/motion").exists()
