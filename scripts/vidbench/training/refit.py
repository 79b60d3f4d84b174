"""Training again on training and validation videos together, once validation has chosen the epoch.

The second training begins from the same weights with the same seed and takes as many updates as the first one had
taken at its best epoch. An epoch keeps its number of clips, drawn anew from all these videos, so the learning rate of
each update is that of the first training.
"""

import time
from collections.abc import Callable
from dataclasses import fields, replace

from vidbench.clips.split_data import SplitData
from vidbench.compute import compilation
from vidbench.compute.precision import explained_errors
from vidbench.training.checkpoint import Checkpoint
from vidbench.training.epochs import Epochs
from vidbench.training.monitor import report_refit_epoch
from vidbench.training.setup import TrainingJob
from vidbench.training.state import Training


def refit(
    job: TrainingJob, training: Training, checkpoint: Checkpoint, signals: list[int], restart: Callable[[], Training]
) -> None:
    """Train again, or go on with that, in place of a training that train() has left; `signals`: as there.

    `restart` makes a training at its first step. `training.eval_model` is the result; `checkpoint.best_weights` stay
    those that validation chose. Diverged names the refit.
    """
    if not training.progress.refitting:
        if job.precision.compile:
            compilation.reset()
        _start_again(training, restart())
    progress = training.progress
    epochs = Epochs.of(replace(job, data=join_validation(job.data)), training, checkpoint, signals)
    with explained_errors(job.options.training.batch_size), epochs.saver:
        while progress.epoch < progress.best_epoch:
            _train_and_report(epochs)
        with epochs.saver.saving_on_stop():
            epochs.set_statistics(progress.best_epoch - 1)


def join_validation(data: SplitData) -> SplitData:
    """Return the data with the validation videos among the training videos; an epoch has as many clips as before."""
    return replace(data, video_ids=data.video_ids | {"train": [*data.video_ids["train"], *data.video_ids["val"]]})


def _start_again(training: Training, fresh: Training) -> None:
    """Put a training at its first step into the place of a finished one, whose history and times it keeps."""
    fresh.progress = replace(training.progress, epoch=0, step=0, loss_sum=0.0, clips=0, refitting=True)
    for field in fields(training):
        setattr(training, field.name, getattr(fresh, field.name))


def _train_and_report(epochs: Epochs) -> None:
    """Do one epoch, report and save."""
    progress, start = epochs.training.progress, time.monotonic()
    epochs.train_next()
    loss = progress.loss_sum / progress.clips
    progress.begin_epoch()
    epochs.saver.count_energy()
    if epochs.context.group.is_main:
        report_refit_epoch(progress.epoch, progress.best_epoch, loss, time.monotonic() - start)
        epochs.saver.after_epoch()
