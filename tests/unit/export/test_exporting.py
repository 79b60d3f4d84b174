"""Exported models against the trained ones: families, preprocessing, float16, and what cannot be exported."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import memory_store
import numpy as np
import pytest
import torch
from conftest import PROJECT
from saved_models import CLASSES, CNN3D, RECIPE, save_model
from tiny_transformers import FAMILIES as TRANSFORMERS
from tiny_transformers import library_network, side
from torch import nn

import vidbench
from vidbench.errors import UserError
from vidbench.export import exporting
from vidbench.export.exporting import ExportOptions, export_model
from vidbench.export.onnx_file import OnnxModel
from vidbench.export.trial_clips import generate_clips
from vidbench.frames.ffmpeg import encode_h264
from vidbench.frames.recipe import Recipe
from vidbench.inference.classifier import Classifier
from vidbench.models.transformers_config import dump

pytest.importorskip("onnxruntime", reason="onnx, onnxscript and onnxruntime are not installed here")
pytest.importorskip("onnxscript", reason="onnx, onnxscript and onnxruntime are not installed here")

SMALL = {"architecture": "cnn2d", "width": 4}
BY_FRAMES = {
    "gru": {"backbone": SMALL, "head": "gru", "hidden": 8, "bidirectional": True, "layers": 2},
    "attentive": {"backbone": {"architecture": "mobilenet_v3_small", "tokens": [2, 2]}, "head": "attentive"},
}
SLOW: dict[str, dict[str, Any]] = {
    **{name: {"backbone": SMALL, "head": name, "hidden": 8} for name in ("mean", "lstm", "tcn", "transformer")},
    "tsm": {"backbone": {"architecture": "resnet18"}, "head": "tsm"},
    "timm": {"backbone": {"architecture": "timm/resnet10t", "trained_stages": 0}, "head": "mean"},
    "timm vit": {"backbone": {"architecture": "timm/vit_tiny_patch16_224"}, "head": "mean"},
    "r3d_18": {"architecture": "r3d_18"},
    "s3d": {"architecture": "s3d", "clip": {"frames": 9}},
    "swin3d_t": {"architecture": "swin3d_t"},
    "mvit_v2_s": {"architecture": "mvit_v2_s"},
    "3D backbone": {"backbone": {"architecture": "cnn3d", "width": 4}, "head": "mean"},
}


def load(folder: Path, entry: dict = CNN3D, clip: dict | None = None, recipe: Recipe = RECIPE) -> Classifier:
    """A model with random weights."""
    entry = dict(entry)
    save_model(folder, entry, {**entry.pop("clip", {}), **(clip or {})}, recipe)
    return vidbench.load(folder, device="cpu")


def exported(model: Classifier, folder: Path, suffix: str = ".onnx", **options: Any) -> Path:
    """A file with an exported model, whose logits are within the tolerance of PyTorch's."""
    path = folder / f"model{suffix}"
    assert export_model(model, ExportOptions(path, **options)).logits < (2e-2 if options.get("half") else 1e-4)
    return path


