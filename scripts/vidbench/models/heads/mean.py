"""Averages the frames' features; blind to their order."""

import torch
from torch import nn

from vidbench.models.options import HeadOptions
from vidbench.models.standardisation import Standardisation


class Head(nn.Module):
    """Mean over time, one linear classifier."""

    def __init__(self, num_features: int, num_classes: int, options: HeadOptions, frames: int) -> None:
        super().__init__()
        self.norm = nn.Identity()
        self.dropout = nn.Dropout(options.dropout)
        self.classifier = nn.Linear(num_features, num_classes)

    def standardise(self) -> None:
        """Standardise the features before the classifier; build() asks for it where the backbone is frozen."""
        self.norm = Standardisation(self.classifier.in_features)

    def forward(self, features: torch.Tensor, lengths: torch.Tensor | None = None) -> torch.Tensor:
        """(B, T, D) -> (B, K); of clip b only the first `lengths[b]` frames count."""
        return self.classifier(self.dropout(self.norm(self.pool(features, lengths))))

    def pool(self, features: torch.Tensor, lengths: torch.Tensor | None) -> torch.Tensor:
        """(B, T, D) -> (B, D)."""
        return pool(features, lengths)


def pool(features: torch.Tensor, lengths: torch.Tensor | None) -> torch.Tensor:
    """Mean over time: (B, T, D) -> (B, D); of clip b over the first `lengths[b]` frames."""
    if lengths is None:
        return features.mean(dim=1)
    return (features * inside(features, lengths)).sum(dim=1) / lengths[:, None].to(features)


def inside(features: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """Return (B, T, 1): whether a frame of (B, T, D) is within its clip's length."""
    indices = torch.arange(features.shape[1], device=features.device)
    return (indices < lengths.to(features.device)[:, None])[:, :, None]
