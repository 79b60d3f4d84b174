"""`snakemake share` after a run: a folder per data set, and what makes it again."""

import json
import shutil
from pathlib import Path

import pytest
import tiny
from conftest import run_script
from huggingface_hub import ModelCard

from vidbench.sharing.files import FILES
from workflow.conftest import own_config, planned, snakemake, write_config

pytestmark = pytest.mark.slow


def test_a_folder_per_data_set_and_what_makes_it_again(finished: Path) -> None:
    done = snakemake(finished, "share")
    assert "Traceback" not in done.stdout
    for dataset in ("motion", "own"):
        folder = finished / "results" / dataset / "share"
        assert {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} == {*FILES}
        card = ModelCard.load(folder / "README.md")
        assert card.data.pipeline_tag == "video-classification"
        assert card.data.eval_results
    assert planned(finished) == planned(finished, "share") == {}
    shutil.rmtree(finished / "results/own/share/figures")
    assert planned(finished, "share") == {"share_model": 1, "share": 1}
    assert planned(finished) == {}
    wishes = {"model": "cnn2d_mean", "license": "mit", "data_licenses": {"own": "CC BY 4.0"}}
    write_config(finished, tiny.with_changes(own_config(), {"share": wishes}))
    assert planned(finished) == {}
    assert planned(finished, "share") == {"share_model": 2, "share": 1}
    snakemake(finished, "results/own/share/README.md")
    text = (finished / "results/own/share/README.md").read_text()
    assert "# cnn2d_mean on own" in text
    assert "- These weights: mit." in text
    assert "- Data (own): CC BY 4.0." in text


def test_a_shared_model_is_the_trained_one(finished: Path, tmp_path: Path) -> None:
    snakemake(finished, "results/motion/share/README.md")
    alone = shutil.copy(finished / "results/motion/share/weights.safetensors", tmp_path)
    card = (finished / "results/motion/share/README.md").read_text()
    model = "cnn3d" if "# cnn3d on motion" in card else "cnn2d_mean"
    video = sorted((finished / "resources/motion/videos").rglob("*.mp4"))[0]
    answers = []
    for path in (alone, finished / f"results/motion/split1/{model}/seed0/weights.safetensors"):
        done = run_script("classify_videos.py", "--model", path, "--device", "cpu", "--json", "-", video, cwd=tmp_path)
        answers.append(json.loads(next(line for line in done.stdout.splitlines() if line.startswith("{"))))
    assert answers[0] == answers[1]


def test_a_model_that_is_not_in_the_run_is_one_line_before_any_job(finished: Path) -> None:
    write_config(finished, tiny.with_changes(own_config(), {"share__model": "cnn3"}))
    done = snakemake(finished, "share", "--dry-run", check=False)
    assert "error: config: share.model: 'cnn3' is not among run.models, did you mean 'cnn3d'" in done.stdout
