"""Models by name. Each name maps to a module of this package, imported on use.

So one family's source belongs to its own models only: editing it re-trains them and no others.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import nn

ARCHITECTURES = {"cnn3d": "cnn3d", "r3d_18": "torchvision3d"}  # take a whole clip
BACKBONES = {"cnn2d": "cnn2d"}  # take one frame
HEADS = {"mean": "head_mean", "lstm": "head_lstm", "tcn": "head_tcn"}  # take the frames' features


def module_names(options: dict) -> list[str]:
    """Modules of this package that a model is made of, e.g. ['frame_model', 'cnn2d', 'head_lstm']."""
    if "architecture" in options:
        return [ARCHITECTURES[options["architecture"]]]
    return ["frame_model", BACKBONES[options["backbone"]["architecture"]], HEADS[options["head"]]]


def build(options: dict, num_classes: int) -> nn.Module:
    """The model of a complete model entry; it maps clips (B, C, T, H, W) to logits (B, K)."""
    if "architecture" in options:
        name = options["architecture"]
        return _module(ARCHITECTURES[name]).MODELS[name](options, num_classes)
    name = options["backbone"]["architecture"]
    backbone = _module(BACKBONES[name]).BACKBONES[name](options["backbone"])
    head = _module(HEADS[options["head"]]).Head(backbone.num_features, num_classes, options)
    return _module("frame_model").FrameModel(backbone, head)


def _module(name: str):
    return import_module(f"vidbench.models.{name}")
