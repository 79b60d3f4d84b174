"""Averages the frames' features; blind to their order."""

import torch
from torch import nn

from vidbench.models.options import HeadOptions

EPSILON = 1e-6  # of the standardisation, as in MAE's


class Head(nn.Module):
    """Mean over time, one linear classifier."""

    def __init__(self, num_features: int, num_classes: int, options: HeadOptions, frames: int) -> None:
        super().__init__()
        self.norm = nn.Identity()
        self.dropout = nn.Dropout(options.dropout)
        self.classifier = nn.Linear(num_features, num_classes)

    def standardise(self) -> None:
        """Give each feature of a frozen backbone mean 0 and variance 1 first (as He et al. 2022, arXiv:2111.06377).

        One linear layer has one learning rate for features whose scales may differ by orders of magnitude. Validation
        and test use the mean of all batches' statistics: what a frozen backbone gives does not change meanwhile.
        """
        self.norm = nn.BatchNorm1d(self.classifier.in_features, eps=EPSILON, momentum=None, affine=False)

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
