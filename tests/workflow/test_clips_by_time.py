"""A whole run whose clips are taken by time: from frames, from cached features of frames, and of clips."""

import copy
from pathlib import Path

import pytest
import tiny

from vidbench.files import read_json
from workflow.conftest import copy_project, planned, snakemake, write_config

pytestmark = pytest.mark.slow
BY_TIME = tiny.CLIP | {"sampling": "dense", "rate": 8}
FROZEN = {"width": 4, "trained_stages": 0}
CONFIG = tiny.config(
    datasets__motion__clip=BY_TIME,
    backbones={"frozen": {"architecture": "cnn2d", **FROZEN}, "clips": {"architecture": "cnn3d", **FROZEN}},
    models={
        "cnn3d": {"architecture": "cnn3d", "width": 4},
        "lstm": {"backbone": "frozen", "head": "lstm", "hidden": 8},
        "probe": {"backbone": "clips", "head": "mean"},
    },
    run__models=["cnn3d", "lstm", "probe"],
    evaluation__explained_videos=1,
)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which all three have run to the page."""
    folder = copy_project(tmp_path_factory.mktemp("by_time"))
    write_config(folder, CONFIG)
    snakemake(folder)
    return folder


def test_a_run_by_time_ends_in_a_page_that_says_so(run: Path) -> None:
    page = (run / "results/report.html").read_text()
    assert "4 frames of 32 × 32 pixels, dense, 8 per second of video time" in page
    for model in ("cnn3d", "lstm", "probe"):
        clip = read_json(run / f"results/motion/split1/{model}/seed0/options.json")["options"]["clip"]
        assert (clip["rate"], "step" in clip) == (8, False)
    assert list(run.glob("results/motion/split1/*/seed0/activations.h5"))


@pytest.mark.parametrize(
    ("clip", "jobs"),
    [
        ({}, {}),
        ({"rate": 6}, {"train_model": 3, "extract_features": 2, "models": 1}),  # of the network for clips alone
        ({"rate": None, "step": 2}, {"train_model": 3, "extract_features": 2, "models": 1}),
    ],
)
def test_what_another_rate_runs_again(run: Path, clip: dict, jobs: dict) -> None:
    config = copy.deepcopy(CONFIG)
    config["datasets"]["motion"]["clip"] |= clip
    write_config(run, config)
    try:
        assert planned(run, "models") == jobs
    finally:
        write_config(run, CONFIG)


def test_a_rate_beside_a_step_ends_in_one_line_before_any_job(run: Path) -> None:
    config = copy.deepcopy(CONFIG)
    config["datasets"]["motion"]["clip"] |= {"step": 2}
    write_config(run, config)
    try:
        done = snakemake(run, "--dry-run", check=False)
    finally:
        write_config(run, CONFIG)
    assert done.returncode != 0
    line = next(line for line in done.stdout.splitlines() if "keep one of them" in line)
    assert "config: model cnn3d on motion: clip: has `rate: 8`" in line
    assert "Traceback" not in done.stdout
