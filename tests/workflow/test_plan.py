"""A plan against what Snakemake would do, and against what a run then took."""

import csv
import json
import os
import resource
from pathlib import Path

import fake_driver
import pytest
import tiny
import yaml
from conftest import PROJECT

from vidbench.config import schema
from vidbench.planning import jobs
from vidbench.workflow.run import Run
from workflow.conftest import copy_project, make_own_videos, planned, snakemake, write_config

pytestmark = pytest.mark.slow
FEW_SECONDS = 3  # of a step, below which its prediction is not judged
# Seconds on the clock a processor's second of a training. On a machine that is busier with other things, the clock says
# nothing, as that changes from one minute to the next; then only processors' seconds are judged.
QUIET = 1.6
BLOCKED = """
import socket

def refuse(self, address):
    if self.family in (socket.AF_INET, socket.AF_INET6):
        raise OSError(f"the network was asked for: {address}")
    return connect(self, address)

def refuse_name(name, *arguments, **options):
    raise OSError(f"the network was asked for: {name}")

connect, socket.socket.connect, socket.getaddrinfo = socket.socket.connect, refuse, refuse_name
"""

NOTHING_MEASURED = """
import sys
from pathlib import Path

for option, value in zip(sys.argv, sys.argv[1:]):
    if option == "--output" or (option == "--frames" and "extraction" in sys.argv[0]):
        Path(value).touch()
"""


def counted(config: dict) -> dict[str, int]:
    return jobs.count_jobs(Run(config))


def rich_config() -> dict:
    """Two data sets, folds, fractions, frozen features of two kinds, official weights, a sweep, no motion test."""
    small = {"frames": 4, "size": [32, 32], "views": 1}
    own = {"kind": "csv", "manifest": "own.csv", "leak_check": False, "splits": {"folds": 2, "fractions": [0.5]}}
    own |= {key: tiny.MOTION_ENTRY[key] for key in ("shards", "frames", "clip", "augmentation", "training")}
    made = tiny.config(datasets__own=own, run__seeds=[0, 1], evaluation={"explained_videos": 2, "motion_test": False})
    made["backbones"] |= {
        "frozen": {"architecture": "cnn2d", "width": 4, "trained_stages": 0},
        "resnet": {"architecture": "resnet18", "weights": "DEFAULT", "trained_stages": 0},
    }
    made["models"] |= {
        "frozen_mean": {"backbone": "frozen", "head": "mean"},
        "resnet_lstm": {"backbone": "resnet", "head": "lstm", "clip": small},
        "resnet_max": {"backbone": "resnet", "head": "max", "clip": small},
        "swept": {"architecture": "cnn3d", "width": 4, "sweep": {"training.learning_rate": [0.1, 0.01, 0.001]}},
    }
    made["run"] |= {
        "datasets": ["motion", "own"],
        "models": ["cnn3d", "frozen_mean", "resnet_lstm", "resnet_max", "swept"],
    }
    return made


