"""The training loop, validation, the best epoch, early stopping.

train() goes through the epochs, train_one_epoch() through the batches of one; it also computes and sets the learning
rate before each update.
"""

import math
import time
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import cast

import torch
from torch import nn
from torch.nn import functional
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader

from vidbench.clips.loader import Batch, EpochBatches
from vidbench.compute.precision import explained_errors
from vidbench.errors import Diverged
from vidbench.evaluation.log_loss import MIN_PROBABILITY
from vidbench.models.freezing import train_mode
from vidbench.models.options import TrainingOptions
from vidbench.prediction.predict import predict
from vidbench.training.checkpoint import Checkpoint, Interrupted
from vidbench.training.distributed import ProcessGroup
from vidbench.training.lr_schedule import learning_rate, momentum, warmup_epochs
from vidbench.training.monitor import DataTimer, TensorBoardLogger, progress_bar, report_epoch
from vidbench.training.optimizer import set_learning_rate
from vidbench.training.setup import TrainingJob, make_batches, make_context
from vidbench.training.state import HISTORY, LoopContext, Progress, Training

LOSS_CHECK_INTERVAL = 16  # updates on a GPU, as reading a loss makes the CPU wait for the GPU


def train(
    job: TrainingJob, training: Training, checkpoint: Checkpoint, signals: list[int], tensorboard: Path | None = None
) -> None:
    """Train until the last epoch or early stopping; after a signal, save and raise Interrupted.

    `training`: as begin() makes it; it is restored from the checkpoint if there is one. `signals`: those received so
    far, see stop_signals(). `tensorboard`: a folder for its curves. The best weights are in `checkpoint.best_weights`,
    also where Diverged is raised.
    """
    settings = job.options.training
    group = job.group
    progress = checkpoint.load(training, group)
    if not checkpoint.best_weights:
        checkpoint.keep_best(training.eval_model)  # the result of a training that diverges in its first epoch
    context = make_context(job, training)
    batches = make_batches(job)
    eval_network = job.precision.compiled(training.eval_model)
    timer = DataTimer(job.precision.device)

    def after_update() -> None:
        _save_if_due(training, checkpoint, signals, group)

    with (
        explained_errors(settings.batch_size),
        TensorBoardLogger(tensorboard if group.is_main else None, progress.epoch) as logger,
    ):
        while progress.epoch < settings.epochs and not should_stop(progress, settings):
            start = time.monotonic()
            waited = timer.waited
            # After a checkpoint within an epoch the sampler continues with the batch that comes next.
            batches.sampler.epoch = progress.epoch
            batches.sampler.start = progress.step
            train_one_epoch(training, context, timer.timed(batches.train), batches.sampler, after_update)
            clips_per_second = progress.clips / (time.monotonic() - start)
            training.eval_model.eval()
            row = _make_row(training, *validate(eval_network, context, batches.val, batches.val_targets))
            improved = _finish_epoch(progress, row)
            seconds = time.monotonic() - start
            data_wait = (timer.waited - waited) / seconds
            if improved:
                checkpoint.keep_best(training.eval_model)
            if group.is_main:
                report_epoch(row, settings.epochs, seconds, data_wait, improved)
                logger.add(row, clips_per_second, data_wait)
                checkpoint.save(training)
    if group.is_main and (line := describe_early_stop(progress, settings)):
        print(line, flush=True)
    if group.is_main and (warning := timer.warning(batches.workers)):
        print(warning, flush=True)


