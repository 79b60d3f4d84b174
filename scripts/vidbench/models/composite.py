"""A backbone and a head in one model: for single frames, or for whole clips."""

import torch
from torch import nn


class FrameModel(nn.Module):
    """Backbone (B*T, C, H, W) -> (B*T, D), head (B, T, D) -> (B, K)."""

    def __init__(self, backbone: nn.Module, head: nn.Module) -> None:
        super().__init__()
        self.backbone = backbone
        self.head = head

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        """(B, C, T, H, W) -> (B, K)."""
        batch, channels, time, height, width = clips.shape
        frames = clips.transpose(1, 2).reshape(batch * time, channels, height, width)
        return self.head(self.backbone(frames).reshape(batch, time, -1))


class ClipModel(nn.Module):
    """Backbone (B, C, T, H, W) -> (B, D), head (B, 1, D) -> (B, K): the clip's features are those of a single frame."""

    def __init__(self, backbone: nn.Module, head: nn.Module) -> None:
        super().__init__()
        self.backbone = backbone
        self.head = head

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        """(B, C, T, H, W) -> (B, K)."""
        return self.head(self.backbone(clips)[:, None])
