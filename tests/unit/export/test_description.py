"""What an exported file says of itself: no path of this machine, and no bound where none is known."""

import json
from pathlib import Path

import pytest
from shared_models import plant_models

from vidbench.export.description import describe
from vidbench.files import read_json, write_json
from vidbench.inference.model_file import ModelFile


@pytest.mark.parametrize(
    ("weights", "name"),
    [
        ("/home/me/r3d.pth", "r3d.pth"),
        ("hf-hub:OWNER/NAME@main in /home/me/resources/weights", "hf-hub:OWNER/NAME@main"),
    ],
)
def test_first_weights_are_named_without_their_folder(tmp_path: Path, weights: str, name: str) -> None:
    file = ModelFile.read(plant_models(tmp_path, weights=weights, licence="mit") / "split1/cnn3d/seed0")
    metadata = describe(file, file.options.clip, preprocess=False, half=False)
    assert "/home" not in json.dumps(metadata)
    assert metadata["weights"] == {"name": name, "sha256": "12ab"}
    assert metadata["licence"] == "mit"


def test_no_bound_is_null(tmp_path: Path) -> None:
    path = plant_models(tmp_path) / "split1/cnn3d/seed0"
    metrics = read_json(path / "metrics.json")
    write_json(path / "metrics.json", metrics | {"rejection": {"max_entropy": 1.386, "threshold": 0.0, "kept": 0.9}})
    file = ModelFile.read(path)
    metadata = describe(file, file.options.clip, preprocess=False, half=False)
    assert (metadata["max_entropy"], metadata["threshold"]) == (None, None)
