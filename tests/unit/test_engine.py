"""The loop's parts: learning rate, early stopping, augmentation, optimiser groups."""

import itertools
import math

import pytest
import torch

from vidbench import engine
from vidbench.engine import Progress
from vidbench.transforms import Augmentation, normalise, prepare

TRAINING = {
    "epochs": 10, "learning_rate": 0.1, "warmup_epochs": 2, "schedule": "cosine", "patience": 3,
    "optimizer": "adamw", "weight_decay": 0.05, "momentum": 0.9,
}  # fmt: skip


def test_learning_rate_warms_up_and_falls_to_zero() -> None:
    rates = [engine.learning_rate(step, 5, TRAINING) for step in range(50)]
    assert rates[:10] == pytest.approx([0.01 * (step + 1) for step in range(10)])
    assert rates[10] == pytest.approx(0.1)
    assert all(a > b for a, b in itertools.pairwise(rates[10:]))
    assert rates[30] == pytest.approx(0.05)
    assert 0 < rates[-1] < 0.001
    constant = [engine.learning_rate(step, 5, TRAINING | {"schedule": "constant"}) for step in range(50)]
    assert constant[10:] == [0.1] * 40


def test_early_stopping_waits_for_the_warm_up() -> None:
    assert not engine.should_stop(Progress(epoch=4, best_epoch=0), TRAINING)
    assert engine.should_stop(Progress(epoch=5, best_epoch=0), TRAINING)
    assert not engine.should_stop(Progress(epoch=8, best_epoch=6), TRAINING)
    assert engine.should_stop(Progress(epoch=9, best_epoch=6), TRAINING)
    assert not engine.should_stop(Progress(epoch=99, best_epoch=1), TRAINING | {"patience": None})


def test_ties_go_to_the_lower_loss() -> None:
    best = {"val_top1": 0.5, "val_loss": 1.0}
    assert engine.is_better(best, None)
    assert engine.is_better({"val_top1": 0.6, "val_loss": 2.0}, best)
    assert engine.is_better({"val_top1": 0.5, "val_loss": 0.9}, best)
    assert not engine.is_better({"val_top1": 0.5, "val_loss": 1.0}, best)
    assert not engine.is_better({"val_top1": 0.4, "val_loss": 0.1}, best)


@pytest.mark.parametrize("name", ["adamw", "sgd"])
def test_weight_decay_spares_biases_and_norms(name: str) -> None:
    model = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.BatchNorm1d(3))
    optimizer = engine.make_optimizer(model, TRAINING | {"optimizer": name})
    decay = {tensor.ndim: group["weight_decay"] for group in optimizer.param_groups for tensor in group["params"]}
    assert decay == {2: 0.05, 1: 0.0}
    assert sum(len(group["params"]) for group in optimizer.param_groups) == 4


def test_every_step_has_a_seed_of_its_own() -> None:
    seeds = {engine.step_seed(seed, epoch, step) for seed in range(5) for epoch in range(20) for step in range(50)}
    assert len(seeds) == 5 * 20 * 50


def test_the_temporal_mean_goes_away() -> None:
    still = torch.full((1, 5, 3, 4, 4), 200, dtype=torch.uint8)
    assert prepare(still, {"subtract_temporal_mean": True}).abs().max() == 0
    assert prepare(still, {"subtract_temporal_mean": False}).shape == (1, 3, 5, 4, 4)
    assert prepare(still, {"subtract_temporal_mean": False})[0, 0, 0, 0, 0] == pytest.approx((200 / 255 - 0.45) / 0.225)
    clip = torch.rand(2, 5, 3, 4, 4)
    assert normalise(clip, {"subtract_temporal_mean": True}).mean(dim=2).abs().max() < 1e-5


def test_augmentation_is_seeded_and_the_same_for_all_frames() -> None:
    augment = Augmentation({"horizontal_flip": True, "shift": 0.25, "color_jitter": 0.5}, (16, 16))
    torch.manual_seed(5)
    frame = torch.randint(0, 256, (1, 1, 3, 16, 16), dtype=torch.uint8)
    clips = frame.expand(2, 6, 3, 16, 16)
    before = torch.random.get_rng_state()
    out = augment(clips, [1, 2])
    assert torch.equal(torch.random.get_rng_state(), before)
    assert torch.equal(out, augment(clips, [1, 2]))
    assert not torch.equal(out[0], out[1])
    assert all(torch.equal(out[0, 0], out[0, t]) for t in range(6))
    assert out.shape == (2, 6, 3, 16, 16)


def test_no_augmentation_changes_nothing() -> None:
    augment = Augmentation({"horizontal_flip": False, "shift": 0, "color_jitter": 0}, (4, 4))
    clips = torch.randint(0, 256, (1, 2, 3, 4, 4), dtype=torch.uint8)
    assert torch.equal(augment(clips, [0]), clips / 255)


def test_a_loss_that_is_not_finite_names_epoch_and_step() -> None:
    with pytest.raises(engine.UserError, match="loss is nan at epoch 3, step 5"):
        engine._finite(torch.tensor(math.nan), Progress(epoch=2, step=4))
