"""A temporal convolutional network: residual blocks of dilated causal convolutions over time.

After Bai, Kolter & Koltun 2018, arXiv:1803.01271.
"""

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.parametrizations import weight_norm

KERNEL = 3
DILATIONS = (1, 2, 4, 8)  # each output sees 1 + 2 (3 - 1) (1 + 2 + 4 + 8) = 61 frames


class Block(nn.Module):
    """Two causal convolutions with weight norm, and a residual connection."""

    def __init__(self, inputs: int, outputs: int, dilation: int, dropout: float) -> None:
        super().__init__()
        self.padding = (KERNEL - 1) * dilation
        self.first = weight_norm(nn.Conv1d(inputs, outputs, KERNEL, dilation=dilation))
        self.second = weight_norm(nn.Conv1d(outputs, outputs, KERNEL, dilation=dilation))
        self.shortcut = nn.Identity() if inputs == outputs else nn.Conv1d(inputs, outputs, 1)
        self.dropout = nn.Dropout(dropout)

    def forward(self, sequence: torch.Tensor) -> torch.Tensor:
        """(B, D, T) -> (B, D', T); output t depends on inputs up to t."""
        out = sequence
        for convolution in (self.first, self.second):
            out = self.dropout(functional.relu(convolution(functional.pad(out, (self.padding, 0)))))
        return functional.relu(out + self.shortcut(sequence))


class Head(nn.Module):
    """Four blocks; their output at the last frame is classified."""

    def __init__(self, num_features: int, num_classes: int, options: dict) -> None:
        super().__init__()
        sizes = [num_features] + [options["hidden"]] * len(DILATIONS)
        self.blocks = nn.Sequential(
            *(
                Block(inputs, outputs, dilation, options["dropout"])
                for inputs, outputs, dilation in zip(sizes, sizes[1:], DILATIONS, strict=False)
            )
        )
        self.classifier = nn.Linear(options["hidden"], num_classes)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """(B, T, D) -> (B, K)."""
        last = self.blocks(features.transpose(1, 2))[:, :, -1]  # (B, H): the only step that sees all frames
        return self.classifier(last)
