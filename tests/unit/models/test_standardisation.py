"""Features of a frozen network are standardised over all batches, whatever their scale; others stay as they are."""

import pytest
import torch
from model_entries import entry

from vidbench.models.build import build
from vidbench.models.standardisation import EPSILON, Standardisation


def trained(batches: list[torch.Tensor]) -> Standardisation:
    norm = Standardisation(batches[0].shape[1])
    for batch in batches:
        norm.train()(batch)
    return norm.eval()


@pytest.mark.parametrize("scale", [1.0, 1e-10, 1e6])
def test_all_batches_count_alike_at_any_scale(scale: float) -> None:
    torch.manual_seed(0)
    spread = torch.tensor([1.0, 2.0, 0.5, 1.5])
    batches = [scale * (3 + spread * torch.randn(16, 4)) for _ in range(9)]
    norm = trained(batches)
    mean = torch.stack([batch.mean(0) for batch in batches]).mean(0)
    variance = torch.stack([batch.var(0) for batch in batches]).mean(0)
    unit = batches[0].var(0).mean()
    expected = (batches[3] - mean) / (variance + EPSILON * unit).sqrt()
    assert torch.allclose(norm(batches[3]), expected, atol=1e-3)
    assert norm.train()(batches[0]).mean(0).abs().max() < 1e-4
    assert (norm(batches[0]).var(0, correction=0) - 1).abs().max() < 0.02


def test_a_feature_that_varied_in_the_test_alone_is_not_blown_up() -> None:
    torch.manual_seed(0)
    batches = [torch.randn(16, 4) * torch.tensor([1.0, 1.0, 1.0, 0.0]) for _ in range(5)]
    norm = trained(batches)
    assert norm(torch.ones(2, 4)).abs().max() < 2 / EPSILON**0.5
    assert trained([torch.zeros(4, 3)] * 3)(torch.zeros(2, 3)).abs().max() == 0


def test_before_a_training_features_pass_unchanged() -> None:
    features = torch.randn(5, 3)
    assert torch.allclose(Standardisation(3).eval()(features), features, rtol=1e-3)


@pytest.mark.parametrize(
    ("head", "trained_stages", "standardises"),
    [("mean", 0, True), ("max", 0, True), ("tsm", 0, True), ("mean", None, False), ("mean", 1, False),
     ("lstm", 0, False), ("attentive", 0, False)],
)  # fmt: skip
def test_linear_heads_of_frozen_backbones_alone_standardise(
    head: str, trained_stages: int | None, standardises: bool
) -> None:
    backbone = {"architecture": "cnn2d", "width": 4, "trained_stages": trained_stages}
    backbone |= {"tokens": [2, 2]} if head == "attentive" else {}
    model = build(entry("cnn2d", head, backbone=backbone), 3)
    assert ("head.norm.1.running_mean" in model.state_dict()) == standardises
    assert "head.norm.1.weight" not in model.state_dict()
