"""The classifier of a network: finding it, and replacing it, which leaves a backbone."""

from typing import cast

from torch import nn


class Backbone(nn.Module):
    """The type of a network that maps frames or clips to features (B, num_features).

    Its class stays the network's own: classes here would rename its weights.
    """

    num_features: int
    removed: str  # name of the layer that gave the logits; networks made as backbones have no such attribute


def classifier_name(network: nn.Module) -> str:
    """Return the name of the layer that gives the logits: the last linear one or, without any, the last convolution."""
    layers = list(network.named_modules())
    linear = [name for name, layer in layers if isinstance(layer, nn.Linear)]
    return (linear or [name for name, layer in layers if isinstance(layer, nn.Conv2d | nn.Conv3d)])[-1]


def remove_classifier(network: nn.Module) -> Backbone:
    """Let `network` give what entered its classifier, and set `num_features` and `removed`; nothing is renamed."""
    backbone = cast(Backbone, network)
    backbone.removed = classifier_name(network)
    backbone.num_features = _num_inputs(network.get_submodule(backbone.removed))
    replace_by_identity(network, backbone.removed)
    return backbone


def replace_by_identity(network: nn.Module, name: str) -> None:
    """Replace the module of that name by one that changes nothing."""
    parent, _, child = name.rpartition(".")
    setattr(network.get_submodule(parent), child, nn.Identity())


def _num_inputs(layer: nn.Module) -> int:
    if isinstance(layer, nn.Linear):
        return layer.in_features
    assert isinstance(layer, nn.Conv2d | nn.Conv3d)
    return layer.in_channels
