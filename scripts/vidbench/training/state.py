"""The state of a training: what changes, and what stays constant."""

from dataclasses import dataclass, field

import torch
from torch import nn

from vidbench.clips.preprocessing import Inputs
from vidbench.compute.precision import Precision
from vidbench.models.options import ModelOptions
from vidbench.training.distributed import ProcessGroup
from vidbench.training.ema import ModelEma
from vidbench.training.loss import Criterion

HISTORY = ("epoch", "learning_rate", "train_loss", "val_loss", "val_top1")


@dataclass
class Progress:
    """How far a training is."""

    epoch: int = 0  # finished epochs
    step: int = 0  # finished batches of the current epoch
    loss_sum: float = 0.0  # over the current epoch's clips
    clips: int = 0
    history: list[dict] = field(default_factory=list)  # one row per epoch, keys HISTORY
    best_epoch: int = 0
    refitting: bool = False  # training again on training and validation videos, until `best_epoch`; see refit.py
    planned_epochs: int = 0  # that fit into the seconds of a trial, once they are known; see allowance.py
    answers: list[str] = field(default_factory=list)  # per epoch, in hex, a bit per validation video: is it right
    seconds: float = 0.0  # of training, over all attempts
    timed_seconds: float = 0.0  # of steps whose speed counts, see Meter
    timed_clips: int = 0  # in this time
    peak_memory_mb: float = 0.0  # largest of all attempts
    reserved_memory_mb: float = 0.0  # on a GPU, largest of all attempts

    def begin_epoch(self) -> None:
        """Count the epoch that has ended, and begin the next one."""
        self.epoch += 1
        self.step, self.loss_sum, self.clips = 0, 0.0, 0


@dataclass
class Training:
    """All that changes in a training; a checkpoint holds it."""

    model: nn.Module
    optimizer: torch.optim.Optimizer
    scaler: torch.amp.GradScaler
    ema: ModelEma | None = None
    progress: Progress = field(default_factory=Progress)

    @property
    def eval_model(self) -> nn.Module:
        """The model that is validated and saved: the moving average of the weights, if there is one."""
        return self.ema.model if self.ema else self.model


@dataclass(frozen=True)
class LoopContext:
    """What stays constant during a training."""

    options: ModelOptions
    precision: Precision
    inputs: Inputs
    criterion: Criterion
    network: nn.Module  # what is called in the model's place: compiled, distributed
    group: ProcessGroup
    precise_batch_norm: bool = False
