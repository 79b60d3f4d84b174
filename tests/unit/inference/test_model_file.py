"""A model by its file alone, from an older run, and with files of others beside it."""

import json
import pickle
from pathlib import Path

import pytest
import torch

from vidbench.errors import UserError
from vidbench.files import write_json
from vidbench.inference.model_file import Calibration, ModelFile
from vidbench.models.weights_file import save_weights

RECIPE = json.dumps({"size": 48, "fps": None, "codec": "jpeg", "quality": 2, "image_fps": 25.0})
FRAMES = {"recipe": RECIPE, "ffmpeg": "n7.1"}
OLD = {"options": {"architecture": "cnn3d"}, "classes": ["left", "right"]}
METRICS = {"classes": ["left", "right"], "temperature": 1.5, "rejection": {"threshold": 0.6, "kept": 0.9}}


def save(folder: Path, metadata: dict) -> Path:
    path = folder / "weights.safetensors"
    save_weights(path, {"a": torch.zeros(1)}, metadata)
    return path


def test_a_file_that_says_all_needs_nothing_beside_it(tmp_path: Path) -> None:
    calibration = Calibration(0.8, 0.5, 0.9)
    file = ModelFile.read(save(tmp_path, OLD | {"frames": FRAMES, "calibration": calibration.as_dict()}))
    assert file.calibration == calibration
    assert file.recipe.size == 48
    assert file.classes == ("left", "right")


def test_a_folder_stands_for_its_weights_and_metrics_beside_them_are_read(tmp_path: Path) -> None:
    save(tmp_path, OLD | {"frames": FRAMES})
    write_json(tmp_path / "metrics.json", METRICS | {"calibration_warning": "few"})
    assert ModelFile.read(tmp_path).calibration == Calibration(1.5, 0.6, 0.9, "few")


def test_a_temperature_at_its_bound_is_not_used(tmp_path: Path) -> None:
    save(tmp_path, OLD | {"frames": FRAMES})
    write_json(tmp_path / "metrics.json", METRICS | {"temperature": 0.05, "calibration_warning": "at the bound"})
    assert ModelFile.read(tmp_path).calibration == Calibration(1.0, 0.6, 0.9, "at the bound, so it is not used")


def test_metrics_from_before_there_were_thresholds_give_the_temperature(tmp_path: Path) -> None:
    save(tmp_path, OLD | {"frames": FRAMES})
    write_json(tmp_path / "metrics.json", {"classes": OLD["classes"], "temperature": 2.0})
    assert ModelFile.read(tmp_path).calibration == Calibration(2.0)


def test_metrics_of_other_classes_are_not_taken(tmp_path: Path) -> None:
    save(tmp_path, OLD | {"frames": FRAMES})
    write_json(tmp_path / "metrics.json", METRICS | {"classes": ["up"]})
    assert ModelFile.read(tmp_path).calibration == Calibration()


def test_a_file_of_an_older_run_takes_its_recipe_from_its_record(tmp_path: Path) -> None:
    path = save(tmp_path, OLD)
    with pytest.raises(UserError, match=r"older run .* put its options\.json beside it, or train"):
        ModelFile.read(path)
    write_json(tmp_path / "options.json", OLD | {"frames": FRAMES})
    assert ModelFile.read(path).recipe.size == 48


def test_a_record_of_another_model_is_refused(tmp_path: Path) -> None:
    path = save(tmp_path, OLD)
    write_json(tmp_path / "options.json", {"options": {"architecture": "s3d"}, "classes": ["a"], "frames": FRAMES})
    with pytest.raises(UserError, match="is of another model"):
        ModelFile.read(path)


def test_a_baseline_has_nothing_to_take_away(tmp_path: Path) -> None:
    write_json(tmp_path / "options.json", {"baseline": {"kind": "knn"}, "classes": ["left"]})
    with pytest.raises(UserError, match=r"is a baseline \(knn\), which has no weights to take away; name a trained"):
        ModelFile.read(tmp_path)


def test_a_bound_of_the_entropy_is_read_and_packed(tmp_path: Path) -> None:
    save(tmp_path, OLD | {"frames": FRAMES})
    write_json(tmp_path / "metrics.json", METRICS | {"rejection": METRICS["rejection"] | {"max_entropy": 0.2}})
    calibration = ModelFile.read(tmp_path).calibration
    assert calibration.max_entropy == 0.2
    assert Calibration(**calibration.as_dict()) == calibration


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("bounds", [{"threshold": None, "max_entropy": None}, {"threshold": 0.0, "max_entropy": 0.693}])
def test_too_few_validation_videos_are_no_bound(tmp_path: Path, packed: bool, bounds: dict) -> None:
    """Those of an earlier version, too, which held 0.0 and log K then."""
    rejection = bounds | {"kept": 0.9}
    save(tmp_path, OLD | {"frames": FRAMES} | ({"calibration": {"temperature": 1.5} | rejection} if packed else {}))
    write_json(tmp_path / "metrics.json", METRICS | {"rejection": rejection})
    calibration = ModelFile.read(tmp_path).calibration
    assert calibration == Calibration(1.5, None, 0.9)
    assert calibration.lacks_videos
    assert not Calibration().lacks_videos
    assert not Calibration(1.5, 0.5, 0.9).lacks_videos


@pytest.mark.parametrize(
    "metadata",
    [
        OLD | {"frames": FRAMES, "options": 3},
        OLD | {"frames": FRAMES, "options": {"architecture": "cnn3d", "of_a_later_version": 1}},
        OLD | {"frames": FRAMES, "classes": 5},
        OLD | {"frames": {}},
        OLD | {"frames": {"recipe": "{}"}, "calibration": {}},
        OLD | {"frames": FRAMES, "calibration": {"of_a_later_version": 1}},
    ],
)
def test_what_is_not_understood_is_one_line(metadata: dict, tmp_path: Path) -> None:
    path = save(tmp_path, metadata)
    with pytest.raises(UserError, match=r"weights\.safetensors: what it says of its model is not understood") as error:
        ModelFile.read(path)
    assert "\n" not in str(error.value)


def test_other_files_are_no_models(tmp_path: Path) -> None:
    whole = save(tmp_path, OLD | {"frames": FRAMES}).read_bytes()
    for name, content in {"pickle.pt": pickle.dumps({"a": 1}), "cut.safetensors": whole[:100], "empty": b""}.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(UserError, match="is no weights file"):
            ModelFile.read(tmp_path / name)
