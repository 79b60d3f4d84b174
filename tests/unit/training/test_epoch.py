"""What a step on a GPU makes the CPU wait for: the losses, every 16 updates. Computed on the CPU, and counted."""

from dataclasses import replace
from typing import Any

import memory_store
import pytest
import torch
from distributed_step import CLIP, TRAINING, Plain
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from vidbench.clips.dataset import FrameClips
from vidbench.clips.loader import EpochBatches, Loader
from vidbench.compute.precision import Precision
from vidbench.models.options import ModelOptions, NetworkOptions
from vidbench.training import epoch
from vidbench.training.distributed import SINGLE_PROCESS
from vidbench.training.ema import ModelEma
from vidbench.training.epoch import LOSS_CHECK_INTERVAL, train_one_epoch
from vidbench.training.loss import Criterion
from vidbench.training.state import LoopContext, Training

BATCHES = 40
READING = ("item", "tolist", "cpu", "numpy", "__bool__", "__float__", "__int__")  # all wait for the tensor's values


class Waits(TorchDispatchMode):
    """Counts operators that read a value: on a GPU the CPU waits for it."""

    def __init__(self) -> None:
        super().__init__()
        self.number = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        self.number += func in (torch.ops.aten._local_scalar_dense.default, torch.ops.aten.nonzero.default)
        return func(*args, **(kwargs or {}))


def record_reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that gets the name of each method of a tensor that reads its values."""
    read: list[str] = []

    def record(name: str) -> None:
        method = getattr(torch.Tensor, name)
        monkeypatch.setattr(torch.Tensor, name, lambda *arguments: read.append(name) or method(*arguments))

    for name in READING:
        record(name)
    return read


@pytest.mark.parametrize("accumulate", [1, 2])
def test_a_step_waits_for_nothing_but_the_losses_of_16_updates(monkeypatch, accumulate: int) -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv3d(3, 4, 3), nn.BatchNorm3d(4), nn.AdaptiveAvgPool3d(1), nn.Flatten(), nn.Linear(4, 4))
    settings = replace(TRAINING, batch_size=4, accumulate=accumulate, gradient_clip=1.0)
    options = ModelOptions(network=NetworkOptions(architecture="cnn3d"), clip=CLIP, training=settings)
    data = memory_store.split(BATCHES)
    train = data.training_clips(FrameClips(data.store, CLIP), 0)
    sampler = EpochBatches(train, 4)
    groups = [{"params": model.parameters(), "scale": 1.0}]
    optimizer = torch.optim.SGD(groups, lr=0.1, momentum=0.9, foreach=True)
    gpu = Precision(torch.device("cuda"))  # only named: nothing is on one
    training = Training(model, optimizer, torch.amp.GradScaler("cpu", enabled=False), ModelEma(model, 0.9))
    context = LoopContext(options, gpu, Plain(), Criterion(TRAINING, train.targets, 4), model, SINGLE_PROCESS)
    monkeypatch.setattr(epoch, "copy_batches", lambda batches, _: batches)
    batches = list(Loader(torch.device("cpu"))(train, sampler))
    read = record_reads(monkeypatch)
    looks: list[int] = []
    with Waits() as waits:
        train_one_epoch(training, context, batches, sampler, lambda: looks.append(training.progress.step))
    assert looks == [*range(LOSS_CHECK_INTERVAL * accumulate, BATCHES, LOSS_CHECK_INTERVAL * accumulate), BATCHES]
    assert read == ["tolist"] * len(looks)
    assert waits.number == 0
