"""Weights of the library transformers' video networks: converted, checked by value, positions fitted to the clips."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import torch
from torch.nn import functional

from vidbench.errors import UserError
from vidbench.models.networks.transformers_library import Library, library_classes
from vidbench.models.pretrained import INTERPOLATED
from vidbench.models.transformers_config import read_geometry

if TYPE_CHECKING:
    from vidbench.models.networks.video_transformers import VideoTransformer

State = dict[str, torch.Tensor]


def fit_state(network: VideoTransformer, state: State) -> State:
    """Return a published state dict in the network's names, its positions fitted to the clips.

    The library converts it, as names have changed over its versions; what it does not load keeps its name, so that it
    is found to be unknown. UserError where a value has got lost on the way.
    """
    target = network.state_dict()
    if any(key in target and key.startswith("encoder.") for key in state):  # written by VidBench
        fitted = dict(state)
    else:
        fitted = _convert(network, state)
    changed = set()
    for key, tensor in fitted.items():
        if "position_embeddings" in key or "time_embeddings" in key:
            fitted[key] = _fit_positions(network, key, tensor)
            changed |= {key} if fitted[key] is not tensor else set()
    setattr(network, INTERPOLATED, changed)
    return fitted


def _convert(network: VideoTransformer, state: State) -> State:
    """Load a file's tensors into the library's own network, and return them with this network's names."""
    library = network.part_names
    classes = len(state["classifier.weight"]) if "classifier.weight" in state else 1
    in_file = {_digest(tensor): key for key, tensor in state.items()}  # before the library touches them
    kind, configuration = library_classes(network.family, network.config, classes)
    loaded, info = kind.from_pretrained(
        None,
        config=configuration,
        state_dict=dict(state),
        dtype=torch.float32,
        output_loading_info=True,
        ignore_mismatched_sizes=True,
    )
    reshaped = {key for key, *_ in info["mismatched_keys"]}
    tensors = {key: tensor for key, tensor in loaded.state_dict().items() if key not in info["missing_keys"] | reshaped}
    used = {key: tensor for key, tensor in tensors.items() if not key.startswith(library.unused)}
    unknown = {key: state[key] for key in info["unexpected_keys"] & state.keys() if not key.startswith(library.unused)}
    wrong = {key: state.get(key, torch.empty(0)) for key in reshaped}
    if not unknown and not wrong:
        _check_values(library, in_file, tensors)
    return unknown | {_own_name(library, key): tensor for key, tensor in (used | wrong).items()}


def _own_name(library: Library, key: str) -> str:
    """Return this network's name of a tensor of the library's."""
    if key.startswith(f"{library.prefix}."):
        return f"encoder.{key.removeprefix(f'{library.prefix}.')}"
    return f"pooling.{key}" if key.startswith(tuple(f"{name}." for name in library.pooling)) else key


def _check_values(library: Library, in_file: dict[bytes, str], loaded: State) -> None:
    """Raise UserError where a value of the file is not in the network, or one of the network's not in the file.

    Names alone do not tell: some versions of the library report VideoMAE's biases as loaded, and leave zeros.
    """
    in_network = {_digest(tensor): key for key, tensor in loaded.items()}
    gone = [key for digest, key in in_file.items() if digest not in in_network and not key.startswith(library.unused)]
    new = [key for digest, key in in_network.items() if digest not in in_file and not key.startswith(library.unused)]
    if gone:
        raise UserError(f"the library did not load {gone[0]} and {len(gone) - 1} more; install its locked version")
    if new:
        raise UserError(f"the library filled {new[0]} and {len(new) - 1} more by itself; install its locked version")


def _digest(tensor: torch.Tensor) -> bytes:
    values = tensor.detach().to(torch.float32).contiguous()
    return hashlib.blake2b(values.numpy().tobytes() + str(tuple(values.shape)).encode()).digest()


def _fit_positions(network: VideoTransformer, key: str, positions: torch.Tensor) -> torch.Tensor:
    """Return learnt positions (1, N, D) for the network's grid; the same tensor where they fit as they are."""
    time, height, width = network.grid
    before = read_geometry(network.family, network.config).grid
    if before == network.grid or positions.ndim != 3:
        return positions
    if network.family == "timesformer":  # as the library does
        is_of_time = "time_embeddings" in key
        return _resize_line(positions, time, "nearest") if is_of_time else _resize_space(positions, (height, width))
    if network.family == "videoprism":
        if "temporal" in key:
            return _resize_line(positions, time, "linear")
        return _resize_grid(positions, (1, before[1], before[2]), (1, height, width), "bilinear")
    first, patches = positions.tensor_split([1], dim=1)
    return torch.cat([first, _resize_grid(patches, before, network.grid, "bicubic")], dim=1)


def _resize_line(positions: torch.Tensor, length: int, mode: str) -> torch.Tensor:
    """(1, T, D) -> (1, length, D)."""
    if positions.shape[1] == length:
        return positions
    antialias = {"size": (length, positions.shape[2]), "mode": "bilinear", "antialias": True}
    if mode == "linear":  # as VideoPrism does: over time as over the rows of a picture
        return functional.interpolate(positions[:, None], **antialias)[:, 0]
    return functional.interpolate(positions.transpose(1, 2), size=length, mode=mode).transpose(1, 2)


def _resize_space(positions: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    """Return a class token's position, and the nearest ones of a square (1, 1 + side * side, D), for h x w patches."""
    first, patches = positions.tensor_split([1], dim=1)
    side = round(patches.shape[1] ** 0.5)
    grid = patches.transpose(1, 2).unflatten(2, (side, side))  # (1, D, side, side)
    return torch.cat([first, functional.interpolate(grid, size=size, mode="nearest").flatten(2).transpose(1, 2)], dim=1)


def _resize_grid(
    positions: torch.Tensor, before: tuple[int, int, int], after: tuple[int, int, int], mode: str
) -> torch.Tensor:
    """(1, t * h * w, D), interpolated over space and then linearly over time."""
    time, height, width = before
    maps = positions.reshape(time, height, width, -1).permute(0, 3, 1, 2)  # (t, D, h, w)
    if (height, width) != after[1:]:
        maps = functional.interpolate(maps, size=after[1:], mode=mode, antialias=mode == "bilinear")
    if time != after[0]:
        lines = maps.permute(1, 2, 3, 0).flatten(0, 2)[:, None]  # (D * h * w, 1, t)
        lines = functional.interpolate(lines, size=after[0], mode="linear")
        maps = lines.reshape(maps.shape[1], *after[1:], after[0]).permute(3, 0, 1, 2)
    return maps.permute(0, 2, 3, 1).reshape(1, -1, positions.shape[2])
