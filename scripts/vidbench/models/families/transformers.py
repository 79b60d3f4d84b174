"""Video networks of the library transformers: `architecture: hf/FAMILY`, from a folder or from the Hugging Face Hub.

A family has no sizes of its own: these are in the configuration beside the weights, or in one that is named by itself.
"""

import json
from functools import cache

from vidbench.errors import UserError, did_you_mean
from vidbench.models.network import TOKENS, Network
from vidbench.models.options import ClipOptions, NetworkOptions
from vidbench.models.transformers_config import FAMILIES, Geometry, read_geometry

PREFIX = "hf/"


def names() -> list[str]:
    """Return no names: none can be built from its name alone."""
    return []


@cache
def describe(name: str) -> Network | None:
    """Return the description of a network of this family; UserError where there is none of that name."""
    if not name.startswith(PREFIX):
        return None
    family = FAMILIES.get(name.removeprefix(PREFIX))
    if family is None:
        raise UserError(f"'{name}' is not known, {did_you_mean(name, [PREFIX + each for each in FAMILIES])}")
    return Network(
        name=name,
        family="transformers",
        module="networks.video_transformers",
        takes_clips=True,
        num_stages=None,
        num_features=None,
        form=TOKENS,
        has_folders=True,
        packages=("torch", "transformers"),
        source=family.source,
    )


def check_clip(options: NetworkOptions, clip: ClipOptions) -> None:
    """Raise UserError where a network cannot take these clips, or where nothing says how large it is."""
    name = options.architecture
    if options.network_config is None:
        raise UserError(
            f"{name} has no sizes of its own: set weights to a folder, or to hf-hub:OWNER/NAME@REVISION, or for random"
            " ones network_config to a folder with config.json"
        )
    kind = name.removeprefix(PREFIX)
    geometry = read_geometry(kind, json.loads(options.network_config))
    _check_frames(name, clip.frames, geometry)
    _check_size(name, clip.size, geometry, FAMILIES[kind].is_square)
    trained_on = (geometry.frames, geometry.size)
    if FAMILIES[kind].is_fixed and options.weights and (clip.frames, tuple(clip.size)) != trained_on:
        height, width = geometry.size
        raise UserError(
            f"{name}: its positions are fixed to the {geometry.frames} frames of {height} x {width} pixels that its"
            f" weights were trained on, not {clip.frames} of {clip.size[0]} x {clip.size[1]}; set clip.frames:"
            f" {geometry.frames} and clip.size: [{height}, {width}]"
        )


def _check_frames(name: str, frames: int, geometry: Geometry) -> None:
    tubelet = geometry.patch[0]
    if frames % tubelet:
        nearest = max(tubelet, round(frames / tubelet) * tubelet)
        raise UserError(
            f"{name} needs a multiple of {tubelet} frames, those of a patch, not {frames}; set clip.frames: {nearest}"
        )


def _check_size(name: str, size: tuple[int, int], geometry: Geometry, is_square: bool) -> None:
    height, width = size
    _, *patch = geometry.patch
    if height % patch[0] or width % patch[1] or (is_square and height != width):
        nearest = [max(side, round(max(size) / side) * side) for side in patch]
        raise UserError(
            f"{name} needs {'square ' if is_square else ''}frames of whole patches of {patch[0]} x {patch[1]} pixels,"
            f" not {height} x {width}; set clip.size: {nearest}"
        )
