"""torchvision's S3D, a separable 3D Inception: Xie et al. 2018, arXiv:1712.04851."""

import torch
from torch import nn
from torch.nn import functional

from vidbench.models.batch_norm import raise_momentum
from vidbench.models.options import ClipOptions, NetworkOptions
from vidbench.models.token_source import INPUT, TokenSource


class Pool(nn.Module):
    """S3D's average pooling, with a window no larger than the feature maps of a small clip.

    torchvision's own needs 13 frames of 209 x 209 pixels; on those and larger clips both are the same.
    """

    WINDOW = (2, 7, 7)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """(B, C, T, H, W) -> averages over windows of (2, 7, 7) at most."""
        window = [min(pair) for pair in zip(self.WINDOW, maps.shape[2:], strict=True)]
        return functional.avg_pool3d(maps, window, stride=1)


def make_network(network: NetworkOptions, clip: ClipOptions, num_classes: int, dropout: float) -> nn.Module:
    """Make the network."""
    from vidbench.models.networks.light_torchvision import models

    model = models.video.s3d(weights=None, num_classes=num_classes, dropout=dropout)
    model.add_module("avgpool", Pool())
    return raise_momentum(model)


def token_source(backbone: nn.Module) -> TokenSource:
    """Return where the tokens are: what is pooled."""
    return TokenSource("avgpool", INPUT)
