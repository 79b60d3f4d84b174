"""Interrupting and resuming a training: a checkpoint beside its outputs."""

import io
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import torch
from torch import nn

from vidbench.files import atomic_path
from vidbench.training.distributed import ProcessGroup
from vidbench.training.state import Progress, Training

MAX_COST = 0.01  # part of the time that saving at the ends of epochs may take


class Checkpoint:
    """A file that a training is saved to while it runs; train_model.py deletes it at the end."""

    def __init__(self, path: Path, fingerprint: str, minutes: float) -> None:
        """`fingerprint`: digest of settings, code and data; a checkpoint with another one is ignored.

        `minutes`: between two checkpoints within an epoch.
        """
        self.path = path
        self.fingerprint = fingerprint
        self.interval = 60 * minutes
        self.saved = self.counted = time.monotonic()  # when the last checkpoint was written, and time last counted
        self.cost = 0.0  # seconds that the last one took
        self.best_weights: dict[str, torch.Tensor] = {}

    def load(self, training: Training, group: ProcessGroup) -> Progress:
        """Restore a training from the checkpoint, if there is one, and return its progress.

        The main process reads for all: another machine may see an older file, or none yet.
        """
        state = group.broadcast(self._read)
        if state is None:
            return training.progress
        for name, part in _parts(training).items():
            part.load_state_dict(state[name])
        self.best_weights = state["best_weights"]
        training.progress = Progress(**state["progress"])
        if group.is_main:
            part = " of the refit" if training.progress.refitting else ""
            print(f"resuming after epoch {training.progress.epoch}{part}, step {training.progress.step}", flush=True)
        return training.progress

    def _read(self) -> dict | None:
        """Read what save() wrote, onto the CPU; None where there is nothing to resume from."""
        if not self.path.exists():
            return None
        try:
            state = torch.load(self.path, map_location="cpu", weights_only=True)
        except Exception as error:
            print(f"{self.path}: not readable ({error}), starting over", flush=True)
            return None
        if not isinstance(state, dict) or state.get("fingerprint") != self.fingerprint:
            print("settings, code or data have changed since the checkpoint: starting over", flush=True)
            return None
        return state

    def save(self, training: Training) -> None:
        """Write everything that resuming needs, atomically."""
        self.count(training)
        self.saved = self.counted
        state = {
            "fingerprint": self.fingerprint,
            **{name: part.state_dict() for name, part in _parts(training).items()},
            "best_weights": self.best_weights,
            "progress": asdict(training.progress),
        }
        buffer = io.BytesIO()  # torch turns a full disk into a RuntimeError of its own
        torch.save(state, buffer)
        with atomic_path(self.path) as temporary:
            temporary.write_bytes(buffer.getbuffer())
        self.cost = time.monotonic() - self.saved

    def count(self, training: Training) -> None:
        """Add the time since the last call to the training's seconds."""
        progress = training.progress
        now = time.monotonic()
        progress.seconds += now - self.counted
        self.counted = now

    def share_seconds(self, training: Training, group: ProcessGroup) -> None:
        """Count the time, and give all processes that of the main one, so that they decide alike."""
        self.count(training)
        training.progress.seconds = group.broadcast(lambda: training.progress.seconds)

    def is_due(self) -> bool:
        """Return whether the last checkpoint is older than the configured minutes."""
        return time.monotonic() - self.saved >= self.interval

    def is_cheap(self) -> bool:
        """Return whether the last checkpoint took less than 1 % of the time since; before the first one, True."""
        return self.cost < MAX_COST * (time.monotonic() - self.saved)

    def keep_best(self, model: nn.Module) -> None:
        """Copy the model's weights as the best so far."""
        self.best_weights = {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}


def _parts(training: Training) -> dict[str, nn.Module | torch.optim.Optimizer | torch.amp.GradScaler]:
    """Return what has a state dict of its own."""
    parts = {"model": training.model, "optimizer": training.optimizer, "scaler": training.scaler}
    return parts | ({"ema": training.ema.model} if training.ema else {})


class Interrupted(Exception):
    """A signal asked the training to stop; it has been saved."""


@contextmanager
def stop_signals() -> Iterator[list[int]]:
    """Collect SIGTERM and SIGINT in a list while the block runs: the loop stops between two batches."""
    received: list[int] = []
    stops = (signal.SIGTERM, signal.SIGINT)
    old_handlers = {stop: signal.signal(stop, lambda number, _: received.append(number)) for stop in stops}
    try:
        yield received
    finally:
        for stop, handler in old_handlers.items():
            signal.signal(stop, handler)
