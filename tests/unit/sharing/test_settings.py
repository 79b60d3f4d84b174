"""What the files beside the card say: classes, preprocessing, and no path of this machine."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from saved_models import CLASSES, RECIPE, save_model
from shared_models import plant_models, write_weights

from vidbench.errors import UserError
from vidbench.inference.model_file import ModelFile
from vidbench.sharing.settings import model_config, name_of, preprocessor_config, public_metadata
from vidbench.sharing.weights_copy import copy_weights


@pytest.mark.parametrize(
    ("weights", "name"),
    [
        ("/home/me/secret/r3d.pth", "r3d.pth"),
        ("./models/timesformer/model.safetensors", "timesformer"),
        ("KINETICS400_V1", "KINETICS400_V1"),
        ("hf-hub:OWNER/NAME@" + "a" * 40, "hf-hub:OWNER/NAME@" + "a" * 40),
        ("hf-hub:OWNER/NAME@main in /home/me/resources/weights", "hf-hub:OWNER/NAME@main"),
    ],
)
def test_weights_are_named_without_folders_of_this_machine(weights: str, name: str) -> None:
    assert name_of(weights) == name


def test_no_path_of_this_machine_is_in_the_metadata(tmp_path: Path) -> None:
    results = plant_models(tmp_path, weights="/home/me/r3d.pth")
    file = ModelFile.read(results / "split1/cnn3d/seed0")
    public = public_metadata(file.metadata)
    assert "/home" not in json.dumps(public)
    assert (public["options"]["weights"], public["weights"]) == ("r3d.pth", {"name": "r3d.pth", "sha256": "12ab"})
    assert file.metadata["options"]["weights"] == "/home/me/r3d.pth"
    backbone = {"options": {"backbone": {"weights": "/home/me/r18.pth"}}, "classes": []}
    assert public_metadata(backbone)["options"]["backbone"]["weights"] == "r18.pth"
    assert "/home" not in json.dumps(model_config(file))


def test_the_classes_and_the_preprocessing_are_the_models(tmp_path: Path) -> None:
    save_model(tmp_path, clip={"mean": [0.1, 0.2, 0.3], "std": 0.5, "sampling": "dense", "step": 2})
    file = ModelFile.read(tmp_path)
    config = model_config(file)
    assert config["id2label"] == dict(zip("0123", CLASSES, strict=True))
    assert config["label2id"] == {label: number for number, label in enumerate(CLASSES)}
    assert config["vidbench"]["calibration"]["temperature"] == 1.5
    shown = preprocessor_config(file)
    assert (shown["image_mean"], shown["image_std"]) == ([0.1, 0.2, 0.3], [0.5] * 3)
    assert shown["crop_size"] == {"height": 32, "width": 32}
    assert (shown["num_frames"], shown["sampling"], shown["step"], shown["views"]) == (4, "dense", 2, 2)
    assert shown["stored_frames"]["size"] == 40


def test_a_network_of_transformers_keeps_its_own_configuration(tmp_path: Path) -> None:
    network = {"model_type": "timesformer", "hidden_size": 8}
    options = {"architecture": "hf/timesformer", "weights": "/home/me/t/model.safetensors"}
    frames = {"recipe": json.dumps(RECIPE.as_dict()), "ffmpeg": "n9.0"}
    metadata = {"options": options | {"network_config": json.dumps(network)}, "classes": ["a", "b"], "frames": frames}
    write_weights(tmp_path / "weights.safetensors", metadata)
    config = model_config(ModelFile.read(tmp_path))
    assert (config["model_type"], config["hidden_size"]) == ("timesformer", 8)
    assert config["id2label"] == {"0": "a", "1": "b"}
    assert config["vidbench"]["options"]["weights"] == "t"


def test_a_copy_has_the_same_weights_and_other_metadata(tmp_path: Path) -> None:
    save_model(tmp_path)
    copy_weights(tmp_path / "weights.safetensors", tmp_path / "copy.safetensors", {"options": {}, "classes": ["é"]})
    before, after = (load_file(tmp_path / name) for name in ("weights.safetensors", "copy.safetensors"))
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)
    with open(tmp_path / "copy.safetensors", "rb") as file:
        size = int.from_bytes(file.read(8), "little")
        assert size % 8 == 0
        assert json.loads(json.loads(file.read(size))["__metadata__"]["vidbench"])["classes"] == ["é"]


def test_a_file_of_another_program_gets_metadata_too(tmp_path: Path) -> None:
    save_file({"a": torch.ones(3)}, tmp_path / "plain.safetensors")
    copy_weights(tmp_path / "plain.safetensors", tmp_path / "copy.safetensors", {})
    assert torch.equal(load_file(tmp_path / "copy.safetensors")["a"], torch.ones(3))


@pytest.mark.parametrize("change", [lambda data: data[:-1], lambda data: data + b"!", lambda data: data[:20]])
def test_damaged_weights_are_one_line_and_no_file(tmp_path: Path, change: object) -> None:
    path = tmp_path / "weights.safetensors"
    write_weights(path, {})
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(UserError, match=r"weights\.safetensors: damaged: .*; copy it again"):
        copy_weights(path, tmp_path / "copy.safetensors", {})
    assert not list(tmp_path.glob("*copy*"))
