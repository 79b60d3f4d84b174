"""Reads the frames' features one after another with an LSTM (Hochreiter & Schmidhuber 1997)."""

import torch
from torch import nn


class Head(nn.Module):
    """One LSTM layer; its last hidden state is classified."""

    def __init__(self, num_features: int, num_classes: int, options: dict) -> None:
        super().__init__()
        self.lstm = nn.LSTM(num_features, options["hidden"], batch_first=True)
        self.dropout = nn.Dropout(options["dropout"])
        self.classifier = nn.Linear(options["hidden"], num_classes)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """(B, T, D) -> (B, K)."""
        _, (hidden, _) = self.lstm(features)  # (1, B, H)
        return self.classifier(self.dropout(hidden[-1]))
