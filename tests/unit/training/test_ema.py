"""The moving average of the weights, by its formula."""

import pytest
import torch
from torch import nn

from vidbench.training.ema import ModelEma


def test_the_average_follows_its_formula_batch_norm_included() -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    average, expected = ModelEma(model, 0.9), model[0].weight.detach().clone()
    for updates in range(1, 200):
        with torch.no_grad():
            model[0].weight.add_(1)
            model[1].running_mean.add_(1)
            model[1].num_batches_tracked.add_(1)
        average.update(model, updates)
        decay = min(0.9, (1 + updates) / (10 + updates))
        expected = decay * expected + (1 - decay) * model[0].weight.detach()
    assert torch.allclose(average.model[0].weight, expected)
    assert average.model[1].running_mean.mean() == pytest.approx(199 - 9, abs=0.1)  # it lags by decay / (1 - decay)
    assert average.model[1].num_batches_tracked == 199
    assert not average.model[0].weight.requires_grad
