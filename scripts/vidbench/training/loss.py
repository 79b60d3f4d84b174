"""The loss that a training minimises."""

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional

from vidbench.models.options import TrainingOptions


class Criterion(nn.Module):
    """Cross entropy summed over a batch's clips, with label smoothing and class weights.

    It is a sum because the mean is over all clips of an update, which several batches or devices may share.
    """

    weights: torch.Tensor | None  # (K,) of the classes

    def __init__(self, settings: TrainingOptions, targets: Sequence[int], num_classes: int) -> None:
        """`targets`: the class number of each training video."""
        super().__init__()
        self.smoothing = settings.label_smoothing
        weights = balanced_weights(targets, num_classes) if settings.class_weights == "balanced" else None
        self.register_buffer("weights", weights)

    def forward(self, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Logits (B, K) and classes (B,), or probabilities (B, K) -> the sum over the clips."""
        return functional.cross_entropy(
            logits.float(), targets, self.weights, reduction="sum", label_smoothing=self.smoothing
        )


def balanced_weights(targets: Sequence[int], num_classes: int) -> torch.Tensor:
    """Return class weights (K,), inversely proportional to the number of a class's videos; 0 for a class without any.

    Their mean over the videos is 1. Of 6 and 2 videos of two classes: 8 / (2 * 6) and 8 / (2 * 2), or 0.67 and 2.
    """
    counts = torch.bincount(torch.as_tensor(targets), minlength=num_classes)
    present = (counts > 0).sum()
    return torch.where(counts > 0, len(targets) / (present * counts.clamp_min(1)), 0.0).float()
