"""Models by name. Each name maps to a module of this package, imported on use.

So one family's source belongs to its own models only: editing it re-trains them and no others.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from vidbench.errors import UserError

if TYPE_CHECKING:
    from torch import nn

ARCHITECTURES = {  # take a whole clip
    "cnn3d": "cnn3d",
    "r3d_18": "torchvision3d",
    "mc3_18": "torchvision3d",
    "r2plus1d_18": "torchvision3d",
    "s3d": "s3d",
    "mvit_v1_b": "mvit",
    "mvit_v2_s": "mvit",
    "swin3d_t": "torchvision3d",
    "swin3d_s": "torchvision3d",
    "swin3d_b": "torchvision3d",
}
BACKBONES = {"cnn2d": "cnn2d"}  # take one frame; all other names are torchvision's
TORCHVISION = "torchvision2d"
HEADS = {  # take the frames' features
    "mean": "head_mean",
    "max": "head_max",
    "lstm": "head_lstm",
    "gru": "head_gru",
    "tcn": "head_tcn",
    "transformer": "head_transformer",
    "tsm": "head_tsm",
}


def backbone_names() -> list[str]:
    """All names that a backbone's `architecture` may be. Imports no torch."""
    return [*BACKBONES, *_module("torchvision_names").NAMES]


def module_names(options: dict) -> list[str]:
    """Modules of this package that a model is made of, e.g. ['frame_model', 'cnn2d', 'head_lstm']."""
    if "architecture" in options:
        modules, weights = [ARCHITECTURES[options["architecture"]]], options.get("weights")
    else:
        name = options["backbone"]["architecture"]
        wrapper = "clip_model" if name in ARCHITECTURES else "frame_model"
        modules = [wrapper, network_module(name), HEADS[options["head"]]]
        weights = options["backbone"].get("weights")
    return [*modules, "pretrained"] if weights else modules


def network_module(name: str) -> str:
    """The module of a clip architecture or a backbone."""
    return ARCHITECTURES.get(name) or BACKBONES.get(name, TORCHVISION)


def backbone_module_names(options: dict) -> list[str]:
    """Modules of this package that an entry's features depend on, e.g. ['torchvision2d']."""
    clip_network = options["backbone"]["architecture"] in ARCHITECTURES
    modules = [*(["clip_model"] if clip_network else []), network_module(options["backbone"]["architecture"])]
    return [*modules, "pretrained"] if options["backbone"].get("weights") else modules


def check(options: dict) -> None:
    """Raise UserError where a complete model entry asks for what its network cannot do. Imports no torch.

    It changes no result, so its module is not among module_names().
    """
    _module("requirements").check(options)


def build(options: dict, num_classes: int) -> nn.Module:
    """The model of a complete model entry, with random weights; it maps clips (B, C, T, H, W) to logits (B, K).

    UserError where the entry's clip or head does not suit it.
    """
    check(options)
    if "architecture" in options:
        name = options["architecture"]
        return _module(ARCHITECTURES[name]).MODELS[name](options, num_classes)
    heads, backbone = _module(HEADS[options["head"]]), build_backbone(options)
    if hasattr(heads, "prepare_backbone"):
        heads.prepare_backbone(backbone, options)
    head = heads.Head(backbone.num_features, num_classes, options)
    if options["backbone"]["architecture"] in ARCHITECTURES:
        return _module("clip_model").ClipModel(backbone, head)
    return _module("frame_model").FrameModel(backbone, head)


def build_backbone(options: dict) -> nn.Module:
    """The backbone of an entry, with random weights; its attribute `num_features` says how many it gives.

    The weights of a frozen one come from a seed of their own: for every training they are those that the features
    were computed with.
    """
    if options["backbone"].get("trained_stages") != 0:
        return _new_backbone(options)
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return _new_backbone(options)


def _new_backbone(options: dict) -> nn.Module:
    backbone = options["backbone"]
    name = backbone["architecture"]
    family = _module(network_module(name))
    if name not in ARCHITECTURES:
        return family.BACKBONES[name](options)
    network = family.MODELS[name](options | {"width": backbone.get("width"), "dropout": 0.0}, 1)
    return _module("clip_model").without_classifier(network)


def start(model: nn.Module, options: dict, path: Path | None) -> dict | None:
    """Let a model, or a backbone alone, start from the file `path` of the pretrained weights that its entry names.

    Returns what a record says of it, None where the entry names none. UserError where it is not that network's file,
    where it is missing, and where the entry names no weights but a file is given.
    """
    named = options.get("backbone", options).get("weights")
    if named is None and path is None:
        return None
    if named is None or path is None:
        raise UserError(
            f"weights: the options name {named}, the file given is {path}; give both (--weights FILE) or neither"
        )
    return _module("pretrained").start(model, options, path)


def _module(name: str):
    return import_module(f"vidbench.models.{name}")
