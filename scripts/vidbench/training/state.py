"""What changes in a training, and what stays as it is."""

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
    """Where a training is."""

    epoch: int = 0  # finished epochs
    step: int = 0  # finished batches of the current epoch
    loss_sum: float = 0.0  # over the current epoch's clips
    clips: int = 0
    history: list[dict] = field(default_factory=list)  # one row per epoch, keys HISTORY
    best_epoch: int = 0
    seconds: float = 0.0  # of training, over all attempts
    peak_memory_mb: float = 0.0  # largest of all attempts


@dataclass
class Training:
    """All that changes in a training, and so all that a checkpoint needs."""

    model: nn.Module
    optimizer: torch.optim.Optimizer
    scaler: torch.amp.GradScaler
    ema: ModelEma | None = None
    progress: Progress = field(default_factory=Progress)

    @property
    def eval_model(self) -> nn.Module:
        """The model that is validated and kept: the moving average of the weights where there is one."""
        return self.ema.model if self.ema else self.model


@dataclass(frozen=True)
class LoopContext:
    """What stays as it is during a training."""

    options: ModelOptions
    precision: Precision
    inputs: Inputs
    criterion: Criterion
    network: nn.Module  # the model as it is called: compiled, on several devices
    group: ProcessGroup
