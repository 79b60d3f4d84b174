"""A small 2D CNN that maps a frame to a feature vector, with the coordinates of each cell among its inputs."""

import torch
from torch import nn

from vidbench.models.options import ClipOptions, NetworkOptions
from vidbench.models.token_source import TokenSource


class Layer(nn.Sequential):
    """Convolution with stride 2, batch norm, ReLU."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(
            nn.Conv2d(inputs, outputs, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
        )


class CNN2D(nn.Module):
    """Four layers, then mean and maximum over space.

    Pooling forgets positions, so the last layer also gets each cell's coordinates (CoordConv,
    Liu et al. 2018, arXiv:1807.03247).
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(Layer(3, width), Layer(width, 2 * width), Layer(2 * width, 4 * width))
        self.last = Layer(4 * width + 2, 5 * width)
        self.num_features = 2 * 5 * width

    def shifted_layers(self) -> list[nn.Module]:
        """Return the layers whose input the temporal shift module moves: all whose input is feature maps."""
        return [*self.layers[1:], self.last]

    def forward(self, frames: torch.Tensor) -> torch.Tensor:
        """(B, 3, H, W) -> (B, num_features)."""
        maps = self.layers(frames)  # (B, 4w, H/8, W/8)
        batch, _, height, width = maps.shape
        y = torch.linspace(-1, 1, height, device=maps.device, dtype=maps.dtype)[:, None].expand(batch, 1, height, width)
        x = torch.linspace(-1, 1, width, device=maps.device, dtype=maps.dtype).expand(batch, 1, height, width)
        maps = self.last(torch.cat([maps, y, x], dim=1))  # (B, 5w, H/16, W/16)
        return torch.cat([maps.mean((2, 3)), maps.amax((2, 3))], dim=1)


def make_backbone(network: NetworkOptions, clip: ClipOptions) -> CNN2D:
    """Make the network."""
    return CNN2D(network.width)


def token_source(backbone: nn.Module) -> TokenSource:
    """Return where the tokens are: what the last layer gives."""
    return TokenSource("last")
