"""A refit is a training on training and validation videos for as many updates, and stops and resumes like any other."""

import math
from pathlib import Path

import memory_store
import pytest
import torch
from stopped_trainings import SMALL_3D, SignalAfter, complete, run
from train_model import describe_cost, describe_refit

from vidbench.clips.dataset import FrameClips, TrainingClips
from vidbench.clips.loader import EpochBatches, Loader
from vidbench.compute.precision import Precision
from vidbench.errors import Diverged
from vidbench.models.options import ModelOptions
from vidbench.training.checkpoint import Checkpoint, Interrupted
from vidbench.training.distributed import SINGLE_PROCESS
from vidbench.training.epoch import record_losses
from vidbench.training.loop import train
from vidbench.training.lr_schedule import learning_rate
from vidbench.training.optimizer import make_optimizer, set_learning_rate
from vidbench.training.refit import join_validation, refit
from vidbench.training.setup import TrainingJob, begin, make_model
from vidbench.training.state import Progress, Training

CPU = torch.device("cpu")
REFIT = {"refit": True, "epochs": 4, "patience": None, "precise_batch_norm": False}


def fit(folder: Path, options: ModelOptions, looks: int = 10**9) -> tuple[TrainingJob, Training, Checkpoint, int]:
    """Train and refit, or go on; the last is how often the signals were looked at."""
    torch.set_num_threads(1)
    job = TrainingJob(options, 3, memory_store.split(5), Precision(CPU), workers=0)
    checkpoint, signals = Checkpoint(folder / "checkpoint.pt", "same", 1e9), SignalAfter(looks)
    training = begin(job, make_model(job)[0])
    train(job, training, checkpoint, signals)
    refit(job, training, checkpoint, signals, lambda: begin(job, make_model(job)[0]))
    return job, training, checkpoint, looks - signals.left


def by_hand(job: TrainingJob, history: list[dict], epochs: int) -> dict[str, torch.Tensor]:
    """Weights after so many epochs on all videos but the tests', with the rates that the first training had."""
    data, settings, model = job.data, job.options.training, make_model(job)[0]
    videos = data.video_ids["train"] + data.video_ids["val"]
    targets = [data.class_names.index(data.labels[video]) for video in videos]
    number = len(data.video_ids["train"])
    clips = TrainingClips(FrameClips(data.store, job.options.clip), videos, targets, seed=3, clips_per_epoch=number)
    sampler, inputs, optimizer = (
        EpochBatches(clips, settings.batch_size),
        job.make_inputs(),
        make_optimizer(model, settings),
    )
    model.train()
    updates = 0
    for epoch in range(epochs):
        sampler.epoch = epoch
        for step, batch in enumerate(Loader(CPU)(clips, sampler)):
            frames, classes = inputs.train(batch, epoch, step)
            set_learning_rate(optimizer, learning_rate(updates, len(sampler), settings, history[:epoch]), None)
            torch.nn.functional.cross_entropy(model(frames), classes).backward()
            optimizer.step()
            optimizer.zero_grad()
            updates += 1
    assert updates == epochs * math.ceil(number / settings.batch_size)
    return model.state_dict()


@pytest.mark.parametrize("schedule", [{"schedule": "cosine"}, {"schedule": "plateau", "plateau_patience": 0}])
def test_it_is_a_training_on_both_subsets_for_as_many_updates(tmp_path: Path, schedule: dict) -> None:
    """The schedule `plateau` takes the rates that the validation of the first training led to."""
    job, training, _, _ = fit(tmp_path, complete(SMALL_3D, REFIT | schedule))
    progress = training.progress
    assert (progress.epoch, len(progress.history)) == (progress.best_epoch, 4)
    assert progress.best_epoch > 1
    expected = by_hand(job, progress.history, progress.best_epoch)
    for name, tensor in training.eval_model.state_dict().items():
        assert torch.allclose(tensor, expected[name], rtol=1e-4, atol=1e-6), name


def test_the_chosen_weights_are_those_without_a_refit(tmp_path: Path) -> None:
    _, training, checkpoint, _ = fit(tmp_path / "with", complete(SMALL_3D, REFIT))
    weights, history, _ = run(tmp_path / "without", complete(SMALL_3D, REFIT | {"refit": False}))
    assert training.progress.history == history
    assert all(torch.equal(tensor, weights[name]) for name, tensor in checkpoint.best_weights.items())
    assert not torch.equal(training.model.classifier.weight, checkpoint.best_weights["classifier.weight"])


def test_a_stop_anywhere_loses_nothing(tmp_path: Path) -> None:
    """In both trainings, after batches and updates, in validation and between the two."""
    options = complete(SMALL_3D, REFIT | {"epochs": 2, "batch_size": 12, "precise_batch_norm": True, "ema": 0.5})
    _, whole, checkpoint, looks = fit(tmp_path / "whole", options)
    phases = set()
    for stop in range(looks):
        folder = tmp_path / str(stop)
        with pytest.raises(Interrupted):
            fit(folder, options, stop)
        state = torch.load(folder / "checkpoint.pt", weights_only=True)["progress"]
        phases.add((state["refitting"], state["epoch"], state["step"]))
        _, training, again, _ = fit(folder, options)
        assert training.progress.history == whole.progress.history
        for one, other in ((training.eval_model.state_dict(), whole.eval_model.state_dict()),
                           (again.best_weights, checkpoint.best_weights)):  # fmt: skip
            assert all(torch.equal(tensor, other[name]) for name, tensor in one.items()), stop
    assert {refitting for refitting, _, _ in phases} == {False, True}
    assert (True, whole.progress.best_epoch, 0) in phases  # while its statistics were computed


def test_it_takes_all_videos_in_as_many_clips_an_epoch() -> None:
    data = memory_store.split(5)
    joined = join_validation(data)
    assert sorted(joined.video_ids["train"]) == sorted(data.video_ids["train"] + data.video_ids["val"])
    assert joined.video_ids["val"] == data.video_ids["val"]
    assert (joined.clips_per_epoch, len(data.video_ids["train"])) == (20, 20)
    progress = Progress(epoch=2, history=[{}] * 5, best_epoch=2, refitting=True, seconds=70.0)
    assert describe_refit(data, progress) == {"epochs": 2, "videos": 28}
    assert describe_cost(progress, 20)["train_clips"] == 7 * 20  # of both trainings, as the seconds are


def test_a_loss_that_is_not_finite_names_the_refit() -> None:
    progress = Progress(epoch=1, refitting=True)
    with pytest.raises(Diverged, match="refit: the loss is nan at epoch 2, step 1"):
        record_losses([(0, torch.tensor(math.nan))], progress, SINGLE_PROCESS)
