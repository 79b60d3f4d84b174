"""torchvision's image classification networks as backbones: the inputs of their last layer are a frame's features.

That layer and the dropout right before it are removed; the head has its own. Nothing is renamed. So VGG and AlexNet
keep their two hidden linear layers (4,096 features), vision transformers give the class token, the others their
pooled maps.
"""

import math
from collections import OrderedDict
from functools import partial

import torch
from torch import nn

from vidbench.models.batch_norm import raise_momentum
from vidbench.models.classifier import Backbone, classifier_name, remove_classifier, replace_by_identity
from vidbench.models.options import ClipOptions, NetworkOptions
from vidbench.models.token_source import INPUT, TokenSource

AUXILIARY = ("AuxLogits.", "aux1.", "aux2.")  # Inception's and GoogLeNet's further classifiers, for training only

# Layers whose output is the last map, of networks that pool it with a function; the others have a layer for that.
LAST_MAPS = {"MNASNet": "layers", "MobileNetV2": "features", "ShuffleNetV2": "conv5"}


def make_backbone(network: NetworkOptions, clip: ClipOptions) -> Backbone:
    """Make a network without its classifier and the layers that belong to it."""
    from vidbench.models.networks.light_torchvision import models

    name = network.architecture
    classification_network = models.get_model(name, weights=None, **_arguments(name, clip.size))
    layers_beside = _find_layers_beside(classification_network)
    backbone = remove_classifier(classification_network)
    for layer in layers_beside:
        replace_by_identity(backbone, layer)
    # MNASNet asks a state dict for its version and raises where there is none, as in a .safetensors file.
    backbone._load_from_state_dict = partial(nn.Module._load_from_state_dict, backbone)
    raise_momentum(backbone)
    return backbone


def _arguments(name: str, size: tuple[int, int]) -> dict:
    """Return the arguments of the network's function besides the weights; `size`: (height, width) of the frames."""
    if name.startswith("vit"):
        return {"image_size": size[0]}
    if name.startswith("maxvit"):
        return {"input_size": size}
    # `transform_input`, which the published weights of these two switch on, stays off: it would turn the usual
    # normalisation into theirs. The input that official_weights.trained_input() returns has theirs instead.
    return {"aux_logits": False, "init_weights": True} if name in ("inception_v3", "googlenet") else {}


def _find_layers_beside(network: nn.Module) -> list[str]:
    """Return the names of the dropout before the classifier and, in SqueezeNet, of the ReLU after it."""
    classifier = classifier_name(network)
    dropout: list[str] = []
    for name, layer in network.named_modules():
        if isinstance(layer, nn.Dropout):
            dropout = [name]
        elif isinstance(layer, nn.Linear | nn.Conv2d) and name != classifier:
            dropout = []
    if not isinstance(network.get_submodule(classifier), nn.Conv2d):
        return dropout
    parent, _, index = classifier.rpartition(".")
    return [*dropout, f"{parent}.{int(index) + 1}"]


def fit_state(network: nn.Module, state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return a published state dict in today's names, its positions interpolated to this network's frame size."""
    state = {_rename(key): tensor for key, tensor in state.items() if not key.startswith(AUXILIARY)}
    if "encoder.pos_embedding" in state:
        from torchvision.models.vision_transformer import VisionTransformer, interpolate_embeddings

        if isinstance(network, VisionTransformer):
            state = dict(interpolate_embeddings(network.image_size, network.patch_size, OrderedDict(state)))
    return state


def _rename(key: str) -> str:
    """Return today's name: in old files DenseNet's norm1 is `norm.1`, a vision transformer's mlp.0 `mlp.linear_1`."""
    for old, new in (("mlp.linear_1.", "mlp.0."), ("mlp.linear_2.", "mlp.3.")):
        key = key.replace(old, new)
    start, _, end = key.rpartition("denselayer")
    if start:
        for old in ("norm.1", "norm.2", "conv.1", "conv.2"):
            end = end.replace(f".{old}.", f".{old.replace('.', '')}.")
        return f"{start}denselayer{end}"
    return key


def token_source(backbone: nn.Module) -> TokenSource:
    """Return where the tokens are: the map that is pooled, or a vision transformer's patches."""
    kind = type(backbone).__name__
    if kind == "VisionTransformer":
        return TokenSource("encoder", to_maps=_arrange_patches)
    if kind == "DenseNet":
        return TokenSource("features", to_maps=_rectify)
    if kind in LAST_MAPS:
        return TokenSource(LAST_MAPS[kind])
    pools = [name for name, layer in backbone.named_modules() if isinstance(layer, nn.AdaptiveAvgPool2d)]
    return TokenSource(pools[-1], INPUT)


def _arrange_patches(network: nn.Module, tokens: torch.Tensor) -> torch.Tensor:
    side = math.isqrt(tokens.shape[1] - 1)
    return tokens[:, 1:].transpose(1, 2).unflatten(2, (side, side))


def _rectify(network: nn.Module, maps: torch.Tensor) -> torch.Tensor:
    return maps.relu()
