"""A small 3D CNN: four layers of 3x3x3 convolutions, about 0.6 M parameters at width 24."""

import torch
from torch import nn

from vidbench.models.options import ClipOptions, NetworkOptions
from vidbench.models.token_source import TokenSource


class Layer(nn.Sequential):
    """Convolution, batch norm, ReLU; `stride` is (time, height, width)."""

    def __init__(self, inputs: int, outputs: int, stride: tuple[int, int, int]) -> None:
        super().__init__(
            nn.Conv3d(inputs, outputs, 3, stride, padding=1, bias=False),
            nn.BatchNorm3d(outputs),
            nn.ReLU(inplace=True),
        )


class CNN3D(nn.Module):
    """Four layers, mean and maximum over time and space, one linear classifier."""

    def __init__(self, width: int, num_classes: int, dropout: float) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            Layer(3, width, (1, 2, 2)),  # (B, w, T, H/2, W/2)
            Layer(width, 2 * width, (2, 2, 2)),  # (B, 2w, T/2, H/4, W/4)
            Layer(2 * width, 4 * width, (2, 2, 2)),  # (B, 4w, T/4, H/8, W/8)
            Layer(4 * width, 5 * width, (1, 2, 2)),  # (B, 5w, T/4, H/16, W/16)
        )
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(2 * 5 * width, num_classes)

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        """(B, 3, T, H, W) -> (B, K)."""
        maps = self.layers(clips)
        features = torch.cat([maps.mean((2, 3, 4)), maps.amax((2, 3, 4))], dim=1)  # (B, 10w)
        return self.classifier(self.dropout(features))


def make_network(network: NetworkOptions, clip: ClipOptions, num_classes: int, dropout: float) -> CNN3D:
    """Make the network."""
    return CNN3D(network.width, num_classes, dropout)


def token_source(backbone: nn.Module) -> TokenSource:
    """Return where the tokens are: what the last layer gives."""
    return TokenSource("layers")
