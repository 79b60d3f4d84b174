"""Averages the frames' features; blind to their order."""

import torch
from torch import nn


class Head(nn.Module):
    """Mean over time, one linear classifier."""

    def __init__(self, num_features: int, num_classes: int, options: dict) -> None:
        super().__init__()
        self.dropout = nn.Dropout(options["dropout"])
        self.classifier = nn.Linear(num_features, num_classes)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """(B, T, D) -> (B, K)."""
        return self.classifier(self.dropout(features.mean(dim=1)))
