"""What a weights file says beside its weights, and files that say nothing."""

import json
from pathlib import Path

import pytest
import torch

from vidbench.errors import UserError
from vidbench.models.weights_file import save_weights
from vidbench.models.weights_metadata import describe_training, read_metadata

RECORD = {
    "options": {"architecture": "r3d_18", "weights": "KINETICS400_V1"},
    "classes": ["left", "right"],
    "frames": {"recipe": "{}", "ffmpeg": "n7.1"},
    "seed": 3,
    "weights": {"name": "KINETICS400_V1"},
    "versions": {"torch": "2"},
    "videos": {"train": 4},
    "device": {"type": "cpu"},
    "status": "ok",
}


def test_metadata_come_back_as_they_were_written_without_the_device(tmp_path: Path) -> None:
    metadata = describe_training(RECORD)
    assert "device" not in metadata
    assert metadata["pretraining"]["data"] == ["Kinetics-400"]
    save_weights(tmp_path / "w.safetensors", {"a": torch.zeros(2)}, metadata)
    assert read_metadata(tmp_path / "w.safetensors") == json.loads(json.dumps(metadata))


def test_random_weights_have_no_licence() -> None:
    assert describe_training(RECORD | {"options": {"architecture": "cnn3d"}})["pretraining"] is None


@pytest.mark.parametrize(
    "content",
    [b"", b"\x02\0\0\0\0\0\0\0{}", b"\xff" * 16, b"not a file of weights", b'\x13\0\0\0\0\0\0\0{"__metadata__": {}}'],
)
def test_other_files_are_refused_in_a_line(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"w\.safetensors: is no weights file"):
        read_metadata(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no\.safetensors: cannot be read"):
        read_metadata(tmp_path / "no.safetensors")


def test_metadata_without_options_are_refused(tmp_path: Path) -> None:
    save_weights(tmp_path / "w.safetensors", {"a": torch.zeros(2)}, {"classes": ["a"]})
    with pytest.raises(UserError, match="lacks the model's options"):
        read_metadata(tmp_path / "w.safetensors")
