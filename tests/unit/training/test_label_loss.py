"""Loss and validation of several labels per video."""

import numpy as np
import pytest
import torch
from sklearn.metrics import average_precision_score
from torch.nn import functional

from vidbench.clips.loader import rarest_labels
from vidbench.models.options import TrainingOptions
from vidbench.training.label_loss import LabelCriterion, positive_weights, score_labels
from vidbench.training.state import named_history

TARGETS = [[1.0, 1.0, 0.0], [1.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]


def test_loss_is_a_sum_over_clips_and_labels() -> None:
    logits, targets = torch.randn(4, 3), torch.tensor(TARGETS)
    own = LabelCriterion(TrainingOptions(label_smoothing=0.0), TARGETS, 3)(logits, targets)
    expected = sum(
        functional.binary_cross_entropy_with_logits(logits[i, k], targets[i, k]) for i in range(4) for k in range(3)
    )
    torch.testing.assert_close(own, torch.as_tensor(expected))


def test_its_gradient_by_a_logit_is_probability_minus_target() -> None:
    logits = torch.zeros(4, 3, requires_grad=True)
    LabelCriterion(TrainingOptions(label_smoothing=0.2), TARGETS, 3)(logits, torch.tensor(TARGETS)).backward()
    assert logits.grad is not None
    torch.testing.assert_close(logits.grad, 0.5 - (torch.tensor(TARGETS) * 0.8 + 0.1))


def test_balanced_labels_weigh_the_same_on_both_sides() -> None:
    weights = positive_weights(TARGETS)
    torch.testing.assert_close(weights, torch.tensor([1 / 3, 3.0, 1.0]))
    settings = TrainingOptions(label_smoothing=0.0, class_weights="balanced")
    loss = LabelCriterion(settings, TARGETS, 3)(torch.zeros(4, 3), torch.tensor(TARGETS))
    assert loss.item() == pytest.approx(np.log(2) * (2 + 6 + 4))


def test_validation_is_mean_average_precision_of_labels_that_there_are() -> None:
    p = torch.tensor([[0.9, 0.2, 0.5], [0.3, 0.6, 0.5], [0.8, 0.1, 0.5], [0.4, 0.3, 0.5]], dtype=torch.float64)
    loss, score = score_labels(p, TARGETS)
    truth = np.array(TARGETS)
    assert score == pytest.approx(average_precision_score(truth[:, :2], p.numpy()[:, :2], average="macro"))
    given = np.where(truth > 0, p.numpy(), 1 - p.numpy())
    assert loss == pytest.approx(-np.log(given).sum(axis=1).mean())


def test_probabilities_that_are_no_numbers_have_no_loss() -> None:
    """The training goes on to its end as a diverged one, as with one label per video."""
    p = torch.tensor([[0.9, 0.2, 0.5], [0.3, 0.6, 0.5], [0.8, 0.1, 0.5], [0.4, 0.3, 0.5]], dtype=torch.float64)
    p[0] = torch.nan
    loss, score = score_labels(p, TARGETS)
    assert np.isnan(loss)
    assert score == score_labels(p.nan_to_num(0), TARGETS)[1]


def test_a_video_counts_as_its_rarest_label() -> None:
    targets = np.array([[1, 1, 0], [1, 0, 0], [1, 0, 1], [0, 0, 1]])
    np.testing.assert_array_equal(rarest_labels(targets), [1, 0, 2, 2])


def test_the_history_names_its_score() -> None:
    row = {"epoch": 1, "val_top1": 0.5}
    assert named_history([row], multi=False) == [row]
    assert named_history([row], multi=True) == [{"epoch": 1, "val_mean_average_precision": 0.5}]
