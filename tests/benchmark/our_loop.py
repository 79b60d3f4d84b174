"""The workflow's training loop, set up as train_model.py does it."""

from collections.abc import Callable, Iterable

from torch import nn

from vidbench.clips import ClipDataset, EpochBatches
from vidbench.clips.preprocessing import Inputs
from vidbench.compute.precision import Computing
from vidbench.training.distributed import ALONE
from vidbench.training.loop import Batch, Progress, Setup, Training, train_one_epoch
from vidbench.training.loss import Criterion
from vidbench.training.optimizer import make_optimizer


def trainer(
    model: nn.Module,
    network: nn.Module,
    options: dict,
    data: ClipDataset,
    order: EpochBatches,
    inputs: Inputs,
    computing: Computing,
    num_classes: int,
) -> Callable[[Iterable[Batch]], None]:
    """A function that trains `network`, a model or its head, for an epoch of the given batches."""
    optimizer = make_optimizer(model, options)
    criterion = Criterion(options["training"], data.classes, num_classes)
    setup = Setup(options, computing, inputs, criterion, computing.compiled(computing.place(network)), ALONE)

    def train(batches: Iterable[Batch]) -> None:
        training = Training(network, optimizer, computing.scaler(), progress=Progress(epoch=order.epoch))
        train_one_epoch(training, setup, batches, order, lambda: None)

    return train
