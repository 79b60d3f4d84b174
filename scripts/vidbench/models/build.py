"""Building a model from its options, and loading its pretrained weights."""

from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import nn

from vidbench.errors import UserError
from vidbench.models import HEADS, check, network_module
from vidbench.models.classifier import Backbone, classifier_name, remove_classifier
from vidbench.models.float32 import use_float32
from vidbench.models.options import ClipOptions, ModelOptions, NetworkOptions


def build(options: ModelOptions, num_classes: int) -> nn.Module:
    """Build a model with random weights; it maps clips (B, C, T, H, W) to logits (B, K), which are float32.

    UserError where clip or head do not suit the network.
    """
    check(options)
    network = options.network
    head = options.head
    if head.name is None:
        family = _module(network_module(network.architecture))
        model = family.make_network(network, options.clip, num_classes, head.dropout)
        use_float32(model.get_submodule(classifier_name(model)))
        return model
    heads = _module(HEADS[head.name])
    backbone: Any = build_backbone(network, options.clip, options.takes_tokens)
    if hasattr(heads, "prepare_backbone"):
        heads.prepare_backbone(backbone, options.clip.frames)
    width = backbone.num_channels if options.takes_tokens else backbone.num_features
    classifier = build_head(options, num_classes, width)
    if network.takes_clips:
        return _module("composite").ClipModel(backbone, classifier)
    return _module("composite").FrameModel(backbone, classifier)


def build_head(options: ModelOptions, num_classes: int, width: int) -> nn.Module:
    """Build a model's head alone, with random weights, for features or tokens of `width` values each."""
    assert options.head.name is not None
    heads = _module(HEADS[options.head.name])
    frames = options.clip.frames
    if options.takes_tokens:
        return use_float32(heads.Head(width, num_classes, options.head, frames, of_frames=options.takes_frames))
    head = heads.Head(width, num_classes, options.head, frames)
    if options.network.trained_stages == 0 and hasattr(head, "standardise"):
        head.standardise()
    return use_float32(head)


def build_backbone(network: NetworkOptions, clip: ClipOptions, gives_tokens: bool = False) -> Backbone:
    """Build a backbone with random weights; its attribute `num_features` is the number of its features.

    `gives_tokens`: it is a TokenBackbone (tokens.py), whose output is tokens on the grid that `network` names.
    The weights of a frozen one are drawn from a fixed seed: so all trainings have the weights that the cached features
    were computed with.
    """
    if network.trained_stages != 0:
        backbone = _new_backbone(network, clip)
    else:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            backbone = _new_backbone(network, clip)
    return _add_tokens(backbone, network, clip) if gives_tokens else backbone


def _new_backbone(network: NetworkOptions, clip: ClipOptions) -> Backbone:
    family = _module(network_module(network.architecture))
    if not network.takes_clips:
        return family.make_backbone(network, clip)
    return remove_classifier(family.make_network(network, clip, num_classes=1, dropout=0.0))


def _add_tokens(backbone: Backbone, network: NetworkOptions, clip: ClipOptions) -> Backbone:
    family = _module(network_module(network.architecture))
    source = family.token_source(backbone) if hasattr(family, "token_source") else None
    shape = (3, clip.frames, *clip.size) if network.takes_clips else (3, *clip.size)
    is_frozen = network.trained_stages == 0
    return _module("tokens").add_tokens(backbone, source, network.tokens, shape, rounds=is_frozen)


def load_pretrained(model: nn.Module, network: NetworkOptions, path: Path | None) -> dict | None:
    """Load the pretrained weights that `network` names from the file `path` into a model, or a backbone alone.

    Returns a record of it for options.json, None where no weights are named. UserError where the file is another
    network's, where it is missing, and where no weights are named but a file is given.
    """
    if network.weights is None and path is None:
        return None
    if network.weights is None or path is None:
        raise UserError(
            f"weights: the options name {network.weights}, the file given is {path}; give both (--weights FILE) or"
            " neither"
        )
    return _module("pretrained").load_file(model, network, path)


def _module(name: str) -> ModuleType:
    """Import by name, so that a model depends on the source of its own family alone (workflow: source_files.py)."""
    return import_module(f"vidbench.models.{name}")
