"""The scripts behind a plan, each by itself."""

import json
from pathlib import Path

import measure_speed
import pytest
import tiny
import torch
from conftest import run_script

from vidbench.compute.precision import Precision
from vidbench.config import schema
from vidbench.errors import UserError
from vidbench.frames.store import FrameStore
from vidbench.models.options import ModelOptions
from vidbench.planning import sample_videos, speed
from vidbench.planning.typical_videos import Typical
from vidbench.workflow.speeds import speed_options

FROZEN = {"width": 4, "trained_stages": 0}
MODELS = {
    "cnn3d": {"architecture": "cnn3d", "width": 4},
    "cnn2d_lstm": {"backbone": "cnn2d", "head": "lstm", "hidden": 8},
    "frozen_frames": {"backbone": "frames", "head": "lstm", "hidden": 8},
    "frozen_clips": {"backbone": "clips", "head": "mean"},
}
CONFIG = tiny.config(
    models=MODELS,
    run__models=list(MODELS),
    backbones={
        "cnn2d": {"architecture": "cnn2d", "width": 4},
        "frames": {"architecture": "cnn2d", **FROZEN},
        "clips": {"architecture": "cnn3d", **FROZEN},
    },
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where extraction was measured, and each model's speed."""
    folder = tmp_path_factory.mktemp("planning")
    (folder / "config.json").write_text(json.dumps(CONFIG))
    options = json.dumps(schema.dataset_options(CONFIG, "motion"))
    run_script(
        "measure_extraction.py", "--options", options, "--folder", "not there", "--frames", "extraction/motion.h5",
        "--output", "extraction/motion.json", cwd=folder,
    )  # fmt: skip
    (folder / "speed" / "motion").mkdir(parents=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(speed, "SECONDS", 0.05)
        for model in MODELS:
            found = measure(folder, model)
            (folder / "speed" / "motion" / f"{model}.json").write_text(json.dumps(found))
    return folder


def measure(folder: Path, model: str) -> dict:
    options = ModelOptions.from_dict(speed_options(schema.model_options(CONFIG, "motion", model)))
    precision = Precision(torch.device("cpu"))
    job = speed.make_job(options, folder / "extraction" / "motion.h5", 6, precision, workers=0, cores=1)
    start = {"seconds": 4.0, "cpu_seconds": 2.0}
    return {"device": {"type": "cpu", "name": "a CPU"}, "start": start} | measure_speed.measure(job, feature_threads=1)


def plan(folder: Path, *arguments: str, check: bool = True) -> tuple[str, dict]:
    done = run_script(
        "plan_run.py", "--config", "config.json", "--measurements", ".", "--cores", "2", "--text", "plan.txt",
        "--output", "plan.json", *arguments, cwd=folder, check=check,
    )  # fmt: skip
    return done.stdout + done.stderr, json.loads((folder / "plan.json").read_text()) if check else {}


def test_extraction_is_measured_without_the_data_set(folder: Path) -> None:
    found = json.loads((folder / "extraction" / "motion.json").read_text())
    assert (found["videos"], found["frames_per_video"]) == ("generated", 8)
    assert found["decode"]["seconds"] > 0
    assert sorted(path.name for path in (folder / "extraction").iterdir()) == ["motion.h5", "motion.json"]
    assert len(FrameStore(folder / "extraction" / "motion.h5").videos) == found["number"] == 12


@pytest.mark.parametrize("model", MODELS)
def test_every_kind_of_model_has_a_speed(model: str, folder: Path) -> None:
    found = json.loads((folder / "speed" / "motion" / f"{model}.json").read_text())
    assert found["train"]["each"]["seconds"] > 0
    assert found["predict"]["each"]["seconds"] > 0
    assert found["order"]["seconds"] >= 0
    assert found["weights_bytes"] >= 4 * found["parameters"] > 0
    assert ("features" in found) == model.startswith("frozen")


def test_the_plan_is_printed_and_written(folder: Path) -> None:
    said, found = plan(folder)
    assert (folder / "plan.txt").read_text() in said
    assert found["jobs"]["train_model"] == len(MODELS)
    assert found["steps"]["features"]["jobs"] == 4
    assert found["total"]["cpu_hours"] > 0
    assert found["total"]["gpu_hours"] == 0  # device: cpu
    assert found["disk"]["features"] > 0


def test_a_speed_that_is_missing_is_named(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    (tmp_path / "extraction").symlink_to(folder / "extraction")
    said, _ = plan(tmp_path, check=False)
    assert "speed/motion/cnn3d.json: missing; `snakemake plan` makes it, or measure_speed.py" in said
    assert not (tmp_path / "plan.json").exists()


def test_made_up_videos_are_stored_like_real_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sample_videos.TYPICAL, "ucf101", Typical(240, 320, 25, 1))
    (tmp_path / "videos").mkdir()
    monkeypatch.setattr(sample_videos, "NUMBER", 2)
    made = sample_videos.make_typical_videos("ucf101", tmp_path / "videos", None)
    sizes = [Path(video.path).stat().st_size / 25 for video in made]
    assert all(1000 < size < 5000 for size in sizes)  # bytes a frame; UCF101's archive has 2,700


def test_own_videos_are_measured_where_they_are_there(tmp_path: Path) -> None:
    entry = schema.dataset_options(CONFIG, "motion")
    assert sample_videos.select_present_videos(entry, tmp_path) == []
    sample_videos.make_motion_videos(entry, tmp_path, None)
    found = sample_videos.select_present_videos(entry, tmp_path)
    assert 0 < len(found) <= sample_videos.NUMBER


def test_own_videos_that_are_not_there_are_named(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("path,label,group\nnowhere.mp4,left,a\n")
    entry = schema.dataset_options({"datasets": {"own": {"kind": "csv", "manifest": "own.csv"}}}, "own")
    done = run_script(
        "measure_extraction.py", "--options", json.dumps(entry), "--folder", ".", "--frames", "f.h5",
        "--output", "out.json", cwd=tmp_path, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.strip() == "error: own.csv: none of its videos is there; correct it, or put them there"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["own.csv"]


def test_videos_of_which_none_can_be_decoded_are_named(tmp_path: Path) -> None:
    (tmp_path / "bad.mp4").write_bytes(b"no video")
    (tmp_path / "own.csv").write_text("path,label,group\nbad.mp4,left,a\n")
    entry = schema.dataset_options({"datasets": {"own": {"kind": "csv", "manifest": "own.csv"}}}, "own")
    run_script(
        "measure_extraction.py", "--options", json.dumps(entry), "--folder", ".", "--frames", "f.h5",
        "--output", "out.json", cwd=tmp_path,
    )  # fmt: skip
    with pytest.raises(UserError, match="no video that could be decoded"):
        speed.sample_split(tmp_path / "f.h5", 2)
