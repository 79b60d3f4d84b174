"""The configuration of a network of the library transformers (config.json): what clips it takes. Imports no torch.

A step gets it as text in its options, so that a trained model can be built again where its folder is gone.
"""

import json
from dataclasses import dataclass
from typing import Any

from vidbench.errors import UserError

# Of no influence on what a network computes, of its former classes, or on how its outputs are wrapped.
LEFT_OUT = (
    "attn_implementation", "dtype", "id2label", "label2id", "num_labels", "output_attentions", "output_hidden_states",
    "problem_type", "return_dict", "torch_dtype", "transformers_version",
)  # fmt: skip
WITH_CLASSIFIER = "ForVideoClassification"  # end of the name of a class that has a classifier


@dataclass(frozen=True)
class Family:
    """The keys of a family's configuration that tell its clips, with the library's defaults."""

    model_type: str
    source: str
    frames: tuple[str, int] = ("num_frames", 16)
    size: tuple[str, int] = ("image_size", 224)
    patch: tuple[str, Any] = ("patch_size", 16)  # one number, or (time, height, width)
    tubelet: tuple[str, int] = ("tubelet_size", 2)  # frames of a patch, where `patch` is one number
    is_square: bool = False  # clips have to be
    is_fixed: bool = False  # positions are numbered through the clip: no clip but the trained one suits

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the keys that say which clips a network is for: frames and size."""
        return self.frames[0], self.size[0]


FAMILIES = {
    "vjepa2": Family(
        "vjepa2",
        "Assran et al. 2025, arXiv:2506.09985",
        frames=("frames_per_clip", 64),
        size=("crop_size", 256),
        is_square=True,
    ),
    "videomae": Family("videomae", "Tong et al. 2022, arXiv:2203.12602", is_fixed=True),
    "vivit": Family(
        "vivit",
        "Arnab et al. 2021, arXiv:2103.15691",
        frames=("num_frames", 32),
        patch=("tubelet_size", (2, 16, 16)),
    ),
    "timesformer": Family(
        "timesformer",
        "Bertasius et al. 2021, arXiv:2102.05095",
        frames=("num_frames", 8),
        tubelet=("", 1),
        is_square=True,
    ),
    "videoprism": Family(
        "videoprism_vision_model",
        "Zhao et al. 2024, arXiv:2402.13217",
        size=("image_size", 288),
        patch=("tubelet_size", (1, 18, 18)),
    ),
}


@dataclass(frozen=True)
class Geometry:
    """The clips that a network was made for."""

    frames: int
    size: tuple[int, int]  # (height, width)
    patch: tuple[int, int, int]  # (time, height, width)

    @property
    def grid(self) -> tuple[int, int, int]:
        """Return the number of patches over (time, height, width)."""
        return self.frames // self.patch[0], self.size[0] // self.patch[1], self.size[1] // self.patch[2]


def dump(values: dict[str, Any]) -> str:
    """Return a configuration as the text that options hold: the same one for the same network."""
    kept = {key: value for key, value in values.items() if key not in LEFT_OUT and not key.startswith("_")}
    return json.dumps(kept, sort_keys=True)


def has_classifier(values: dict[str, Any]) -> bool:
    """Return whether the weights beside a configuration include a classifier, and the pooling before it."""
    names = values.get("architectures") or [WITH_CLASSIFIER]
    return str(names[0]).endswith(WITH_CLASSIFIER)


def read_geometry(family: str, values: dict[str, Any]) -> Geometry:
    """Return which clips a configuration is for; UserError where it does not say so in whole numbers above 0."""
    keys = FAMILIES[family]
    frames = _read_numbers(values, keys.frames, 1)[0]
    height, width = _read_numbers(values, keys.size, 2)
    if isinstance(keys.patch[1], tuple):
        patch = _read_numbers(values, keys.patch, 3)
    else:
        patch = [*_read_numbers(values, keys.tubelet, 1), *_read_numbers(values, keys.patch, 2)]
    return Geometry(frames, (height, width), (patch[0], patch[1], patch[2]))


def _read_numbers(values: dict[str, Any], key: tuple[str, Any], count: int) -> list[int]:
    """Return a key's `count` numbers; one number stands for all."""
    name, default = key
    value = values.get(name, default)
    numbers = [*value] if isinstance(value, list | tuple) else [value] * count
    if len(numbers) != count or not all(isinstance(each, int) and each > 0 for each in numbers):
        raise UserError(f"config.json: {name}: {value!r} is not {'a number' if count == 1 else f'{count} numbers'}")
    return numbers
