"""A folder with an image-text network, as on the Hugging Face Hub: CLIP, SigLIP or SigLIP 2. Imports no torch.

The workflow reads the configuration before any job. No code of a folder is ever run.
"""

import math
from pathlib import Path
from typing import Any

from vidbench.errors import UserError
from vidbench.files import read_json_map
from vidbench.models import model_card
from vidbench.models.network import HUB_FILE, Weights

CONFIG = "config.json"
PROCESSOR = "preprocessor_config.json"
TOKENIZER = "tokenizer.json"
TOKENIZER_CONFIG = "tokenizer_config.json"
INDEX = f"{HUB_FILE}.index.json"
NEEDED = (CONFIG, PROCESSOR, TOKENIZER)
# The library's model types, each with what its image tower has where the configuration is silent.
KINDS = {
    "clip": {"image_size": 224, "patch_size": 32, "projection_dim": 512},
    "siglip": {"image_size": 224, "patch_size": 16},
    "siglip2": {"num_patches": 256, "patch_size": 16},
}
# Keys of an image tower's configuration that say what it computes.
VISION = (
    "hidden_size",
    "intermediate_size",
    "num_hidden_layers",
    "num_attention_heads",
    "image_size",
    "patch_size",
    "num_patches",
    "hidden_act",
    "layer_norm_eps",
)
# By a part of a folder's path, as repositories of the Hub are called: the data that its weights were trained on.
DATA = {
    "siglip": "WebLI",
    "laion2b": "LAION-2B",
    "laion400m": "LAION-400M",
    "datacomp": "DataComp-1B",
    "metaclip": "MetaCLIP's image-text pairs",
    "dfn2b": "DFN-2B",
    "dfn5b": "DFN-5B",
    "commonpool": "CommonPool",
    "clip-vit-base-patch": "OpenAI's image-text pairs",
    "clip-vit-large-patch": "OpenAI's image-text pairs",
}


def find_file(folder: Path) -> Path:
    """Return the weights of a folder; UserError where it does not hold an image-text network, whole and as it should.

    A pickle is refused, because reading it can run code.
    """
    read_vision(folder)
    for name in NEEDED:
        if not (folder / name).is_file():
            raise UserError(f"{folder}: has no {name}; copy the whole folder of the Hub")
    if (folder / HUB_FILE).is_file():
        _describe(folder)
        return folder / HUB_FILE
    if (folder / INDEX).exists():
        raise UserError(
            f"{folder}: its weights are in several files; save them in one: model.save_pretrained(folder,"
            " max_shard_size='50GB')"
        )
    if pickles := sorted(path.name for path in folder.glob("*.bin")):
        raise UserError(
            f"{folder}: {pickles[0]} is a pickle, which can run code; fetch {HUB_FILE}, or save it with"
            " transformers' save_pretrained"
        )
    raise UserError(f"{folder}: has no {HUB_FILE}; copy the whole folder of the Hub")


def read_files(folder: Path) -> list[Path]:
    """Return the files of a folder that the classifier is made from, those that are there."""
    names = (HUB_FILE, CONFIG, TOKENIZER, TOKENIZER_CONFIG)
    return [folder / name for name in names if (folder / name).is_file()]


def read_vision(folder: Path) -> dict[str, Any]:
    """Return the configuration of a folder's image tower, with its `kind`; UserError where it holds none."""
    config = _read_json(folder / CONFIG)
    if "auto_map" in config:
        raise UserError(f"{folder}: {CONFIG} asks for code of its own (auto_map), which is never run; choose another")
    kind = config.get("model_type")
    if kind not in KINDS:
        raise UserError(
            f"{folder}: {CONFIG} is of {_quote(kind)}, which is no image-text network that zero_shot knows; name a"
            f" folder with one of {', '.join(KINDS)}"
        )
    given = config.get("vision_config") or {}
    if not isinstance(given, dict):
        raise UserError(f"{folder}: {CONFIG}: vision_config has to be a map; copy the whole folder of the Hub")
    vision = {"kind": kind} | KINDS[kind] | {key: given[key] for key in VISION if key in given}
    if "projection_dim" in vision and "projection_dim" in config:
        vision["projection_dim"] = config["projection_dim"]
    _check_numbers(folder, vision)
    return vision


def _check_numbers(folder: Path, vision: dict[str, Any]) -> None:
    for key, value in vision.items():
        is_number = isinstance(value, int) and not isinstance(value, bool) and value > 0
        if key not in ("kind", "hidden_act", "layer_norm_eps") and not is_number:
            raise UserError(f"{folder / CONFIG}: vision_config.{key}: {value!r} has to be a whole number above 0")


def native_side(vision: dict[str, Any]) -> int:
    """Return the pixels of the side of the square images that an image tower was trained on."""
    if "image_size" in vision:
        return vision["image_size"]
    return math.isqrt(vision["num_patches"]) * vision["patch_size"]


def trained_input(path: Path) -> Weights | None:
    """Return what the folder around a file says that its weights were trained on; None where it says nothing."""
    if path.name != HUB_FILE or not (path.parent / CONFIG).exists():
        return None
    return _describe(path.parent)


def _describe(folder: Path) -> Weights:
    side = native_side(read_vision(folder))
    processor = _read_json(folder / PROCESSOR)
    return Weights(
        network="zero_shot",
        name=folder.name,
        file=HUB_FILE,
        base="",
        link="",
        is_local=True,
        mean=_read_colours(folder, processor, "image_mean"),
        std=_read_colours(folder, processor, "image_std"),
        size=[side, side],
        resize=side,
        interpolation="bicubic",
        licence=model_card.read_licence(folder),
        data=_find_data(folder),
    )


def _read_colours(folder: Path, processor: dict, key: str) -> list[float]:
    values = processor.get(key)
    if not isinstance(values, list) or len(values) != 3 or not all(isinstance(each, int | float) for each in values):
        raise UserError(f"{folder / PROCESSOR}: {key} has to be a list of three numbers; fetch the file again")
    return [float(each) for each in values]


def _find_data(folder: Path) -> tuple[str, ...]:
    path = str(folder).lower().replace("_", "-")
    return tuple(dict.fromkeys(data for part, data in DATA.items() if part in path))[:1]


def _read_json(path: Path) -> dict[str, Any]:
    if not path.exists():
        raise UserError(f"{path.parent}: has no {path.name}; name a folder as transformers' save_pretrained writes it")
    return read_json_map(path, "map of keys; fetch the file again")


def _quote(name: object) -> str:
    return f"'{name}'" if name else "no model type"
