"""Trials that pause, go on, and plan their epochs within their seconds."""

from dataclasses import replace
from pathlib import Path

import memory_store
import pytest
import tiny
import torch

from vidbench.compute.precision import Precision
from vidbench.config import schema
from vidbench.models.options import ModelOptions
from vidbench.training.allowance import Allowance, pause_epoch
from vidbench.training.checkpoint import Checkpoint
from vidbench.training.loop import UNLIMITED, train
from vidbench.training.setup import TrainingJob, begin, make_model
from vidbench.training.state import Progress, Training


def complete(epochs: int = 4) -> ModelOptions:
    """A small network with dropout and augmentation, which draw random numbers."""
    training = tiny.TRAINING | {"epochs": epochs, "batch_size": 5, "patience": None}
    config = tiny.config(models__cnn3d__dropout=0.2, models__cnn3d__training=training)
    config["datasets"]["motion"] |= {"clip": {"frames": 2, "size": [8, 8]}, "augmentation": {"shift": 0.1}}
    return schema.typed_options(config, "motion", "cnn3d")


def trained(folder: Path, options: ModelOptions, allowance: Allowance = UNLIMITED) -> tuple[Training, TrainingJob]:
    """A training as train_model.py does it; with a checkpoint in the folder it goes on."""
    torch.set_num_threads(1)
    job = TrainingJob(options, 3, memory_store.split(5), Precision(torch.device("cpu")), workers=0)
    training, checkpoint = begin(job, make_model(job)[0]), Checkpoint(folder / "checkpoint.pt", "same", 1e9)
    job = train(job, training, checkpoint, [], allowance=allowance)
    if allowance.is_part:
        checkpoint.save(training)
    training.model.load_state_dict(checkpoint.best_weights)
    return training, job


def weights_of(training: Training) -> list[torch.Tensor]:
    return [tensor.clone() for tensor in training.model.state_dict().values()]


def test_rungs_one_after_another_end_with_the_bytes_of_one_training(tmp_path: Path) -> None:
    options = complete()
    whole, _ = trained(tmp_path / "whole", options)
    (tmp_path / "rungs").mkdir()
    epochs = []
    for share in (1 / 4, 1 / 2, 1.0):
        training, _ = trained(tmp_path / "rungs", options, Allowance(share=share))
        epochs.append(training.progress.epoch)
    assert epochs == [1, 2, 4]
    assert training.progress.history == whole.progress.history
    assert training.progress.answers == whole.progress.answers
    assert all(map(torch.equal, weights_of(training), weights_of(whole)))


def test_answers_are_those_of_the_accuracy(tmp_path: Path) -> None:
    training, _ = trained(tmp_path, complete())
    videos = len(memory_store.split(5).video_ids["val"])
    for row, answers in zip(training.progress.history, training.progress.answers, strict=True):
        assert int(answers, 16).bit_count() / videos == pytest.approx(row["val_top1"])


def job_of(epochs: int) -> TrainingJob:
    options = complete(epochs)
    return TrainingJob(options, 3, memory_store.split(5), Precision(torch.device("cpu")))


def test_epochs_are_planned_once_the_first_has_told_how_long_they_take() -> None:
    allowance, progress = Allowance(seconds=60.0, share=0.5), Progress()
    assert allowance.plan(job_of(4), progress).options.training.epochs == 4  # not known yet
    assert not allowance.is_used_up(4, progress)
    progress.epoch, progress.seconds = 1, 7.0
    assert allowance.plan(job_of(4), progress).options.training.epochs == 8
    progress.epoch, progress.seconds = 3, 29.0
    assert allowance.plan(job_of(4), progress).options.training.epochs == 8  # as when it was planned
    assert not allowance.is_used_up(8, progress)
    assert allowance.is_used_up(8, replace(progress, epoch=4))
    assert allowance.is_used_up(8, replace(progress, seconds=30.0))  # slower than planned
    assert allowance.describe(progress) == {"allowance": {"share": 0.5, "seconds": 60.0, "planned_epochs": 8}}


def test_an_epoch_that_is_longer_than_the_seconds_is_the_only_one(tmp_path: Path) -> None:
    training, job = trained(tmp_path, complete(), Allowance(seconds=1e-6))
    assert (training.progress.epoch, job.options.training.epochs) == (1, 1)


def test_a_fast_training_has_more_epochs_than_its_setting(tmp_path: Path) -> None:
    training, job = trained(tmp_path, complete(1), Allowance(seconds=2.0))
    assert training.progress.epoch > 1
    assert job.options.training.epochs == training.progress.planned_epochs >= training.progress.epoch
    rates = [row["learning_rate"] for row in training.progress.history]
    assert rates[-1] < max(rates)  # the schedule is one of all planned epochs


def test_a_training_without_limits_says_nothing_of_them() -> None:
    assert UNLIMITED.describe(Progress(epoch=2)) == {}
    assert not UNLIMITED.is_part


@pytest.mark.parametrize(("share", "epochs", "expected"), [(1 / 9, 9, 1), (1 / 27, 27, 1), (1 / 3, 10, 4), (1.0, 7, 7)])
def test_a_share_ends_with_a_whole_epoch(share: float, epochs: int, expected: int) -> None:
    assert pause_epoch(share, epochs) == expected
