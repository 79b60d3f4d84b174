"""The loop's parts: early stopping, optimiser groups, seeds, what is not finite."""

import math
from dataclasses import replace

import pytest
import torch

from vidbench.clips.sampling import step_seed
from vidbench.errors import Diverged
from vidbench.models.options import TrainingOptions
from vidbench.training import loop
from vidbench.training.distributed import ProcessGroup
from vidbench.training.epoch import record_losses
from vidbench.training.optimizer import make_optimizer
from vidbench.training.state import Progress

TRAINING = TrainingOptions(epochs=10, warmup_epochs=2, patience=3)


def test_early_stopping_waits_for_the_warm_up() -> None:
    assert not loop.should_stop(Progress(epoch=4, best_epoch=0), TRAINING)
    assert loop.should_stop(Progress(epoch=5, best_epoch=0), TRAINING)
    assert not loop.should_stop(Progress(epoch=8, best_epoch=6), TRAINING)
    assert loop.should_stop(Progress(epoch=9, best_epoch=6), TRAINING)
    assert not loop.should_stop(Progress(epoch=99, best_epoch=1), replace(TRAINING, patience=None))


def test_early_stopping_says_why_a_training_ended() -> None:
    line = "ended after epoch 7 of 10: no better epoch than 4 in the last 3 (training.patience)"
    assert loop.describe_early_stop(Progress(epoch=7, best_epoch=4), TRAINING) == line
    assert loop.describe_early_stop(Progress(epoch=6, best_epoch=4), TRAINING) is None
    assert loop.describe_early_stop(Progress(epoch=10, best_epoch=4), TRAINING) is None  # the last one anyhow


def test_ties_go_to_the_lower_loss() -> None:
    best = {"val_top1": 0.5, "val_loss": 1.0}
    assert loop.is_better(best, None)
    assert loop.is_better({"val_top1": 0.6, "val_loss": 2.0}, best)
    assert loop.is_better({"val_top1": 0.5, "val_loss": 0.9}, best)
    assert not loop.is_better({"val_top1": 0.5, "val_loss": 1.0}, best)
    assert not loop.is_better({"val_top1": 0.4, "val_loss": 0.1}, best)


@pytest.mark.parametrize("name", ["adamw", "sgd"])
def test_weight_decay_spares_biases_and_norms(name: str) -> None:
    model = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.BatchNorm1d(3))
    optimizer = make_optimizer(model, replace(TRAINING, optimizer=name))
    decay = {tensor.ndim: group["weight_decay"] for group in optimizer.param_groups for tensor in group["params"]}
    assert decay == {2: 0.05, 1: 0.0}
    assert sum(len(group["params"]) for group in optimizer.param_groups) == 4


def test_every_step_has_a_seed_of_its_own() -> None:
    seeds = {step_seed(seed, epoch, step) for seed in range(5) for epoch in range(20) for step in range(50)}
    assert len(seeds) == 5 * 20 * 50


def test_a_loss_that_is_not_finite_names_epoch_and_step() -> None:
    losses = [(3, torch.tensor(1.0)), (4, torch.tensor(math.nan)), (5, torch.tensor(2.0))]
    with pytest.raises(Diverged, match="loss is nan at epoch 3, step 5"):
        record_losses(losses, Progress(epoch=2, step=6), ProcessGroup())
