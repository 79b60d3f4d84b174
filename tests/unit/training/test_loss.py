"""The loss, against torch's own and by hand."""

from dataclasses import replace

import pytest
import torch
from torch.nn import functional

from vidbench.models.options import TrainingOptions
from vidbench.training.loss import Criterion, balanced_weights

PLAIN = TrainingOptions()
CLASSES = [0, 0, 0, 0, 0, 0, 1, 1, 3]


def test_without_options_it_is_the_sum_of_cross_entropies() -> None:
    logits, targets = torch.randn(9, 4), torch.tensor(CLASSES)
    loss = Criterion(PLAIN, CLASSES, 4)(logits, targets)
    assert torch.allclose(loss, functional.cross_entropy(logits, targets, reduction="sum"))


def test_balanced_weights_give_each_class_the_same_say() -> None:
    weights = balanced_weights(CLASSES, 4)
    assert weights.tolist() == pytest.approx([0.5, 1.5, 0, 3])
    assert weights[torch.tensor(CLASSES)].mean().item() == pytest.approx(1)
    logits, targets = torch.zeros(9, 4), torch.tensor(CLASSES)
    loss = Criterion(replace(PLAIN, class_weights="balanced"), CLASSES, 4)(logits, targets)
    assert loss.item() == pytest.approx(9 * torch.tensor(4.0).log().item(), rel=1e-5)


def test_label_smoothing_also_of_mixed_classes() -> None:
    logits = torch.randn(2, 4)
    mixed = torch.tensor([[0.3, 0.7, 0, 0], [0, 0, 0, 1.0]])
    loss = Criterion(replace(PLAIN, label_smoothing=0.2), CLASSES, 4)(logits, mixed)
    targets = 0.8 * mixed + 0.2 / 4
    assert torch.allclose(loss, -(targets * logits.log_softmax(1)).sum())
    hard = Criterion(replace(PLAIN, label_smoothing=0.2), CLASSES, 4)(logits, torch.tensor([1, 3]))
    targets = 0.8 * torch.eye(4)[[1, 3]] + 0.2 / 4
    assert torch.allclose(hard, -(targets * logits.log_softmax(1)).sum())


def test_half_precision_logits_are_summed_in_full() -> None:
    logits = torch.randn(9, 4).bfloat16()
    loss = Criterion(PLAIN, CLASSES, 4)(logits, torch.tensor(CLASSES))
    assert loss.dtype == torch.float32
