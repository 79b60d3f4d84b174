"""Stopping a training within a second after a signal, in all its processes at the same batch, and saving it."""

import time
from collections.abc import Callable, Iterator, Sized
from contextlib import contextmanager

import torch

from vidbench.clips.transforms import Clips
from vidbench.training.checkpoint import Checkpoint, Interrupted
from vidbench.training.distributed import ProcessGroup
from vidbench.training.energy import TrainingEnergy
from vidbench.training.meter import Meter
from vidbench.training.state import Training

MAX_SECONDS = 1.0  # between two questions to the other processes
MAX_BATCHES = 1000


class StopCheck:
    """Tells after each batch of a training whether it is to stop."""

    def __init__(self, signals: Sized, group: ProcessGroup, clock: Callable[[], float] = time.monotonic) -> None:
        """`signals`: those that this process has received so far."""
        self.signals = signals
        self.group = group
        self.clock = clock
        self._asked = clock()
        self._batches = 0  # since then
        self._interval = 1  # batches until the processes ask each other again

    def __call__(self) -> bool:
        """Return the same in all processes, which have to call this after the same batches."""
        if self.group.size == 1:
            return len(self.signals) > 0
        self._batches += 1
        return self._batches >= self._interval and self._ask()

    def _ask(self) -> bool:
        """Ask all processes, and agree on the batch after which to ask again: about a second later, by the main one."""
        now = self.clock()
        seconds_per_batch = max((now - self._asked) / self._batches, MAX_SECONDS / MAX_BATCHES)
        interval = MAX_SECONDS / seconds_per_batch if self.group.is_main else 0.0
        stop, interval = self.group.all_reduce_sum([len(self.signals), interval])
        self._asked = now
        self._batches = 0
        self._interval = max(1, int(interval))
        return stop > 0


class UpdateStart:
    """A training before the first batch of an update, which a stop between its batches goes back to.

    Gradients of some of its batches are in no checkpoint. Weights change at its end only, but batch norm's running
    statistics with each batch.
    """

    def __init__(self, training: Training) -> None:
        self.step = training.progress.step
        self.buffers = [buffer.clone() for buffer in training.model.buffers()]

    @torch.no_grad()
    def restore(self, training: Training) -> None:
        """Undo the update's batches."""
        for buffer, before in zip(training.model.buffers(), self.buffers, strict=True):
            buffer.copy_(before)
        training.optimizer.zero_grad(set_to_none=True)
        training.progress.step = self.step


class Saver:
    """Saves a training where its checkpoint is old, and after a signal, which ends it."""

    def __init__(
        self,
        training: Training,
        checkpoint: Checkpoint,
        signals: Sized,
        group: ProcessGroup,
        meter: Meter,
        energy: TrainingEnergy | None = None,
    ) -> None:
        """`signals`: those that this process has received so far; `meter`, `energy`: of the training."""
        self.training = training
        self.checkpoint = checkpoint
        self.signals = signals
        self.group = group
        self.meter = meter
        self.energy = energy or TrainingEnergy()
        self.is_stopped = StopCheck(signals, group)

    def save(self) -> None:
        """Write the checkpoint; called in the main process alone."""
        self.meter.count_memory()
        self.checkpoint.save(self.training)

    def count_energy(self) -> None:
        """Complete the training's energy; called in all processes."""
        self.energy.count(self.training.progress)

    def after_epoch(self) -> None:
        """Save where that costs little, or where it is time; called in the main process alone."""
        if self.checkpoint.is_cheap() or self.checkpoint.is_due():
            self.save()

    def after_update(self) -> None:
        """Save, where it is time, between two updates; raise Interrupted after a signal."""
        self.meter.stop()
        self._save_if_due()
        self.meter.start()

    def _save_if_due(self) -> None:
        stop, due = self.group.all_reduce_sum([len(self.signals), self.checkpoint.is_due()])  # all decide alike
        if stop or due:
            self.count_energy()
            if self.group.is_main:
                self.save()
        if stop:
            # torchrun kills all processes when the first one ends, and the main one may be writing.
            self.group.barrier()
            raise Interrupted

    def before_views(self, clips: Clips) -> None:
        """Raise Interrupted before a batch of validation, where this process has received a signal."""
        self.meter.begin_pass("val", len(clips))
        if len(self.signals):
            raise Interrupted

    @contextmanager
    def saving_on_stop(self) -> Iterator[None]:
        """Save, where the block raises Interrupted in all processes: a validation, which is repeated later."""
        try:
            yield
        except Interrupted:
            self._save_if_due()
            raise

    def __enter__(self) -> "Saver":
        return self

    def __exit__(self, *_: object) -> None:
        """Complete the training's seconds and peak memory, however it ends."""
        self.checkpoint.count(self.training)
        self.meter.finish()
