"""What an exported file says of itself: no path of this machine."""

import json
from pathlib import Path

import pytest
from shared_models import plant_models

from vidbench.export.description import describe
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
