"""The epochs of a training without their validation: train the next one, set batch norm's statistics."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import torch

from vidbench.clips.device_copy import copy_batches
from vidbench.training.checkpoint import Checkpoint, Interrupted
from vidbench.training.epoch import train_one_epoch
from vidbench.training.lr_schedule import MAX_CLIPS
from vidbench.training.meter import Meter
from vidbench.training.monitor import DataTimer
from vidbench.training.precise_batch_norm import set_precise_statistics
from vidbench.training.setup import Batches, TrainingJob, make_batches, make_context
from vidbench.training.state import LoopContext, Training
from vidbench.training.stopping import Saver


@dataclass(frozen=True)
class Epochs:
    """Does the epochs of a training, with what they have in common, which is made once."""

    training: Training
    context: LoopContext
    batches: Batches
    timer: DataTimer
    saver: Saver

    @classmethod
    def of(cls, job: TrainingJob, training: Training, checkpoint: Checkpoint, signals: list[int]) -> "Epochs":
        """Make it for a training that is at its first step, or was restored; `signals`: those received so far."""
        device = job.precision.device
        saver = Saver(training, checkpoint, signals, job.group, Meter(device, training.progress), job.energy)
        return cls(training, make_context(job, training), make_batches(job), DataTimer(device), saver)

    def train_next(self) -> float:
        """Train the next epoch, or what is left of it; return clips per second."""
        progress, sampler, saver = self.training.progress, self.batches.sampler, self.saver
        start, clips = time.monotonic(), progress.clips
        # After a checkpoint within an epoch the sampler continues with the batch that comes next.
        sampler.epoch, sampler.start = progress.epoch, progress.step
        loaded = saver.meter.watched(self.timer.timed(self.batches.train))
        saver.meter.start()
        train_one_epoch(self.training, self.context, loaded, sampler, saver.after_update, saver.is_stopped)
        return (progress.clips - clips) / (time.monotonic() - start)

    def set_statistics(self, epoch: int) -> None:
        """Give batch norm precise statistics of an epoch's clips, where the training has them.

        The model that is validated gets them. Raise Interrupted in all processes after a signal.
        """
        if self.context.precise_batch_norm:
            model, context = self.training.eval_model, self.context
            set_precise_statistics(model, self._read_again(epoch), context.precision, context.group)

    def _read_again(self, epoch: int) -> Iterator[torch.Tensor]:
        """Yield the input of an epoch's batches as it was in training, up to MAX_CLIPS clips.

        Augmented and mixed clips are what the weights were trained on, and what running statistics are of.
        """
        sampler, device = self.batches.sampler, self.context.precision.device
        sampler.epoch, sampler.start = epoch, 0
        loaded = islice(self.batches.train, -(-MAX_CLIPS // sampler.batch_size))
        watched = self.saver.meter.watched(loaded, "statistics")
        for step, batch in enumerate(copy_batches(watched, device)):
            yield self.context.inputs.train(batch, epoch, step)[0]
            if self.saver.is_stopped():
                raise Interrupted
