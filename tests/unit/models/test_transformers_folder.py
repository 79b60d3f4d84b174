"""Folders of the library transformers: their input as its processors have it, and what is refused, in one line each."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny_transformers as tiny
import torch
import transformers
from tiny_transformers import FAMILIES, options, save

from vidbench import models
from vidbench.errors import UserError
from vidbench.models import official_weights, pretraining
from vidbench.models.build import build, load_pretrained
from vidbench.models.options import ModelOptions, NetworkOptions
from vidbench.models.tables import hub_models
from vidbench.models.transformers_config import FAMILIES as DESCRIBED
from vidbench.models.transformers_config import dump, read_geometry

FILE = "model.safetensors"


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of a tiny VideoMAE."""
    return save("videomae", tmp_path_factory.mktemp("saved") / "mae")


@pytest.fixture
def folder(saved: Path, tmp_path: Path) -> Path:
    """A copy of it, which a test may spoil."""
    return Path(shutil.copytree(saved, tmp_path / "mae"))


def load(folder: Path, family: str = "videomae") -> None:
    """Resolve weights as the workflow does, check them, and load them as a job does."""
    asked = options(family, folder)
    models.check(asked)
    load_pretrained(build(asked, 5), asked.network, Path(str(asked.network.weights)))


def refused(folder: Path, family: str = "videomae") -> str:
    """The one line with which a folder is refused, before a job or by it."""
    with pytest.raises(UserError) as caught:
        load(folder, family)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500
    return str(caught.value)


def change(folder: Path, **values: object) -> None:
    """Change keys of a folder's configuration."""
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | values))


def test_wrong_files(folder: Path, tmp_path: Path) -> None:
    load(folder)
    content = (folder / FILE).read_bytes()
    for size in (0, 5, len(content) // 2, len(content) - 1):
        (folder / FILE).write_bytes(content[:size])
        assert "model.safetensors: damaged" in refused(folder)
    (folder / FILE).rename(folder / "pytorch_model.bin")
    assert "pytorch_model.bin is a pickle, which can run code; save model.safetensors" in refused(folder)
    (folder / "model.safetensors.index.json").write_text("{}")
    assert "its weights are in several files" in refused(folder)
    (folder / "model.safetensors.index.json").unlink()
    (folder / "pytorch_model.bin").unlink()
    assert "has no model.safetensors; copy the whole folder" in refused(folder)
    (folder / "config.json").unlink()
    assert "config.json: is missing; name a folder" in refused(folder)
    (tmp_path / "mine.pth").write_bytes(content)
    assert "is no safetensors file, the only kind that is read for hf/videomae" in refused(tmp_path / "mine.pth")
    assert "no such file" in refused(tmp_path / "mine.safetensors")
    (tmp_path / "alone.safetensors").write_bytes(content)
    assert "alone.safetensors: has no config.json beside it" in refused(tmp_path / "alone.safetensors")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"model_type": "vjepa2"}, "config.json: is of 'vjepa2', not of hf/videomae"),
        ({"model_type": None, "architecture": "resnet18"}, "is of 'resnet18', not of hf/videomae"),
        ({"auto_map": {"AutoModel": "mine.Model"}}, "auto_map asks for code of the folder to be run"),
        ({"image_size": "large"}, "config.json: image_size: 'large' is not 2 numbers"),
        ({"num_frames": 0}, "config.json: num_frames: 0 is not a number"),
        ({"num_frames": 16}, "positions are fixed to the 16 frames of 32 x 32 pixels .* set clip.frames: 16"),
        ({"image_size": 224}, r"fixed to the 4 frames of 224 x 224 .* clip.size: \[224, 224\]"),
        ({"patch_size": 12}, r"whole patches of 12 x 12 pixels, not 32 x 32; set clip.size: \[36, 36\]"),
        ({"tubelet_size": 3}, "needs a multiple of 3 frames, those of a patch, not 4; set clip.frames: 3"),
        ({"num_attention_heads": 5}, "config.json is refused by the library"),
        ({"hidden_size": "wide"}, "config.json is refused by the library"),
        ({"hidden_act": "unheard_of"}, "config.json is refused by the library"),
        ({"hidden_size": 96}, "of another shape|did not load"),
        ({"num_hidden_layers": 3}, "tensors missing"),
        ({"num_hidden_layers": 1}, "tensors unknown"),
    ],
)
def test_wrong_configurations(values: dict[str, Any], words: str, folder: Path) -> None:
    change(folder, **values)
    assert re.search(words, refused(folder)), refused(folder)


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff\xfe", b"null"])
@pytest.mark.parametrize("name", ["config.json", "preprocessor_config.json"])
def test_files_that_are_no_json_object(content: bytes, name: str, folder: Path) -> None:
    (folder / name).write_bytes(content)
    with pytest.raises(UserError, match=name) as caught:
        official_weights.trained_input("hf/videomae", str(folder / FILE))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"image_mean": [0.5]}, r"image_mean: \[0.5\] is not three numbers"),
        ({"image_std": "x"}, "image_std: 'x' is not three numbers"),
        ({"image_std": [0, 1, 1]}, "image_std or rescale_factor is zero"),
        ({"rescale_factor": 0}, "image_std or rescale_factor is zero"),
        ({"crop_size": "large"}, "crop_size: 'large' is not a size in pixels"),
        ({"crop_size": {"height": -4}}, "crop_size: .* is not a size in pixels"),
    ],
)
def test_wrong_processors(values: dict[str, Any], words: str, folder: Path) -> None:
    (folder / "preprocessor_config.json").write_text(json.dumps(values))
    with pytest.raises(UserError, match=words) as caught:
        official_weights.trained_input("hf/videomae", str(folder / FILE))
    assert "\n" not in str(caught.value)