def train_one_epoch(
    training: Training,
    context: LoopContext,
    batches: Iterable[Batch],
    sampler: EpochBatches,
    after_update: Callable[[], None],
) -> None:
    """Train from batch `progress.step` to the end of epoch `progress.epoch`, and update `progress`.

    `batches` come in the order of the `sampler`. `after_update` is called where the training can be saved.
    """
    settings = context.options.training
    progress = training.progress
    num_batches = len(sampler)
    # Gradient accumulation: an update uses the gradients of accum_steps batches. With 10 batches and accum_steps 4 the
    # updates come after batches 3, 7 and 9, counted from 0, and the last one is of two batches:
    #     batch         0 1 2 3   4 5 6 7   8 9
    #     update_idx    0 0 0 0   1 1 1 1   2 2
    #     need_update         x         x     x
    # Each clip's loss is divided by the clips of the whole update, which its first batch has to know already:
    # update_clips, from the sampler. With 77 clips in batches of 8 they are 32, 32 and 13.
    accum_steps = settings.accumulate
    updates_per_epoch = -(-num_batches // accum_steps)
    log_every = LOSS_CHECK_INTERVAL if context.precision.device.type == "cuda" else 1
    losses: list[tuple[int, torch.Tensor]] = []  # (step, loss) since the last look at them
    train_mode(training.model)
    for batch in progress_bar(batches, f"epoch {progress.epoch + 1}", num_batches, progress.step):
        update_idx = progress.step // accum_steps
        is_last = progress.step + 1 == num_batches
        need_update = is_last or (progress.step + 1) % accum_steps == 0
        update_clips = sampler.num_clips(update_idx * accum_steps, accum_steps)
        losses.append((progress.step, _backward(training, context, batch, update_clips, need_update)))
        progress.step += 1
        if not need_update:
            continue
        update = progress.epoch * updates_per_epoch + update_idx  # over all epochs
        rate = learning_rate(update, updates_per_epoch, settings, progress.history)
        set_learning_rate(training.optimizer, rate, momentum(update, updates_per_epoch, settings))
        _update_weights(training, settings.gradient_clip, update)
        if is_last or (update_idx + 1) % log_every == 0:
            record_losses(losses, progress, context.group)
            progress.clips = sampler.num_clips(0, progress.step)
            after_update()


def _backward(
    training: Training, context: LoopContext, batch: Batch, update_clips: int, need_update: bool
) -> torch.Tensor:
    """Add a batch's gradients to those of its update; return the loss summed over the batch's clips."""
    progress, group = training.progress, context.group
    inputs, targets = context.inputs.train(batch, progress.epoch, progress.step)
    network = context.network  # on several devices DistributedDataParallel, or its compiled form
    # Devices exchange their gradients, which costs time, in the last backward pass before an update. In those before,
    # no_sync() lets each device add up its own. The sum is the same.
    sync = need_update or group.size == 1
    with nullcontext() if sync else cast(DistributedDataParallel, network).no_sync():
        with context.precision.autocast():
            logits = network(inputs)
        loss = context.criterion(logits, targets)
        # The mean over the update's clips, of which this batch adds its part: sum of its losses / update_clips. A mean
        # of the batches' means would give the clips of a shorter last batch more weight. DistributedDataParallel
        # averages gradients over the devices where their sum is needed, hence the factor group.size.
        training.scaler.scale(loss * (group.size / update_clips)).backward()
    return loss.detach()


def _update_weights(training: Training, gradient_clip: float | None, update: int) -> None:
    """Change the weights by the accumulated gradients, and reset these; `update`: number of updates before."""
    optimizer, scaler = training.optimizer, training.scaler
    if gradient_clip:
        scaler.unscale_(optimizer)
        nn.utils.clip_grad_norm_([p for p in training.model.parameters() if p.requires_grad], gradient_clip)
    scaler.step(optimizer)
    scaler.update()
    optimizer.zero_grad(set_to_none=True)
    if training.ema:
        training.ema.update(training.model, update + 1)


def record_losses(losses: list[tuple[int, torch.Tensor]], progress: Progress, group: ProcessGroup) -> None:
    """Add the batches' losses to the epoch's sum and empty the list; Diverged at the first that is not finite."""
    steps = [step for step, _ in losses]
    values = group.all_reduce_sum(torch.stack([loss for _, loss in losses]).tolist())
    losses.clear()
    for step, value in zip(steps, values, strict=True):
        if not math.isfinite(value):
            raise Diverged(value, progress.epoch + 1, step + 1)
        progress.loss_sum += value


def validate(
    network: Callable[[torch.Tensor], torch.Tensor], context: LoopContext, batches: DataLoader, targets: list[int]
) -> tuple[float, float]:
    """Return log loss and accuracy on the validation videos, from probabilities averaged over views and crops.

    `network` is in eval mode. `batches`: this process's share of the videos; `targets`: the classes of all of them.
    """
    clip = context.options.clip
    (logits,) = predict(context.inputs.test, network, batches, context.precision, clip)  # (n, views * crops, K)
    probabilities = logits.unflatten(1, (clip.views, clip.crops)).flatten(0, 1).double().softmax(dim=2).mean(dim=1)
    probabilities = probabilities.unflatten(0, (-1, clip.views)).mean(dim=1)  # (n, K)
    probabilities = context.group.all_gather(probabilities, len(targets))  # (N, K)
    classes = torch.tensor(targets)
    loss = functional.nll_loss(probabilities.clamp_min(MIN_PROBABILITY).log(), classes).item()
    return loss, (probabilities.argmax(dim=1) == classes).double().mean().item()


def _save_if_due(training: Training, checkpoint: Checkpoint, signals: list[int], group: ProcessGroup) -> None:
    """Save where the last checkpoint is old, or any process has received a signal; then raise Interrupted."""
    stop, due = group.all_reduce_sum([len(signals), checkpoint.is_due()])  # all processes decide alike
    if (stop or due) and group.is_main:
        checkpoint.save(training)
    if stop:
        group.barrier()  # torchrun kills all processes when the first one ends, and the main one may be writing
        raise Interrupted


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
    progress.epoch += 1
    progress.step, progress.loss_sum, progress.clips = 0, 0.0, 0
    if improved:
        progress.best_epoch = progress.epoch
    return improved