@pytest.mark.parametrize("config", [tiny.config(), rich_config()], ids=["tiny", "rich"])
def test_as_many_jobs_as_snakemake_would_run(config: dict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = copy_project(tmp_path / "project")
    make_own_videos(folder)
    write_config(folder, config)
    monkeypatch.chdir(folder)
    assert counted(config) == planned(folder)


def test_as_many_jobs_for_a_data_set_that_is_not_there(tmp_path: Path) -> None:
    folder, own = copy_project(tmp_path / "project"), PROJECT / "config" / "kinetics400.yaml"
    embedded = yaml.safe_load((PROJECT / "config" / "config.yaml").read_text())
    config = schema.merge(embedded, yaml.safe_load(own.read_text()))
    write_config(folder, config)
    assert counted(config) == planned(folder)


def test_speeds_are_measured_again_where_a_gpu_appears(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = copy_project(tmp_path / "project")
    fake_driver.place(folder, tmp_path)
    config = tiny.config(device="auto")
    write_config(folder, config)
    for script in ("measure_extraction.py", "measure_speed.py"):
        (folder / "scripts" / script).write_text(NOTHING_MEASURED)
    speeds = [f"results/plan/speed/motion/{model}.json" for model in config["run"]["models"]]
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    snakemake(folder, *speeds)
    assert planned(folder, *speeds) == {}
    fake_driver.write(tmp_path)
    assert planned(folder, *speeds) == {"measure_speed": len(speeds)}


def run_config() -> dict:
    """Trainings that take longer than their start."""
    motion = {"train_scenes": 20, "test_scenes": 10, "frames": 16, "size": 48, "seed": 0}
    clip = {"frames": 8, "size": [48, 48], "views": 2}
    training = tiny.TRAINING | {"epochs": 16, "batch_size": 16}
    made = tiny.config(run__models=["cnn3d", "cnn2d_lstm"], backbones__cnn2d={"architecture": "cnn2d"})
    made["datasets"]["motion"] |= {"motion": motion, "frames": {"size": [48, 48]}, "clip": clip, "training": training}
    made["models"]["cnn3d"] = {"architecture": "cnn3d"}
    return made


def measured_seconds(folder: Path, step: str) -> tuple[float, float]:
    """Sum over a rule's jobs of seconds on the clock and of the processors', as Snakemake measured them."""
    wall = cpu = 0.0
    for path in (folder / "logs" / step).rglob("*.tsv"):
        with open(path, newline="") as file:
            (row,) = csv.DictReader(file, delimiter="\t")
        wall, cpu = wall + float(row["s"]), cpu + float(row["cpu_time"])
    return wall, cpu


def children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def near(predicted: float, found: float) -> bool:
    return found / 2 <= predicted <= found * 2


def size_of(folder: Path, pattern: str) -> int:
    return sum(path.stat().st_size for path in folder.glob(pattern) if path.is_file())


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict, float]:
    """A folder that was planned and then run, the plan, and the processors' seconds of the run."""
    folder = copy_project(tmp_path_factory.mktemp("plan") / "project", measured=True)
    write_config(folder, run_config())
    said = snakemake(folder, "plan", env=os.environ).stdout
    assert (folder / "results" / "plan.txt").read_text() in said
    assert not list((folder / "resources").iterdir())
    plan = json.loads((folder / "results" / "plan.json").read_text())
    before = children_seconds()
    snakemake(folder, env=os.environ)
    return folder, plan, children_seconds() - before


@pytest.mark.alone
def test_the_run_takes_what_was_planned(ran: tuple[Path, dict, float]) -> None:
    folder, plan, cpu_seconds = ran
    rules = {"extraction": "extract_frames", "training": "train_model", "prediction": "predict_videos",
             "costs": "measure_cost"}  # fmt: skip
    planned_training, ran_training = plan["steps"]["training"], measured_seconds(folder, "train_model")
    slowness = planned_training["job_seconds"] / planned_training["cpu_hours"] / 3600, ran_training[0] / ran_training[1]
    for step, rule in rules.items():
        wall, cpu = measured_seconds(folder, rule)
        predicted = plan["steps"][step]
        found = f"{step}: {predicted}, found {wall:.1f} s, {cpu:.1f} s of processors, slowness: {slowness}"
        print(found)
        if max(slowness) < QUIET and wall > FEW_SECONDS:
            assert near(predicted["job_seconds"], wall), found
        if step != "extraction" and cpu > FEW_SECONDS:  # processors' seconds of ffmpegs that have ended are not known
            assert near(3600 * predicted["cpu_hours"], cpu), found
    print(f"in all: {plan['total']}, found {cpu_seconds:.1f} s of processors")
    assert near(3600 * plan["total"]["cpu_hours"], cpu_seconds), (plan["total"], cpu_seconds)


@pytest.mark.alone
def test_the_run_needs_the_disk_that_was_planned(ran: tuple[Path, dict, float]) -> None:
    folder, plan, _ = ran
    results = folder / "results" / "motion"
    found = {
        "downloads": size_of(folder / "resources", "**/*.mp4"),
        "frames": size_of(results, "frames/*.h5"),
        "weights": size_of(results, "*/*/*/weights.safetensors"),
        "predictions": size_of(results, "*/*/*/predictions.h5"),
    }
    for name, size in found.items():
        assert near(plan["disk"][name], size), (name, plan["disk"][name], size)
    everything = size_of(folder / "results", "**/*") - size_of(folder / "results", "plan/**/*")
    assert near(plan["disk"]["total"], everything + found["downloads"])


def test_kinetics_is_planned_without_network_or_videos(tmp_path: Path) -> None:
    folder = copy_project(tmp_path / "project")
    blocked = tmp_path / "blocked"
    blocked.mkdir()
    (blocked / "sitecustomize.py").write_text(BLOCKED)
    environment = os.environ | {"PYTHONPATH": str(blocked)}
    config = yaml.safe_load((PROJECT / "config" / "kinetics400.yaml").read_text())
    config["datasets"]["kinetics400"]["training"]["batch_size"] = 4  # so that its speed is soon measured
    write_config(folder, config)
    done = snakemake(folder, "plan", env=environment)
    assert "the network was asked for" not in done.stdout
    assert not list((folder / "resources").iterdir())
    assert [path.name for path in (folder / "results").iterdir() if path.is_dir()] == ["plan"]
    plan = json.loads((folder / "results" / "plan.json").read_text())
    assert plan["steps"]["extraction"]["jobs"] == 512
    assert 5 < plan["total"]["gpu_hours"] < 500
    assert 100 < plan["total"]["cpu_hours"] < 100_000
    assert 50e9 < plan["disk"]["frames"] < 1e12
    assert 300e9 < plan["passing"] < 500e9
    assert "No GPU was measured" in done.stdout