def test_unknown_families_and_entries_without_sizes(saved: Path) -> None:
    for name in ("hf/vjepa", "hf/"):
        with pytest.raises(UserError, match=r"'hf/.* is not known, "):
            official_weights.resolve(name, str(saved))
    assert not models.takes_clips("hf/vjepa")
    assert models.takes_clips("hf/vjepa2")
    for make in (lambda: official_weights.network_config("hf/vjepa2", None, None), lambda: models.check(
        ModelOptions(network=NetworkOptions(architecture="hf/vjepa2")))):  # fmt: skip
        with pytest.raises(UserError, match="hf/vjepa2 has no sizes of its own: set weights to a folder"):
            make()
    with pytest.raises(UserError, match="hf/vjepa2 has no official weights, so not 'DEFAULT'"):
        official_weights.resolve("hf/vjepa2", "DEFAULT")
    with pytest.raises(UserError, match="r3d_18 needs none"):
        official_weights.network_config("r3d_18", None, str(saved))
    asked = options("videomae", saved)
    with pytest.raises(UserError, match="drop_path: hf/videomae has none"):
        models.check(replace(asked, network=replace(asked.network, drop_path=0.1)))


def test_random_weights_take_any_clip_of_whole_patches(saved: Path) -> None:
    config = official_weights.network_config("hf/videomae", None, str(saved))
    assert config == official_weights.network_config("hf/videomae", None, str(saved / "config.json"))
    network = {"architecture": "hf/videomae", "network_config": config}
    asked = ModelOptions.from_dict({**network, "clip": {"frames": 6, "size": [48, 48]}})
    assert build(asked, 3)(torch.zeros(1, 3, 6, 48, 48)).shape == (1, 3)


@pytest.mark.parametrize("family", FAMILIES)
def test_defaults_are_the_librarys(family: str) -> None:
    name = tiny.KINDS[family][0]
    config = getattr(transformers, name).config_class()
    assert read_geometry(family, {}) == read_geometry(family, config.to_dict())
    assert config.model_type == DESCRIBED[family].model_type


