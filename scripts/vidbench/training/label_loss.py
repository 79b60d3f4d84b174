"""Loss and validation of videos that may have several labels each: every label is a question of its own."""

import math
from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional

from vidbench.evaluation.average_precision import precision_of_labels
from vidbench.evaluation.log_loss import MIN_PROBABILITY
from vidbench.models.options import TrainingOptions


class LabelCriterion(nn.Module):
    """Binary cross entropy of each label, summed over labels and over a batch's clips.

    Summed over labels, as its gradient by a logit then is the size of cross entropy's, so that learning rates carry
    over. Label smoothing moves targets towards 1/2.
    """

    weights: torch.Tensor | None  # (K,) of the labels where a video has them

    def __init__(self, settings: TrainingOptions, targets: Sequence[Sequence[float]], num_classes: int) -> None:
        """`targets`: K numbers per training video, 1 for each label that it has, else 0."""
        super().__init__()
        self.smoothing = settings.label_smoothing
        weights = positive_weights(targets) if settings.class_weights == "balanced" else None
        self.register_buffer("weights", weights)

    def forward(self, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Logits (B, K) and targets (B, K) from 0 to 1 -> the sum over clips and labels."""
        smooth = targets * (1 - self.smoothing) + self.smoothing / 2
        return functional.binary_cross_entropy_with_logits(
            logits.float(), smooth, pos_weight=self.weights, reduction="sum"
        )


def positive_weights(targets: Sequence[Sequence[float]]) -> torch.Tensor:
    """Return the weight (K,) of a label where a video has it: as many times 1 as there are videos without per one with.

    So both sides of every label weigh the same. 1 for a label that no training video has.
    """
    table = torch.as_tensor(targets, dtype=torch.float64)
    having = table.sum(dim=0)
    return torch.where(having > 0, (len(table) - having) / having.clamp_min(1), 1.0).float()


def score_labels(probabilities: torch.Tensor, targets: Sequence[Sequence[float]]) -> tuple[float, float]:
    """Return the loss of probabilities (N, K), summed over labels, mean over videos, and mean average precision.

    The mean is over the labels that some video has. Where a probability is not a number, the loss is none either.
    """
    known = torch.isfinite(probabilities)
    if not known.all():  # binary_cross_entropy would raise, and hide that the training has diverged
        return math.nan, score_labels(probabilities.where(known, 0), targets)[1]
    truth = torch.as_tensor(targets, dtype=torch.float64)
    clamped = probabilities.clamp(MIN_PROBABILITY, 1 - MIN_PROBABILITY)
    loss = functional.binary_cross_entropy(clamped, truth, reduction="sum").item() / len(truth)
    precision = torch.as_tensor(precision_of_labels(truth.numpy() > 0, probabilities.numpy()))
    return loss, precision.nanmean().item()
