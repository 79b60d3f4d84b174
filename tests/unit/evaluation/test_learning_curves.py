"""What learning curves say: planted curves, each beside its opposite, and the floor of the loss against drawing."""

import math

import numpy as np
import pytest

from vidbench.evaluation.learning_curves import Curve, TrainingSize, loss_floor, summarise
from vidbench.models.options import ModelOptions

GUESS = math.log(10)
EPOCHS = np.arange(1, 31)


def options(epochs: int = 30, smoothing: float = 0, **augmentation: float) -> ModelOptions:
    training = {"epochs": epochs, "label_smoothing": smoothing}
    return ModelOptions.from_dict({"architecture": "cnn3d", "training": training, "augmentation": augmentation})


def curve(train: np.ndarray, val: np.ndarray, top1: np.ndarray | float = 0.5, **settings: float) -> Curve:
    """The curve of losses as shares of what guessing loses, of ten classes and 100 validation videos."""
    columns = zip(GUESS * train, GUESS * val, np.broadcast_to(top1, len(train)), strict=True)
    history = [{"train_loss": a, "val_loss": b, "val_top1": c} for a, b, c in columns]
    found = Curve.of(history, options(**settings), 10, 100)
    assert found is not None
    return found


def said(found: Curve) -> tuple[bool, bool, bool]:
    return found.underfits, found.improves, found.overfits


LEARNED = np.exp(-EPOCHS / 5)
RISING = np.where(EPOCHS < 8, 0.9 - 0.05 * EPOCHS, 0.5 + 0.02 * (EPOCHS - 8))


def test_a_training_that_came_to_its_end_is_nothing_to_speak_of() -> None:
    assert said(curve(LEARNED, 0.1 + LEARNED)) == (False, False, False)


def test_a_training_loss_near_guessing_is_underfitting() -> None:
    flat = 1 - 0.2 * (1 - LEARNED)
    assert said(curve(flat, flat + 0.05)) == (True, False, False)
    assert said(curve(LEARNED, flat + 0.05)) == (False, False, False)  # it knows its training videos
    # Strong augmentation keeps the training loss high, and validation shows that it has learned.
    assert said(curve(flat, 0.1 + LEARNED)) == (False, False, False)


def test_losses_that_still_fall_at_the_end_are_improving() -> None:
    falling = 1 - 0.025 * EPOCHS
    assert said(curve(falling, falling + 0.1)) == (False, True, False)
    assert not curve(falling, np.full(30, 0.5)).improves  # validation does not gain
    assert not curve(np.where(EPOCHS > 20, falling[20], falling), falling).improves
    slowly = 0.3 - 0.002 * EPOCHS
    assert not curve(slowly, slowly).improves


def test_a_short_training_is_underfitting_and_improving() -> None:
    falling = np.linspace(1, 0.6, 5)
    assert said(curve(falling, falling, epochs=5)) == (True, True, False)
    assert not curve(falling[:4], falling[:4], epochs=4).improves  # too few epochs to see a trend


def test_a_validation_loss_that_rises_while_training_goes_on_is_overfitting() -> None:
    found = curve(LEARNED, RISING)
    assert said(found) == (False, False, True)
    assert found.lowest_epoch == 8
    assert not curve(LEARNED, np.minimum(RISING, 0.55)).overfits  # it rises by too little
    assert not curve(np.full(30, 0.4), RISING).overfits  # training has not gone on
    assert not curve(LEARNED, RISING, top1=0.3 + 0.01 * EPOCHS).overfits  # accuracy still gains 20 points
    assert not curve(LEARNED, RISING, epochs=12).overfits  # not early: it was planned to have 12 epochs


def test_overfitting_from_the_first_epoch_is_no_underfitting() -> None:
    assert said(curve(1 - 0.015 * EPOCHS, 1 + 0.02 * EPOCHS)) == (False, False, True)


def test_a_history_of_no_numbers_says_nothing() -> None:
    row = {"train_loss": math.nan, "val_loss": 1.0, "val_top1": 0.1}
    assert Curve.of([row], options(), 10, 100) is None
    assert Curve.of([], options(), 10, 100) is None
    assert Curve.of([row | {"train_loss": 1.0}], options(), 1, 100) is None


def test_the_floor_of_plain_labels_is_zero() -> None:
    assert loss_floor(options(), 10) == 0


def test_the_floor_of_smoothed_labels_is_their_entropy() -> None:
    target = np.full(10, 0.01)
    target[0] += 0.9
    assert loss_floor(options(smoothing=0.1), 10) == pytest.approx(-(target * np.log(target)).sum())


@pytest.mark.parametrize("alpha", [0.2, 1.0])
def test_the_floor_of_mixed_clips_is_the_mean_entropy_of_their_labels(alpha: float) -> None:
    part = np.random.default_rng(0).beta(alpha, alpha, 400_000).clip(1e-300, 1 - 1e-16)
    entropy = -(part * np.log(part) + (1 - part) * np.log1p(-part)).mean()
    assert loss_floor(options(mixup=alpha), 10) == pytest.approx(0.9 * entropy, rel=0.01)
    assert loss_floor(options(mixup=alpha, cutmix=alpha), 10) == pytest.approx(0.9 * entropy, rel=0.01)


def test_a_smoothed_training_that_knows_all_does_not_underfit() -> None:
    least = loss_floor(options(smoothing=0.5), 10) / GUESS
    train = np.full(30, least)
    assert curve(train, LEARNED, smoothing=0.5).train_end == pytest.approx(0)
    assert curve(train, np.full(30, 0.6)).train_end == pytest.approx(least)


def test_trainings_are_counted_and_most_is_more_than_half() -> None:
    curves = [curve(LEARNED, RISING), curve(LEARNED, 0.1 + LEARNED)]
    sizes = [TrainingSize(100, 20), TrainingSize(102, 22)]
    found = summarise("m", curves, options(), 10, sizes)
    assert (found.trainings, found.overfit, found.train_videos, found.train_groups) == (2, 1, 101, 21)
    assert not found.most(found.overfit)
    assert found.most(2)
    assert not found.frozen