@pytest.mark.parametrize(
    ("family", "processor"),
    [
        ("videomae", "VideoMAEVideoProcessor"),
        ("videomae", "VideoMAEImageProcessor"),
        ("vivit", "VivitVideoProcessor"),
        ("vivit", "VivitImageProcessor"),
        ("timesformer", "TimesformerVideoProcessor"),
        ("vjepa2", "VJEPA2VideoProcessor"),
    ],
)
@pytest.mark.parametrize("more", [{}, {"do_normalize": False}, {"image_mean": [0.1, 0.2, 0.3]}])
def test_values_are_those_of_the_librarys_processors(
    family: str, processor: str, more: dict[str, Any], tmp_path: Path
) -> None:
    """A clip of its size, all pixels alike, comes out of the processor as our mean and deviation say."""
    transformers.logging.set_verbosity_error()
    made = getattr(transformers, processor)(**more)
    made.save_pretrained(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps({"model_type": DESCRIBED[family].model_type}))
    found = official_weights.trained_input(f"hf/{family}", str(tmp_path / FILE))
    assert found is not None
    colours = np.array([10, 120, 250], np.uint8)
    frames = np.broadcast_to(colours, (2, *found.size, 3)).copy()
    kind = "videos" if "Video" in processor.removeprefix("VideoMAE") else "images"
    values = made(**{kind: [frame for frame in frames] if kind == "images" else frames}, return_tensors="np")
    pixels = np.asarray(next(iter(values.values()))).reshape(-1, 3, *found.size)
    expected = (colours / 255 - np.array(found.mean)) / np.array(found.std)
    assert np.allclose(pixels[0].mean((1, 2)), expected, atol=1e-5)


def test_size_without_a_crop(folder: Path) -> None:
    for values, size in (
        ({"size": {"height": 48, "width": 64}, "do_center_crop": None}, [48, 64]),
        ({"size": {"shortest_edge": 64}, "crop_size": 48}, [48, 48]),
        ({"size": 40, "crop_size": 48, "do_center_crop": False}, [40, 40]),
        ({"video_processor": {"size": {"height": 36, "width": 36}}}, [36, 36]),
        ({}, [32, 32]),  # of the network's configuration
    ):
        (folder / "processor_config.json").write_text(json.dumps(values))
        found = official_weights.trained_input("hf/videomae", str(folder / FILE))
        assert found is not None
        assert found.size == size


def test_only_what_a_network_computes_with_is_in_its_options() -> None:
    config = {"hidden_size": 8, "id2label": {"0": "a"}, "_name_or_path": "x", "transformers_version": "4"}
    assert dump(config) == '{"hidden_size": 8}'


def test_what_a_file_says_of_its_outputs_and_kernels_has_no_effect(folder: Path) -> None:
    change(folder, return_dict=False, output_attentions=True, _attn_implementation="flash_attention_2")
    asked = options("videomae", folder)
    with torch.no_grad():
        assert build(asked, 3)(torch.zeros(1, 3, 4, 32, 32)).shape == (1, 3)


def test_licences_and_data(folder: Path) -> None:
    def found() -> Any:
        asked = options("videomae", folder).network
        return pretraining.find_weights(asked)

    assert (found().licence, found().data) == ("", ())
    change(folder, _name_or_path="MCG-NJU/videomae-base-finetuned-kinetics")
    assert (found().licence, found().data) == ("cc-by-nc-4.0", ("Kinetics-400",))
    assert not pretraining.is_commercial(found().licence)
    assert pretraining.find_overlap("ucf101", found())
    (folder / "README.md").write_text("---\ntags:\n- x\nlicense: 'apache-2.0'\n---\ntext --- more")
    assert found().licence == "apache-2.0"
    (folder / "README.md").write_text("---\nlicense: other\n---\n")
    assert found().licence == "cc-by-nc-4.0"


@pytest.mark.parametrize(
    ("repository", "licence", "kinetics"),
    [
        ("facebook/vjepa2-vitl-fpc64-256", "mit", True),
        ("facebook/vjepa2-vitl-fpc32-256-diving48", "mit", True),
        ("MCG-NJU/videomae-base", "cc-by-nc-4.0", True),
        ("MCG-NJU/videomae-base-finetuned-ssv2", "cc-by-nc-4.0", False),
        ("google/vivit-b-16x2-kinetics400", "mit", True),
        ("facebook/timesformer-hr-finetuned-ssv2", "cc-by-nc-4.0", False),
        ("MCG-NJU/videomae-small-finetuned-ssv2", "cc-by-nc-4.0", False),
        ("MCG-NJU/videomae-base-short-ssv2", "cc-by-nc-4.0", False),
        ("google/videoprism-base-f16r288", "", False),
        ("someone/else", "", False),
    ],
)
def test_known_repositories(repository: str, licence: str, kinetics: bool) -> None:
    known = hub_models.find(repository)
    assert known.licence == licence
    assert ("Kinetics-400" in known.data) == kinetics
