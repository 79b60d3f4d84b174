"""Where in a network its tokens are: what enters or leaves one of its layers. Each module of networks/ says it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

INPUT, OUTPUT, METHOD = "input", "output", "method"


def keep(network: nn.Module, value: torch.Tensor) -> torch.Tensor:
    """Return what is a feature map already."""
    return value


@dataclass(frozen=True)
class TokenSource:
    """The value of a network's forward pass that its tokens are made from."""

    name: str  # of a layer, or of the network's own method
    of: str = OUTPUT  # the layer's INPUT or OUTPUT, or what the METHOD returns
    # From the network and that value to maps (B, C, H, W) of frames, or (B, C, T, H, W) of clips.
    to_maps: Callable[[Any, Any], torch.Tensor] = keep
