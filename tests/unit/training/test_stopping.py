"""A stop is heard after any batch, in training and in validation, by all processes alike, and loses no result."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import memory_store
import pytest
import tiny
import torch
from stopped_trainings import SignalAfter
from torch import nn

from vidbench.compute.precision import Precision
from vidbench.config import schema
from vidbench.models.options import ModelOptions, TrainingOptions
from vidbench.training.checkpoint import Checkpoint, Interrupted
from vidbench.training.distributed import ProcessGroup
from vidbench.training.loop import train
from vidbench.training.optimizer import make_optimizer
from vidbench.training.setup import TrainingJob, begin, make_model
from vidbench.training.state import Progress, Training
from vidbench.training.stopping import MAX_SECONDS, StopCheck, UpdateStart

CPU = torch.device("cpu")


def run(folder: Path, options: ModelOptions, looks: int = 10**9) -> tuple[dict, list[dict], int]:
    """Train, or go on, until a signal or the end; weights, history and how often the signals were looked at."""
    job = TrainingJob(options, 3, memory_store.split(5), Precision(CPU), workers=0)
    model, _ = make_model(job)
    training, signals = begin(job, model), SignalAfter(looks)
    checkpoint = Checkpoint(folder / "checkpoint.pt", "same", 1e9)
    train(job, training, checkpoint, signals)
    last = {f"{name} at the end": tensor for name, tensor in model.state_dict().items()}
    return checkpoint.best_weights | last, training.progress.history, looks - signals.left


def complete(**training: object) -> ModelOptions:
    """Complete options of a tiny model with dropout."""
    config = tiny.config()
    config["models"]["cnn3d"] |= {"dropout": 0.1, "training": tiny.TRAINING | training}
    config["datasets"]["motion"] |= {"clip": {"frames": 4, "size": [16, 16]}}
    return schema.typed_options(config, "motion", "cnn3d")


@pytest.mark.parametrize("precise", [False, True])
def test_a_stop_after_any_batch_loses_nothing(tmp_path: Path, precise: bool) -> None:
    """Twenty videos in batches of 4, three to an update: batches of an update, updates, and views of validation."""
    torch.set_num_threads(1)
    options = complete(epochs=1, batch_size=4, accumulate=3, ema=0.9, precise_batch_norm=precise)
    weights, history, looks = run(tmp_path / "whole", options)
    assert looks == 5 + 2 + 5 * precise + 2  # batches, updates, batches of statistics, batches of validation
    seen = set()
    for stop in range(looks):
        folder = tmp_path / str(stop)
        with pytest.raises(Interrupted):
            run(folder, options, stop)
        progress = torch.load(folder / "checkpoint.pt", weights_only=True)["progress"]
        seen.add((progress["epoch"], progress["step"]))
        again, again_history, _ = run(folder, options)
        assert again_history == history
        assert all(torch.equal(tensor, again[name]) for name, tensor in weights.items()), stop
    assert seen == {(0, 0), (0, 3), (0, 5)}


def test_batches_of_an_unfinished_update_are_undone() -> None:
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    optimizer = make_optimizer(model, TrainingOptions())
    training = Training(model, optimizer, Precision(CPU).scaler(), progress=Progress(step=6))
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    start = UpdateStart(training)
    model(torch.randn(4, 2)).sum().backward()
    training.progress.step += 1
    assert not torch.equal(model[1].running_mean, before["1.running_mean"])
    start.restore(training)
    assert training.progress.step == 6
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())


class Together(ProcessGroup):
    """A process of a group; the others are threads of this one."""

    def __init__(self, rank: int, meeting: threading.Barrier, given: dict[int, list[float]]) -> None:
        super().__init__(rank, meeting.parties, meeting.parties)
        object.__setattr__(self, "meeting", meeting)
        object.__setattr__(self, "given", given)

    def all_reduce_sum(self, values: list[float]) -> list[float]:
        self.given[self.rank] = values
        self.meeting.wait(10)
        sums = [sum(parts) for parts in zip(*self.given.values(), strict=True)]
        self.meeting.wait(10)
        return sums


def stop_batches(seconds: float, batches: int, signal_at: dict[int, int]) -> list[int | None]:
    """Return the batch after which each of two processes is told to stop.

    `seconds`: of a batch; `signal_at`: the batch of a process in which it gets a signal.
    """
    meeting, given = threading.Barrier(2), {}

    def work(rank: int) -> int | None:
        now, signals = [0.0], []
        is_stopped = StopCheck(signals, Together(rank, meeting, given), lambda: now[0])
        for number in range(batches):
            now[0] += seconds * (1 + 0.2 * rank)  # clocks and speeds differ
            if signal_at.get(rank) == number:
                signals.append(15)
            if is_stopped():
                return number
        return None

    with ThreadPoolExecutor(2) as threads:
        return list(threads.map(work, range(2)))


@pytest.mark.parametrize("seconds", [0.01, 0.3, 4.0])
@pytest.mark.parametrize("signal_at", [{0: 57}, {1: 57}, {0: 57, 1: 80}])
def test_processes_stop_after_the_same_batch_within_a_second(seconds: float, signal_at: dict[int, int]) -> None:
    first, second = stop_batches(seconds, 400, signal_at)
    assert first == second
    assert 57 <= first <= 57 + max(1, MAX_SECONDS / seconds)


def test_processes_without_a_signal_go_on() -> None:
    assert stop_batches(0.1, 50, {}) == [None, None]


def test_a_process_alone_looks_after_each_batch() -> None:
    signals: list[int] = []
    check = StopCheck(signals, ProcessGroup())
    assert not check()
    signals.append(15)
    assert check()
