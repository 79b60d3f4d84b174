"""Where a network's classifier is."""

from torch import nn


def classifier_name(network: nn.Module) -> str:
    """Name of the layer that gives the logits: the last linear one or, where none is, the last convolution."""
    layers = list(network.named_modules())
    linear = [name for name, layer in layers if isinstance(layer, nn.Linear)]
    return (linear or [name for name, layer in layers if isinstance(layer, nn.Conv2d | nn.Conv3d)])[-1]


def num_inputs(layer: nn.Linear | nn.Conv2d | nn.Conv3d) -> int:
    """How many features enter a classifying layer."""
    return layer.in_features if isinstance(layer, nn.Linear) else layer.in_channels
