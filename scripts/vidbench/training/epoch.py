"""One epoch of training: forward and backward passes, gradient accumulation, updates of the weights."""

import math
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import cast

import torch
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from vidbench.clips.device_copy import copy_batches
from vidbench.clips.loader import Batch, EpochBatches
from vidbench.errors import Diverged
from vidbench.models.freezing import train_mode
from vidbench.training.distributed import ProcessGroup
from vidbench.training.lr_schedule import learning_rate, momentum
from vidbench.training.monitor import progress_bar
from vidbench.training.optimizer import set_learning_rate
from vidbench.training.state import LoopContext, Progress, Training
from vidbench.training.stopping import UpdateStart

LOSS_CHECK_INTERVAL = 16  # updates on a GPU, as reading a loss makes the CPU wait for the GPU


@dataclass(frozen=True)
class UpdateSteps:
    """The batches of each update: with gradient accumulation an update uses the gradients of several batches.

    With 10 batches and `accumulate` 4 the updates come after batches 3, 7 and 9, and the last one is of two batches:
        batch   0 1 2 3   4 5 6 7   8 9
        update  0 0 0 0   1 1 1 1   2 2
        ends          x         x     x
    """

    num_batches: int  # of an epoch
    accumulate: int

    @property
    def per_epoch(self) -> int:
        """Updates of an epoch."""
        return -(-self.num_batches // self.accumulate)

    def ends_epoch(self, step: int) -> bool:
        """Return whether a batch, counted from 0, is the epoch's last."""
        return step + 1 == self.num_batches

    def ends_update(self, step: int) -> bool:
        """Return whether the weights change after a batch."""
        return self.ends_epoch(step) or (step + 1) % self.accumulate == 0

    def needs_undo(self, step: int) -> bool:
        """Return whether a batch begins an update that a stop between its batches would have to undo."""
        return self.accumulate > 1 and step % self.accumulate == 0


def train_one_epoch(
    training: Training,
    context: LoopContext,
    batches: Iterable[Batch],
    sampler: EpochBatches,
    after_update: Callable[[], None],
    is_stopped: Callable[[], bool] = lambda: False,
) -> None:
    """Train from batch `progress.step` to the end of epoch `progress.epoch`, and update `progress`.

    `batches` come in the order of the `sampler`. `after_update` is called where the training can be saved and the
    device is idle; once `is_stopped`, which is asked after each batch, it is called at once, and is to raise.
    """
    progress, accumulate = training.progress, context.options.training.accumulate
    steps = UpdateSteps(len(sampler), accumulate)
    log_every = LOSS_CHECK_INTERVAL if context.precision.device.type == "cuda" else 1
    losses: list[tuple[int, torch.Tensor]] = []  # (step, loss) since the last look at them
    train_mode(training.model)
    on_device = copy_batches(batches, context.precision.device)
    for batch in progress_bar(on_device, f"epoch {progress.epoch + 1}", len(sampler), progress.step):
        step = progress.step
        update_idx, need_update = step // accumulate, steps.ends_update(step)
        if steps.needs_undo(step):
            update_start = UpdateStart(training)
        # Each clip's loss is divided by the clips of the whole update, which its first batch has to know already. With
        # 77 clips in batches of 8, four to an update, they are 32, 32 and 13.
        update_clips = sampler.num_clips(update_idx * accumulate, accumulate)
        losses.append((step, _backward(training, context, batch, update_clips, need_update)))
        progress.step += 1
        stopped = is_stopped()
        if need_update:
            _update_weights(training, context, steps, update_idx)
        elif stopped:
            update_start.restore(training)
            losses = [(step, loss) for step, loss in losses if step < progress.step]
        if stopped or (need_update and (steps.ends_epoch(step) or (update_idx + 1) % log_every == 0)):
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


def _update_weights(training: Training, context: LoopContext, steps: UpdateSteps, update_idx: int) -> None:
    """Change the weights by the accumulated gradients, and reset these; `update_idx`: of the update in its epoch."""
    optimizer, scaler, progress = training.optimizer, training.scaler, training.progress
    settings = context.options.training
    update = progress.epoch * steps.per_epoch + update_idx  # over all epochs
    # Of the history only what was known then: a refit has the history of the whole training before it.
    rate = learning_rate(update, steps.per_epoch, settings, progress.history[: progress.epoch])
    set_learning_rate(optimizer, rate, momentum(update, steps.per_epoch, settings))
    if settings.gradient_clip:
        scaler.unscale_(optimizer)
        nn.utils.clip_grad_norm_([p for p in training.model.parameters() if p.requires_grad], settings.gradient_clip)
    scaler.step(optimizer)
    scaler.update()
    optimizer.zero_grad(set_to_none=True)
    if training.ema:
        training.ema.update(training.model, update + 1)


def record_losses(losses: list[tuple[int, torch.Tensor]], progress: Progress, group: ProcessGroup) -> None:
    """Add the batches' losses to the epoch's sum and empty the list; Diverged at the first that is not finite."""
    if not losses:
        return
    steps = [step for step, _ in losses]
    values = group.all_reduce_sum(torch.stack([loss for _, loss in losses]).tolist())
    losses.clear()
    for step, value in zip(steps, values, strict=True):
        if not math.isfinite(value):
            raise Diverged(value, progress.epoch + 1, step + 1, "refit" if progress.refitting else "training")
        progress.loss_sum += value
