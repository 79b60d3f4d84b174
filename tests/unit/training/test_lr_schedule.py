"""Learning-rate schedules, against torch's own where it has them."""

import itertools
from dataclasses import replace

import pytest
import torch

from vidbench.models.options import TrainingOptions
from vidbench.training.lr_schedule import learning_rate, momentum, needs_precise_batch_norm

TRAINING = TrainingOptions(epochs=10, learning_rate=0.1, plateau_patience=2)


def rates(schedule: str, **changes: object) -> list[float]:
    return [learning_rate(step, 5, replace(TRAINING, schedule=schedule, **changes), []) for step in range(50)]


@pytest.mark.parametrize("schedule", ["cosine", "constant", "step", "plateau"])
def test_the_warm_up_is_a_straight_line(schedule: str) -> None:
    assert rates(schedule)[:10] == pytest.approx([0.01 * (step + 1) for step in range(10)])
    assert rates(schedule, warmup_epochs=0)[0] == pytest.approx(0.1)


def test_the_warm_up_takes_half_of_a_short_training_at_most() -> None:
    options = replace(TRAINING, epochs=2, schedule="constant", warmup_epochs=30)
    assert [learning_rate(step, 5, options, []) for step in (0, 4, 5, 9)] == pytest.approx([0.02, 0.1, 0.1, 0.1])


def test_cosine_falls_to_zero() -> None:
    schedule = rates("cosine")
    assert schedule[10] == pytest.approx(0.1)
    assert all(a > b for a, b in itertools.pairwise(schedule[10:]))
    assert schedule[30] == pytest.approx(0.05)
    assert 0 < schedule[-1] < 0.001


def test_constant_and_step() -> None:
    assert rates("constant")[10:] == [0.1] * 40
    # Milestones at half and three quarters of 50 steps: from step 25 and, 37.5 rounded up, from step 38 on.
    assert rates("step")[10:] == pytest.approx([0.1] * 15 + [0.01] * 13 + [0.001] * 12)


@pytest.mark.parametrize("steps", [3, 10, 57, 400])
def test_one_cycle_is_that_of_torch(steps: int) -> None:
    optimizer = torch.optim.AdamW([torch.nn.Parameter(torch.zeros(1))], lr=0.1, betas=(0.9, 0.999))
    theirs = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=steps)
    options = replace(TRAINING, schedule="one_cycle", epochs=1)
    for step in range(steps):
        group = optimizer.param_groups[0]
        assert learning_rate(step, steps, options, []) == pytest.approx(group["lr"], abs=1e-9), step
        assert momentum(step, steps, options) == pytest.approx(group["betas"][0], abs=1e-9), step
        optimizer.step()
        if step < steps - 1:
            theirs.step()


def test_other_schedules_leave_the_momentum() -> None:
    assert momentum(3, 5, TRAINING) is None


@pytest.mark.parametrize("losses", [[5, 4, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2], [5, 6, 7, 1, 1, 1, 1, 1, 1], [3, 2, 1]])
def test_plateau_is_that_of_torch(losses: list[float]) -> None:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    theirs = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.1, patience=2, threshold=0, eps=0)
    options = replace(TRAINING, schedule="plateau", warmup_epochs=0, epochs=99)
    history = []
    for epoch, loss in enumerate(losses):
        rate = learning_rate(epoch * 5, 5, options, history)
        assert rate == pytest.approx(optimizer.param_groups[0]["lr"]), epoch
        theirs.step(loss)
        history.append({"val_loss": loss})


def test_plateau_does_not_count_the_warm_up() -> None:
    history = [{"val_loss": value} for value in (1, 9, 9, 9)]
    assert learning_rate(20, 5, replace(TRAINING, schedule="plateau"), history) == pytest.approx(0.1)


def test_precise_batch_norm_is_for_trainings_of_few_updates() -> None:
    """Ten epochs of 91 to 100 clips in batches of 10 are 100 updates, which `auto` finds enough without it."""
    for clips, batches, expected in ((90, 1, True), (91, 1, False), (182, 2, False), (181, 2, False), (180, 2, True)):
        settings = replace(TRAINING, batch_size=10, accumulate=batches)
        assert needs_precise_batch_norm(settings, clips) == expected
        for fixed in (False, True):
            assert needs_precise_batch_norm(replace(settings, precise_batch_norm=fixed), clips) == fixed
