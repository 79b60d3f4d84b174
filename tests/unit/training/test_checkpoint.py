"""When a training is saved: at the end of an epoch only where that costs little."""

from pathlib import Path

import memory_store
import pytest
import tiny
import torch

from vidbench.compute.precision import Precision
from vidbench.config import schema
from vidbench.training import checkpoint as module
from vidbench.training.checkpoint import Checkpoint
from vidbench.training.loop import train
from vidbench.training.setup import TrainingJob, begin, make_model

EPOCHS = 30


class Clock:
    """A clock that only what is measured moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


def saves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cost: float, minutes: float = 1e9) -> tuple[list[int], dict]:
    """Epochs after which a training is saved, and its weights; an epoch takes 10 s, saving `cost` seconds."""
    clock, saved = Clock(), []
    monkeypatch.setattr(module, "time", clock)
    config = tiny.config()
    config["models"]["cnn3d"]["training"] = tiny.TRAINING | {"epochs": EPOCHS, "batch_size": 20, "patience": None}
    config["datasets"]["motion"] |= {"clip": {"frames": 2, "size": [8, 8]}}
    options = schema.typed_options(config, "motion", "cnn3d")
    job = TrainingJob(options, 3, memory_store.split(5), Precision(torch.device("cpu")), workers=0)

    class Timed(Checkpoint):
        def is_cheap(self) -> bool:
            clock.now += 10  # the epoch
            return super().is_cheap()

        def save(self, training) -> None:
            saved.append(training.progress.epoch)
            write = self.count
            self.count = lambda training: (write(training), setattr(clock, "now", clock.now + cost))
            super().save(training)
            self.count = write

    checkpoint = Timed(tmp_path / "checkpoint.pt", "same", minutes)
    train(job, begin(job, make_model(job)[0]), checkpoint, [])
    return saved, checkpoint.best_weights


def test_a_cheap_checkpoint_is_written_after_each_epoch(tmp_path: Path, monkeypatch) -> None:
    assert saves(tmp_path, monkeypatch, cost=0.05)[0] == list(range(1, EPOCHS + 1))


def test_an_expensive_one_takes_1_percent_of_the_time(tmp_path: Path, monkeypatch) -> None:
    """It takes 1 s, as the first epoch shows: then there are 100 s in between."""
    torch.set_num_threads(1)
    cheap = saves(tmp_path / "cheap", monkeypatch, cost=0.0)
    seldom, weights = saves(tmp_path, monkeypatch, cost=1.0)
    assert seldom == [1, 11, 21]
    assert all(torch.equal(tensor, cheap[1][name]) for name, tensor in weights.items())  # the result is the same


def test_the_configured_minutes_are_kept(tmp_path: Path, monkeypatch) -> None:
    assert saves(tmp_path, monkeypatch, cost=5.0, minutes=1)[0] == [1, *range(7, EPOCHS + 1, 6)]
