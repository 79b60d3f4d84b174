"""The temporal shift module (Lin, Gan & Han 2019, arXiv:1811.08383): frames exchange channels within the backbone.

An eighth of the channels comes from the next frame and an eighth from the frame before, at no cost. The input of a
residual block's branch is shifted, its shortcut is not. After the backbone, the frames' features are averaged.
"""

import torch
from torch import nn

from vidbench.models.heads import mean
from vidbench.models.options import HeadOptions

PART = 8  # one channel in eight moves forwards, another one backwards


class Shift:
    """A forward pre-hook that shifts a layer's input along time.

    It is a hook because a module around the layer would rename its weights.
    """

    def __init__(self, frames: int) -> None:
        """`frames`: per clip; they follow one another in the batch."""
        self.frames = frames

    def __call__(self, _layer: nn.Module, inputs: tuple[torch.Tensor]) -> torch.Tensor:
        return shift(inputs[0], self.frames)


def shift(maps: torch.Tensor, frames: int) -> torch.Tensor:
    """Shift (B * T, C, H, W): channels from the next frame, channels from the frame before, and unmoved ones.

    At both ends of a clip the missing channels are zeros.
    """
    clips = maps.reshape(-1, frames, *maps.shape[1:])  # (B, T, C, H, W)
    channels = clips.shape[2]
    part = min(max(channels // PART, 1), channels // 2)
    following, before, same = clips.split([part, part, channels - 2 * part], dim=2)
    zeros = torch.zeros_like(following[:, :1])
    following = torch.cat([following[:, 1:], zeros], dim=1)
    before = torch.cat([zeros, before[:, :-1]], dim=1)
    return torch.cat([following, before, same], dim=2).reshape_as(maps)


def prepare_backbone(backbone: nn.Module, frames: int) -> None:
    """Shift the input of the backbone's `shifted_layers()`, or of each residual block's branch."""
    shifted_layers = getattr(backbone, "shifted_layers", None)
    for layer in shifted_layers() if shifted_layers else _find_first_layers(backbone):
        layer.register_forward_pre_hook(Shift(frames))


def _find_first_layers(backbone: nn.Module) -> list[nn.Module]:
    from torchvision.models.resnet import BasicBlock, Bottleneck

    return [block.conv1 for block in backbone.modules() if isinstance(block, BasicBlock | Bottleneck)]


class Head(mean.Head):
    """Mean over time, one linear classifier."""

    def __init__(self, num_features: int, num_classes: int, options: HeadOptions, frames: int) -> None:
        super().__init__(num_features, num_classes, options, frames)
        self.frames = frames

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """(B, T, D) -> (B, K); T is the number of frames that the backbone was prepared for."""
        if features.shape[1] != self.frames:
            raise ValueError(f"built for clips of {self.frames} frames, not {features.shape[1]}")
        return super().forward(features)
