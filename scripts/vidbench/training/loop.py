"""The training loop, validation, the best epoch, early stopping.

train() goes through the epochs (epochs.py), train_one_epoch() (epoch.py) through the batches of one.
"""

import math
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional
from torch.utils.data import DataLoader

from vidbench.clips.transforms import Clips
from vidbench.compute.precision import explained_errors
from vidbench.errors import Diverged
from vidbench.evaluation.log_loss import MIN_PROBABILITY
from vidbench.models.options import TrainingOptions
from vidbench.prediction.predict import predict
from vidbench.training.allowance import Allowance
from vidbench.training.checkpoint import Checkpoint, Interrupted
from vidbench.training.epochs import Epochs
from vidbench.training.lr_schedule import warmup_epochs
from vidbench.training.monitor import TensorBoardLogger, report_epoch
from vidbench.training.setup import TrainingJob
from vidbench.training.state import HISTORY, LoopContext, Progress, Training

UNLIMITED = Allowance()


def train(
    job: TrainingJob,
    training: Training,
    checkpoint: Checkpoint,
    signals: list[int],
    tensorboard: Path | None = None,
    allowance: Allowance = UNLIMITED,
) -> TrainingJob:
    """Train until the last epoch or early stopping; after a signal, save and raise Interrupted.

    `training`: as begin() makes it; it is restored from the checkpoint if there is one, and left as that says where a
    refit had begun. `signals`: those received so far, see stop_signals(). `tensorboard`: a folder for its curves. The
    best weights are in `checkpoint.best_weights`, also where Diverged is raised. With an `allowance` it may pause
    earlier. Return the job with its epochs, which may be planned on the way.
    """
    progress = checkpoint.load(training, job.group)
    job = allowance.plan(job, progress)
    settings = job.options.training
    if progress.refitting:
        return job
    if not checkpoint.best_weights:
        checkpoint.keep_best(training.eval_model)  # the result of a training that diverges in its first epoch
    epochs = Epochs.of(job, training, checkpoint, signals)
    eval_network = job.precision.compiled(training.eval_model)
    folder = tensorboard if job.group.is_main else None
    with explained_errors(settings.batch_size), epochs.saver, TensorBoardLogger(folder, progress.epoch) as logger:
        while not is_finished(progress, settings) and not allowance.is_used_up(settings.epochs, progress):
            _train_and_validate(epochs, eval_network, logger)
            if allowance.seconds is not None:
                checkpoint.share_seconds(training, job.group)
                job = allowance.plan(job, progress)
                settings = job.options.training
                epochs = replace(epochs, context=replace(epochs.context, options=job.options))
    if job.group.is_main:
        lines = (describe_early_stop(progress, settings), epochs.timer.warning(epochs.batches.workers))
        print(*filter(None, lines), sep="\n", end="\n" if any(lines) else "", flush=True)
    return job


def is_finished(progress: Progress, settings: TrainingOptions) -> bool:
    """Return whether a training has had its last epoch, or is stopped early."""
    return progress.epoch >= settings.epochs or should_stop(progress, settings)


def _train_and_validate(
    epochs: Epochs, eval_network: Callable[[torch.Tensor], torch.Tensor], logger: TensorBoardLogger
) -> None:
    """Do one epoch: train, validate, keep the weights where they are the best so far, report and save."""
    training, batches, saver = epochs.training, epochs.batches, epochs.saver
    start, waited = time.monotonic(), epochs.timer.waited
    clips_per_second = epochs.train_next()
    with saver.saving_on_stop():
        epochs.set_statistics(training.progress.epoch)
        training.eval_model.eval()
        loss, right = validate(eval_network, epochs.context, batches.val, batches.val_targets, saver.before_views)
    row = _make_row(training, loss, right.double().mean().item())
    training.progress.answers.append(np.packbits(right.numpy()).tobytes().hex())
    improved = _finish_epoch(training.progress, row)
    seconds = time.monotonic() - start
    data_wait = (epochs.timer.waited - waited) / seconds
    if improved:
        saver.checkpoint.keep_best(training.eval_model)
    if epochs.context.group.is_main:
        report_epoch(row, epochs.context.options.training.epochs, seconds, data_wait, improved)
        logger.add(row, clips_per_second, data_wait)
        saver.after_epoch()


def validate(
    network: Callable[[torch.Tensor], torch.Tensor],
    context: LoopContext,
    batches: DataLoader,
    targets: list[int],
    before_views: Callable[[Clips], None] = lambda clips: None,
) -> tuple[float, torch.Tensor]:
    """Return log loss, and which validation videos are right (N,), from probabilities averaged over views and crops.

    `network` is in eval mode. `batches`: this process's share of the videos; `targets`: the classes of all of them.
    `before_views` is called with the clips of each batch. Where it raises Interrupted in one process, all raise it.
    """
    clip = context.options.clip

    def prepare(clips: Clips) -> torch.Tensor:
        before_views(clips)
        return context.inputs.test(clips)

    logits = None
    with suppress(Interrupted):
        (logits,) = predict(prepare, network, batches, context.precision, clip)  # (n, views * crops, K)
    (interrupted,) = context.group.all_reduce_sum([logits is None])
    if logits is None or interrupted:
        raise Interrupted
    probabilities = logits.unflatten(1, (clip.views, clip.crops)).flatten(0, 1).double().softmax(dim=2).mean(dim=1)
    probabilities = probabilities.unflatten(0, (-1, clip.views)).mean(dim=1)  # (n, K)
    probabilities = context.group.all_gather(probabilities, len(targets))  # (N, K)
    classes = torch.tensor(targets)
    loss = functional.nll_loss(probabilities.clamp_min(MIN_PROBABILITY).log(), classes).item()
    return loss, probabilities.argmax(dim=1) == classes


def should_stop(progress: Progress, settings: TrainingOptions) -> bool:
    """Return whether `patience` epochs after the warm-up were no better than the best: early stopping."""
    if settings.patience is None:
        return False
    since = max(progress.best_epoch, math.ceil(warmup_epochs(settings)))
    return progress.epoch - since >= settings.patience


def describe_early_stop(progress: Progress, settings: TrainingOptions) -> str | None:
    """Return why a training ended before its last epoch; None where it did not."""
    if progress.epoch >= settings.epochs or not should_stop(progress, settings):
        return None
    return (
        f"ended after epoch {progress.epoch} of {settings.epochs}: no better epoch than {progress.best_epoch} in the"
        f" last {settings.patience} (training.patience)"
    )


def is_better(row: dict, best: dict | None) -> bool:
    """Return whether an epoch beats the best one: higher accuracy or, at a tie, lower loss."""
    return best is None or (row["val_top1"], -row["val_loss"]) > (best["val_top1"], -best["val_loss"])


def _make_row(training: Training, val_loss: float, val_top1: float) -> dict:
    """Make the epoch's row of the history; Diverged where the validation loss is not finite."""
    progress = training.progress
    if not math.isfinite(val_loss):
        raise Diverged(val_loss, progress.epoch + 1, progress.step)
    rate = training.optimizer.param_groups[0]["lr"]  # the head's
    loss = progress.loss_sum / progress.clips
    return dict(zip(HISTORY, (progress.epoch + 1, rate, loss, val_loss, val_top1), strict=True))


def _finish_epoch(progress: Progress, row: dict) -> bool:
    """Add an epoch's row to the history, and return whether it is the best so far."""
    improved = is_better(row, progress.history[progress.best_epoch - 1] if progress.best_epoch else None)
    progress.history.append(row)
    progress.begin_epoch()
    if improved:
        progress.best_epoch = progress.epoch
    return improved
