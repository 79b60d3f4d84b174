"""A transformer encoder over the frames' features (Vaswani et al. 2017, arXiv:1706.03762).

Layer norm comes before attention and MLP, which trains stably without a long warm-up (Xiong et al. 2020,
arXiv:2002.04745).
"""

import math

import torch
from torch import nn

from vidbench.models.heads import mean
from vidbench.models.options import HeadOptions

MIN_HEAD_SIZE = 32  # channels of an attention head


class Head(nn.Module):
    """Features and sinusoidal positions through `layers` layers; the mean of the frames' outputs is classified.

    The positions are not learned, so that clips may have any number of frames. There is no class token: with few
    videos it learns the order of frames more slowly and less well than the mean of all outputs.
    """

    positions: torch.Tensor  # (T, H)

    def __init__(self, num_features: int, num_classes: int, options: HeadOptions, frames: int) -> None:
        super().__init__()
        hidden = options.hidden
        dropout = options.dropout
        # Backbones' features differ in scale by orders of magnitude; the positions are of the order of 1.
        self.project = nn.Sequential(nn.LayerNorm(num_features), nn.Linear(num_features, hidden))
        heads = num_heads(hidden)
        self.layers = nn.ModuleList(  # not nn.TransformerEncoder: its layers all begin with the same weights
            nn.TransformerEncoderLayer(hidden, heads, 4 * hidden, dropout, "gelu", batch_first=True, norm_first=True)
            for _ in range(options.layers)
        )
        # Copied to the device once, with the weights, and not in each forward pass, which would wait for it.
        self.register_buffer("positions", positions(frames, hidden), persistent=False)
        self.norm = nn.LayerNorm(hidden)
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(hidden, num_classes)

    def forward(self, features: torch.Tensor, lengths: torch.Tensor | None = None) -> torch.Tensor:
        """(B, T, D) -> (B, K); of clip b only the first `lengths[b]` frames are attended to."""
        tokens = self.project(features)  # (B, T, H)
        frames, hidden = tokens.shape[1:]
        table = self.positions if frames <= len(self.positions) else positions(frames, hidden)
        tokens = tokens + table[:frames].to(tokens)
        padding = None if lengths is None else ~mean.inside(tokens, lengths)[:, :, 0]  # (B, T)
        for layer in self.layers:
            tokens = layer(tokens, src_key_padding_mask=padding)
        return self.classifier(self.dropout(mean.pool(self.norm(tokens), lengths)))


def num_heads(hidden: int) -> int:
    """Return the most attention heads that divide `hidden` channels and have MIN_HEAD_SIZE or more; at least one."""
    return next((heads for heads in range(hidden // MIN_HEAD_SIZE, 1, -1) if hidden % heads == 0), 1)


def positions(frames: int, channels: int) -> torch.Tensor:
    """Return (T, H): sines in the even and cosines in the odd channels, of wavelengths from 2 pi to 10,000 * 2 pi."""
    rates = torch.exp(torch.arange(0, channels, 2) * (-math.log(10000.0) / channels))  # (ceil(H / 2),)
    angles = torch.arange(frames)[:, None] * rates
    return torch.stack([angles.sin(), angles.cos()], dim=2).flatten(1)[:, :channels]
