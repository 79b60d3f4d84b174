"""A classifier of class names, made and used by the scripts; wrong folders and files end in one line."""

import json
import shutil
from pathlib import Path

import image_text_folders
import numpy as np
import pytest
import tiny
import torch
from conftest import make_split, run_script

from vidbench.config import schema
from vidbench.evaluation.predictions import Predictions
from vidbench.files import file_sha256
from vidbench.inference.model_file import ModelFile
from vidbench.models.build import build
from vidbench.models.options import ModelOptions
from vidbench.models.weights_file import load_weights, save_weights

DATA = ("--videos", "videos.csv", "--split", "split1.csv", "--frames", "0.h5")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Videos, frames and a split of the tiny data set, and a folder of CLIP."""
    cwd = tmp_path_factory.mktemp("zero_shot")
    make_split(cwd, tiny.config())
    image_text_folders.save_folder(cwd / "clip", "clip")
    return cwd


def options_of(weights: Path, **entry: object) -> dict:
    """Complete options of an entry with a folder."""
    model = {"architecture": "zero_shot", "weights": str(weights), **entry}
    return schema.model_options(tiny.config(models__zero=model), "motion", "zero")


def embed(folder: Path, name: str, options: dict, seed: int = 0, check: bool = True):
    """Make a classifier into the folder `name`."""
    arguments = ("--options", json.dumps(options), "--seed", seed, *DATA, "--folder", name)
    return run_script("embed_class_names.py", *arguments, cwd=folder, check=check)


def refused(done, folder: Path, *words: str) -> None:
    """The script ended with one line that holds the words, and left nothing in its folder."""
    assert done.returncode == 1
    lines = [line for line in done.stderr.splitlines() if line.startswith("error:")]
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in lines[0]
    assert [path.name for path in folder.rglob("*") if path.is_file() and path.name != ".lock"] == []


def test_the_same_classifier_for_every_seed_predicts(folder: Path) -> None:
    options = options_of(folder / "clip", prompts=["a video of {}."])
    for seed in (0, 1):
        assert "the names of 6 classes embedded" in embed(folder, f"seed{seed}", options, seed).stdout
    assert file_sha256(folder / "seed0/weights.safetensors") == file_sha256(folder / "seed1/weights.safetensors")
    record = json.loads((folder / "seed0/options.json").read_text())
    file = ModelFile.read(folder / "seed0")
    assert (file.recipe.size, file.metadata["pretraining"]["licence"]) == ((32, 32), "")
    assert record["texts"][0] == ["a video of anticlockwise."]
    assert record["baseline"]["kind"] == "zero_shot"
    assert (folder / "seed0/history.csv").read_text().strip() == "epoch,learning_rate,train_loss,val_loss,val_top1"
    output = folder / "predictions.h5"
    run_script("predict_videos.py", "--folder", "seed0", *DATA, "--device", "cpu", "--output", output, cwd=folder)
    predictions = Predictions.read(output)
    assert predictions.logits.shape == (24, 1, 6)
    assert np.isfinite(predictions.logits).all()
    model = build(ModelOptions.from_dict(record["options"]), 6)
    load_weights(folder / "seed0/weights.safetensors", model)
    scale = image_text_folders.network("clip").logit_scale.exp()
    lengths = model.get_submodule("head.classifier").get_parameter("weight").norm(dim=1)
    torch.testing.assert_close(lengths, scale.expand(6))


def test_history_has_the_columns_of_a_training() -> None:
    import embed_class_names

    from vidbench.training.state import HISTORY

    assert embed_class_names.HISTORY == HISTORY


def test_truncated_weights_leave_nothing(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder / "clip", tmp_path / "clip")
    file = tmp_path / "clip/model.safetensors"
    file.write_bytes(file.read_bytes()[:-1])
    done = embed(folder, str(tmp_path / "run"), options_of(tmp_path / "clip"), check=False)
    refused(done, tmp_path / "run", f"{tmp_path}/clip: cannot be loaded: ", "fetch the folder again")


def test_a_tokenizer_of_another_kind_leaves_nothing(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder / "clip", tmp_path / "clip")
    (tmp_path / "clip/tokenizer.json").write_text("{}")
    done = embed(folder, str(tmp_path / "run"), options_of(tmp_path / "clip"), check=False)
    refused(done, tmp_path / "run", "clip/tokenizer.json: cannot be read: ", "fetch it again")


def test_a_class_that_says_nothing_leaves_nothing(folder: Path, tmp_path: Path) -> None:
    options = options_of(folder / "clip", class_names={"left": "right"})
    done = embed(folder, str(tmp_path / "run"), options, check=False)
    refused(done, tmp_path / "run", "the classes 'left' and 'right' both read 'right'")


@pytest.mark.parametrize("ending", ["safetensors", "pth"])
def test_a_training_from_a_truncated_file_leaves_nothing(ending: str, folder: Path, tmp_path: Path) -> None:
    file = tmp_path / f"start.{ending}"
    config = tiny.config(models__cnn3d={"architecture": "cnn3d", "width": 4})
    model = build(schema.typed_options(config, "motion", "cnn3d"), 6)
    save_weights(file, model.state_dict(), {}) if ending == "safetensors" else torch.save(model.state_dict(), file)
    file.write_bytes(file.read_bytes()[:-100])
    config["models"]["cnn3d"]["weights"] = str(file)
    options = json.dumps(schema.model_options(config, "motion", "cnn3d"))
    arguments = ("--options", options, "--seed", 0, *DATA, "--weights", file, "--device", "cpu")
    done = run_script("train_model.py", *arguments, "--folder", tmp_path / "run", cwd=folder, check=False)
    refused(done, tmp_path / "run", f"{file}: damaged, or not a file of weights")