@pytest.mark.parametrize("family", BY_FRAMES)
def test_frames_and_their_heads(family: str, tmp_path: Path) -> None:
    exported(load(tmp_path, BY_FRAMES[family]), tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("family", SLOW)
def test_every_other_family(family: str, tmp_path: Path) -> None:
    exported(load(tmp_path, SLOW[family], {"size": [224, 224]} if family == "timm vit" else None), tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("family", TRANSFORMERS)
def test_video_transformers(family: str, tmp_path: Path) -> None:
    config = dump(json.loads(library_network(family).config.to_json_string(use_diff=False)))
    entry = {"architecture": f"hf/{family}", "network_config": config}
    exported(load(tmp_path, entry, {"size": [side(family)] * 2}), tmp_path)


@pytest.mark.parametrize("suffix", [".onnx", ".pt2"])
def test_frames_in_probabilities_out(suffix: str, tmp_path: Path) -> None:
    """Of videos of two shapes, with a crop at each end and a mean of its own that each clip is freed from."""
    recipe = Recipe(size=40, fps=None, codec="jpeg", quality=2)
    model = load(tmp_path, CNN3D, {"crops": 2, "subtract_temporal_mean": suffix == ".pt2"}, recipe)
    comparison = export_model(model, ExportOptions(tmp_path / f"model{suffix}", preprocess=True))
    assert comparison.logits < 1e-4
    assert comparison.sizes == 2
    assert not list(tmp_path.glob(".*.tmp"))


def test_float16_is_half_as_large(tmp_path: Path) -> None:
    model = load(tmp_path, {"architecture": "cnn3d", "width": 24})
    full = exported(model, tmp_path).stat().st_size
    assert exported(model, tmp_path, preprocess=True, half=True).stat().st_size < 0.6 * full


def test_an_onnx_file_says_how_it_is_used_and_nothing_of_this_machine(tmp_path: Path) -> None:
    import onnx

    trained = load(tmp_path)
    trained.file = replace(trained.file, calibration=replace(trained.file.calibration, max_entropy=1.25))
    path = exported(trained, tmp_path)
    model = onnx.load(path)
    onnx.checker.check_model(model)
    facts = json.loads({each.key: each.value for each in model.metadata_props}["vidbench"])
    assert facts["classes"] == CLASSES
    assert (facts["temperature"], facts["max_entropy"], facts["threshold"]) == (1.5, 1.25, 0.3)
    assert facts["clip"]["step"] == 2  # what a training takes where it is not given
    assert facts["frames"]["size"] == 40
    axes = [each.dim_param or each.dim_value for each in model.graph.input[0].type.tensor_type.shape.dim]
    assert axes == ["batch", 3, 4, 32, 32]
    assert [each.name for each in model.graph.output] == ["logits"]
    assert b".py" not in path.read_bytes()
    assert str(PROJECT).encode() not in path.read_bytes()


def test_a_torch_file_is_used_without_this_project(tmp_path: Path) -> None:
    model = load(tmp_path)
    path = exported(model, tmp_path, ".pt2")
    extra = {"vidbench.json": ""}
    program = torch.export.load(path, extra_files=extra)
    assert json.loads(extra["vidbench.json"])["classes"] == CLASSES
    assert program.module()(torch.zeros(3, 3, 4, 32, 32)).shape == (3, 4)
    with ZipFile(path) as archive:
        parts = [archive.read(name) for name in archive.namelist()]
    assert not any(b".py" in part or str(PROJECT).encode() in part for part in parts)


def test_videos_of_ones_own_are_compared_on(tmp_path: Path) -> None:
    model = load(tmp_path)
    random = np.random.default_rng(0)
    for number, width in enumerate((64, 48)):
        frames = memory_store.square(memory_store.STEPS["left"], 64, 9, random)[:, :, :width]
        encode_h264(frames, tmp_path / f"{number}.mp4", 25.0)
    (tmp_path / "text.mp4").write_text("no video")
    comparison = export_model(model, ExportOptions(tmp_path / "a.onnx", preprocess=True, videos=[str(tmp_path)]))
    assert (comparison.clips, comparison.sizes) == (2, 2)
    with pytest.raises(UserError, match=r"no video to compare with: .*text.mp4: cannot be opened.*; name others"):
        export_model(model, ExportOptions(tmp_path / "b.onnx", videos=[str(tmp_path / "text.mp4")]))
    assert not (tmp_path / "b.onnx").exists()


class WithoutForm(nn.Module):
    """A network with an operation that torch.export takes and ONNX lacks, or one that depends on values."""

    def __init__(self, depends_on_values: bool) -> None:
        super().__init__()
        self.layer = nn.Linear(3, len(CLASSES))
        self.depends_on_values = depends_on_values

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        means = clips.mean((2, 3, 4))
        if self.depends_on_values and means.sum() > 0:
            means = -means
        return self.layer(torch.special.bessel_j0(means))


@pytest.mark.parametrize(
    ("suffix", "depends", "words"),
    [
        (".onnx", False, r"by ONNX: the operation prims.bessel_j0 has no form there; write \*\.pt2 instead"),
        (".onnx", True, r"by torch.export: the operation `if self.depends_on_values and means.sum\(\) > 0:`"),
        (".pt2", True, r"by torch.export: the operation"),
    ],
)
def test_an_operation_that_cannot_be_exported_is_named(suffix: str, depends: bool, words: str, tmp_path: Path) -> None:
    model = load(tmp_path)
    model.network = WithoutForm(depends).eval()
    with pytest.raises(UserError, match=words) as caught:
        export_model(model, ExportOptions(tmp_path / f"a{suffix}"))
    assert "\n" not in str(caught.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["weights.safetensors"]


def test_a_file_that_computes_something_else_gets_no_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Wrong(OnnxModel):
        def run(self, inputs: torch.Tensor) -> dict[str, np.ndarray]:
            outputs = super().run(inputs)
            return {name: values + 2e-4 * (len(inputs) == 5) for name, values in outputs.items()}

    monkeypatch.setattr(exporting, "OnnxModel", Wrong)
    with pytest.raises(UserError, match=r"logits are up to 2.0e-04 away from PyTorch's in a batch of 5"):
        export_model(load(tmp_path), ExportOptions(tmp_path / "a.onnx"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["weights.safetensors"]


def test_names_and_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match=r"name it \*\.onnx"):
        exporting.check_output(tmp_path / "model.bin")
    (tmp_path / "folder.onnx").mkdir()
    with pytest.raises(UserError, match="is a folder"):
        exporting.check_output(tmp_path / "folder.onnx")
    monkeypatch.setattr("vidbench.export.onnx_file.find_spec", lambda name: None if name == "onnxruntime" else name)
    with pytest.raises(UserError, match=r"ONNX files need onnxruntime: .*uv pip install onnxruntime`"):
        exporting.check_output(tmp_path / "model.onnx")
    exporting.check_output(tmp_path / "model.pt2")


def test_generated_clips_are_as_stored_frames(tmp_path: Path) -> None:
    shapes = {tuple(clip.shape) for clip in generate_clips(load(tmp_path))}
    assert shapes == {(4, 3, 40, 53), (4, 3, 53, 40)}
    model = load(tmp_path, recipe=Recipe(size=(36, 48), fps=None, codec="jpeg", quality=2))
    assert {tuple(clip.shape) for clip in generate_clips(model)} == {(4, 3, 36, 48)}
