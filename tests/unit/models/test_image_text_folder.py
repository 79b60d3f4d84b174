"""What a folder with an image-text network says of itself, and what is refused before any job."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from vidbench.errors import UserError
from vidbench.models import image_text_folder

PROCESSOR = {"image_mean": [0.1, 0.2, 0.3], "image_std": [0.4, 0.5, 0.6]}


def made(folder: Path, config: object = None, **files: object) -> Path:
    """A folder whose weights nothing reads."""
    folder.mkdir(parents=True)
    contents = {"config": config or {"model_type": "siglip"}, "preprocessor_config": PROCESSOR, "tokenizer": {}} | files
    for name, content in contents.items():
        (folder / f"{name}.json").write_text(json.dumps(content))
    (folder / "model.safetensors").touch()
    return folder


@pytest.mark.parametrize(
    ("config", "side", "vision"),
    [
        ({"model_type": "siglip"}, 224, {"kind": "siglip", "image_size": 224, "patch_size": 16}),
        (
            {"model_type": "clip", "projection_dim": 768, "vision_config": {"image_size": 336, "patch_size": 14}},
            336,
            {"kind": "clip", "image_size": 336, "patch_size": 14, "projection_dim": 768},
        ),
        (
            {"model_type": "siglip2", "vision_config": {"hidden_size": 8, "dropout": 0.5}},
            256,
            {"kind": "siglip2", "num_patches": 256, "patch_size": 16, "hidden_size": 8},
        ),
    ],
)
def test_what_a_folder_says(config: dict, side: int, vision: dict, tmp_path: Path) -> None:
    folder = made(tmp_path / "mine", config)
    assert image_text_folder.find_file(folder) == folder / "model.safetensors"
    assert image_text_folder.read_vision(folder) == vision
    weights = image_text_folder.trained_input(folder / "model.safetensors")
    assert weights is not None
    assert (weights.size, weights.mean, weights.std) == ([side, side], [0.1, 0.2, 0.3], [0.4, 0.5, 0.6])
    assert (weights.licence, weights.data) == ("", ())


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("siglip2-base-patch16-224", ("WebLI",)),
        ("clip-vit-base-patch32", ("OpenAI's image-text pairs",)),
        ("models--laion--CLIP-ViT-B-32-laion2B-s34B-b79K/snapshots/1a2b", ("LAION-2B",)),
        ("CLIP-ViT-L-14-DataComp.XL-s13B-b90K", ("DataComp-1B",)),
        ("mine", ()),
    ],
)
def test_licence_and_data(name: str, data: tuple[str, ...], tmp_path: Path) -> None:
    folder = made(tmp_path / name)
    (folder / "README.md").write_text("---\ntags:\n- vision\nlicense: Apache-2.0\n---\n# A network\nlicense: none\n")
    weights = image_text_folder.trained_input(folder / "model.safetensors")
    assert weights is not None
    assert (weights.licence, weights.data) == ("apache-2.0", data)


def without(name: str) -> Callable[[Path], None]:
    """Delete a file of the folder."""
    return lambda folder: (folder / name).unlink()


def with_file(name: str, content: str | bytes | dict, instead: str = "") -> Callable[[Path], None]:
    """Write a file of the folder, in place of another one."""

    def write(folder: Path) -> None:
        if instead:
            (folder / instead).unlink()
        text = json.dumps(content) if isinstance(content, dict) else content
        (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)

    return write


WRONG = {
    "no configuration": (without("config.json"), "has no config.json; name a folder"),
    "no processor": (without("preprocessor_config.json"), "has no preprocessor_config.json; copy the whole folder"),
    "no tokenizer": (without("tokenizer.json"), "has no tokenizer.json; copy the whole folder"),
    "no weights": (without("model.safetensors"), "has no model.safetensors; copy the whole folder"),
    "pickle": (with_file("pytorch_model.bin", "", "model.safetensors"), "pytorch_model.bin is a pickle, which can"),
    "shards": (with_file("model.safetensors.index.json", "{}", "model.safetensors"), "are in several files; save them"),
    "another family": (with_file("config.json", {"model_type": "videomae"}), "is of 'videomae', which is no image"),
    "another library": (with_file("config.json", {"architecture": "resnet18"}), "is of no model type, which is no"),
    "own code": (with_file("config.json", {"model_type": "clip", "auto_map": {}}), "asks for code of its own"),
    "not UTF-8": (with_file("config.json", b'{"a": "\xe9"}'), "config.json: cannot be read as JSON: 'utf-8' codec"),
    "no JSON": (with_file("config.json", "{"), "config.json: cannot be read as JSON"),
    "no map": (with_file("config.json", "[]"), "config.json: holds no map of keys"),
    "no map of vision": (
        with_file("config.json", {"model_type": "clip", "vision_config": 3}), "vision_config has to be a map",
    ),
    "no patch": (
        with_file("config.json", {"model_type": "clip", "vision_config": {"patch_size": 0}}),
        "vision_config.patch_size: 0 has to be a whole number above 0",
    ),
    "no mean": (with_file("preprocessor_config.json", {"image_std": [1, 1, 1]}), "image_mean has to be a list of"),
    "two colours": (
        with_file("preprocessor_config.json", PROCESSOR | {"image_std": [1, 1]}), "image_std has to be a list of three",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("change", "words"), WRONG.values(), ids=[*WRONG])
def test_wrong_folders_are_one_line(change: Callable[[Path], None], words: str, tmp_path: Path) -> None:
    folder = made(tmp_path / "mine")
    change(folder)
    with pytest.raises(UserError) as caught:
        image_text_folder.find_file(folder)
    message = str(caught.value)
    assert message.startswith(str(folder))
    assert words in message
    assert "\n" not in message
