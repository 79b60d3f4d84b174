"""A temporal convolutional network: residual blocks of dilated causal convolutions over time.

After Bai, Kolter & Koltun 2018, arXiv:1803.01271: two weight-normalised convolutions per block, each followed by
ReLU and spatial dropout (of whole channels); the dilation doubles from block to block.
"""

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.parametrizations import weight_norm

from vidbench.models.options import HeadOptions

KERNEL = 3
MIN_BLOCKS = 4  # short clips also gain from depth


def receptive_field(blocks: int) -> int:
    """Return the frames that the last output of `blocks` blocks sees: 1 + 2 (3 - 1) (1 + 2 + 4 + ...), 61 for 4."""
    return 1 + 2 * (KERNEL - 1) * (2**blocks - 1)


def num_blocks(frames: int) -> int:
    """Return the fewest blocks, but at least MIN_BLOCKS, whose last output sees all `frames`."""
    blocks = MIN_BLOCKS
    while receptive_field(blocks) < frames:
        blocks += 1
    return blocks


class Block(nn.Module):
    """Two causal convolutions with weight norm, and a residual connection."""

    def __init__(self, inputs: int, outputs: int, dilation: int, dropout: float) -> None:
        super().__init__()
        self.padding = (KERNEL - 1) * dilation
        self.first = weight_norm(nn.Conv1d(inputs, outputs, KERNEL, dilation=dilation))
        self.second = weight_norm(nn.Conv1d(outputs, outputs, KERNEL, dilation=dilation))
        self.shortcut = nn.Identity() if inputs == outputs else nn.Conv1d(inputs, outputs, 1)
        self.dropout = nn.Dropout1d(dropout)

    def forward(self, sequence: torch.Tensor) -> torch.Tensor:
        """(B, D, T) -> (B, D', T); output t depends on inputs up to t."""
        out = sequence
        for convolution in (self.first, self.second):
            out = self.dropout(functional.relu(convolution(functional.pad(out, (self.padding, 0)))))
        return functional.relu(out + self.shortcut(sequence))


class Head(nn.Module):
    """Enough blocks for the last output to see all frames; that output is classified."""

    def __init__(self, num_features: int, num_classes: int, options: HeadOptions, frames: int) -> None:
        super().__init__()
        blocks = num_blocks(frames)
        sizes = [num_features] + [options.hidden] * blocks
        self.blocks = nn.Sequential(
            *(Block(sizes[level], sizes[level + 1], 2**level, options.dropout) for level in range(blocks))
        )
        self.classifier = nn.Linear(options.hidden, num_classes)

    def forward(self, features: torch.Tensor, lengths: torch.Tensor | None = None) -> torch.Tensor:
        """(B, T, D) -> (B, K); of clip b only the first `lengths[b]` frames count."""
        outputs = self.blocks(features.transpose(1, 2))  # (B, H, T)
        if lengths is None:
            return self.classifier(outputs[:, :, -1])  # the only step that sees all frames
        return self.classifier(outputs[torch.arange(len(outputs)), :, lengths - 1])
