"""The workflow's training loop, set up as train_model.py does it."""

from collections.abc import Callable, Iterable

from torch import nn

from vidbench.clips.loader import Batch, EpochBatches
from vidbench.clips.preprocessing import Inputs
from vidbench.compute.precision import Precision
from vidbench.models.options import ModelOptions
from vidbench.training.distributed import SINGLE_PROCESS
from vidbench.training.epoch import train_one_epoch
from vidbench.training.loss import Criterion
from vidbench.training.optimizer import make_optimizer
from vidbench.training.state import LoopContext, Progress, Training


def trainer(
    model: nn.Module,
    network: nn.Module,
    options: ModelOptions,
    sampler: EpochBatches,
    inputs: Inputs,
    precision: Precision,
    num_classes: int,
) -> Callable[[Iterable[Batch]], None]:
    """A function that trains `network`, a model or its head, for an epoch of the given batches."""
    optimizer = make_optimizer(model, options.training)
    criterion = Criterion(options.training, sampler.targets.tolist(), num_classes)
    called = precision.compiled(precision.to_device(network))
    context = LoopContext(options, precision, inputs, criterion, called, SINGLE_PROCESS)

    def train(batches: Iterable[Batch]) -> None:
        training = Training(network, optimizer, precision.scaler(), progress=Progress(epoch=sampler.epoch))
        train_one_epoch(training, context, batches, sampler, lambda: None)

    return train
