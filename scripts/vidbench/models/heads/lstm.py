"""Reads the frames' features one after another with an LSTM (Hochreiter & Schmidhuber 1997)."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from vidbench.models.options import HeadOptions


class Head(nn.Module):
    """`layers` recurrent layers, one- or bidirectional, with dropout between them.

    The last hidden state of the last layer is classified: for the backward direction, that after the first frame.
    """

    NETWORK: type[nn.LSTM | nn.GRU] = nn.LSTM

    def __init__(self, num_features: int, num_classes: int, options: HeadOptions, frames: int) -> None:
        super().__init__()
        layers = options.layers
        self.directions = 1 + options.bidirectional
        self.network = self.NETWORK(
            num_features,
            options.hidden,
            layers,
            batch_first=True,
            dropout=options.dropout if layers > 1 else 0,
            bidirectional=self.directions == 2,
        )
        self.dropout = nn.Dropout(options.dropout)
        self.classifier = nn.Linear(self.directions * options.hidden, num_classes)

    def forward(self, features: torch.Tensor, lengths: torch.Tensor | None = None) -> torch.Tensor:
        """(B, T, D) -> (B, K); of clip b only the first `lengths[b]` frames are read."""
        sequences = features
        if lengths is not None:
            sequences = pack_padded_sequence(features, lengths.cpu(), batch_first=True, enforce_sorted=False)
        _, state = self.network(sequences)
        hidden = state[0] if isinstance(state, tuple) else state  # (layers * directions, B, H)
        last = hidden[-self.directions :].transpose(0, 1).flatten(1)  # (B, directions * H)
        return self.classifier(self.dropout(last))
