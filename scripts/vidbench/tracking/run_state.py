"""What is known of a training's runs in the trackers, in a JSON file: so that a resumed training goes on in them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from vidbench.files import read_json, write_json


@dataclass
class TrackerRun:
    """A run in one tracker: its id there, the last epoch that it has with its loss, and a digest of its scores."""

    id: str
    epoch: int = 0
    loss: float = 0.0
    scores: str = ""


@dataclass
class RunState:
    """The runs of a training; another training of the same model, split and seed has other runs."""

    fingerprint: str = ""
    number: int = 0  # of trainings so far that were tracked under this name
    finished: bool = False
    trackers: dict[str, TrackerRun] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> "RunState":
        """Read what write() wrote; an empty one where there is no file, or none that can be read."""
        try:
            values: dict[str, Any] = read_json(path)
            runs = {name: TrackerRun(**run) for name, run in values.pop("trackers").items()}
            return cls(**values, trackers=runs)
        except Exception:
            return cls()

    def write(self, path: Path) -> None:
        """Write it, atomically."""
        write_json(path, asdict(self))

    def begin(self, fingerprint: str) -> None:
        """Go on with the runs of an unfinished training of the same settings, code and data; else begin new ones."""
        if self.finished or self.fingerprint != fingerprint:
            self.fingerprint, self.number = fingerprint, self.number + 1
            self.finished, self.trackers = False, {}

    def lacking(self, trackers: Sequence[str], epochs: int, scores: str) -> list[str]:
        """Return those of the trackers whose run lacks epochs, or the scores with this digest."""
        complete = {name for name, run in self.trackers.items() if (run.epoch, run.scores) == (epochs, scores)}
        return [name for name in trackers if name not in complete]

    def is_of(self, history: Sequence[Mapping[str, float]]) -> bool:
        """Return whether the runs are those of the training with this history."""
        known = [run for run in self.trackers.values() if run.epoch]
        return all(run.epoch <= len(history) and history[run.epoch - 1]["train_loss"] == run.loss for run in known)
