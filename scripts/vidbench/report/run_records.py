"""What is known of a run beside its page: a JSON file per run, from which the index of a folder is made."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from vidbench.errors import UserError
from vidbench.files import read_json, write_json

FINISHED = "finished"
RUNNING = "running"
STOPPED = "stopped"  # by a person or by a failure


@dataclass(frozen=True)
class RunFiles:
    """Where the page and the record of a run are, in results/reports/."""

    folder: Path
    name: str

    @property
    def page(self) -> Path:
        return self.folder / f"{self.name}.html"

    @property
    def record(self) -> Path:
        return self.folder / f"{self.name}.json"

    @property
    def unfinished(self) -> RunFiles:
        """The files of a run that is not finished; a finished page of the same name stays beside them."""
        return RunFiles(self.folder / "unfinished", self.name)


@dataclass(frozen=True)
class DatasetRecord:
    """A data set of a run; `best` is empty, and what follows unknown, until the run is finished."""

    name: str
    models: int
    best: str = ""
    top1: float | None = None  # fraction of 1, as are its limits
    top1_low: float | None = None
    top1_high: float | None = None
    tied: list[str] = field(default_factory=list)  # models that are tied with the best


@dataclass(frozen=True)
class DatasetProgress:
    """What of a data set is there while a run lasts; `scored`: split, model and seed of the tested trainings."""

    name: str
    diagnosed: bool
    splits: list[str]  # full ones
    models: list[str]
    seeds: list[int]
    scored: list[tuple[str, str, int]]
    figures: list[str]  # SVG files that need no model
    once: list[str] = field(default_factory=list)  # models in which nothing is random: tested with the first seed alone

    def expected(self, model: str) -> int:
        """Return how often a model is tested."""
        return len(self.splits) * (1 if model in self.once else len(self.seeds))


@dataclass(frozen=True)
class RunRecord:
    """A run's state at a date; `progress` is empty once it is finished."""

    name: str
    state: str  # FINISHED, RUNNING or STOPPED
    date: str
    config_files: list[str]
    configuration: str  # digest of all that may change a result or the page
    datasets: list[DatasetRecord]
    trainings: int = 0
    trained: int = 0  # of these
    progress: list[DatasetProgress] = field(default_factory=list)

    def write(self, path: Path) -> None:
        """Write the record as JSON."""
        write_json(path, asdict(self))

    @classmethod
    def read(cls, path: Path) -> RunRecord:
        """Read a record; UserError where the file holds none."""
        values = read_json(path)
        try:
            values["datasets"] = [DatasetRecord(**row) for row in values["datasets"]]
            values["progress"] = [_progress(row) for row in values["progress"]]
            return cls(**values)
        except (KeyError, TypeError, ValueError) as error:
            raise UserError(f"{path}: is no record of a run; move it out of this folder") from error


def read_record(path: Path) -> RunRecord | None:
    """Read a record; None where there is none, or one that another version of this program wrote."""
    try:
        return RunRecord.read(path)
    except UserError:
        return None


def end_lost_runs(reports: Path) -> None:
    """Mark as stopped what a killed run left as running; the caller knows that no run works in the folder."""
    for path in sorted((reports / "unfinished").glob("*.json")):
        record = read_record(path)
        if record and record.state == RUNNING:
            replace(record, state=STOPPED).write(path)


def _progress(row: dict[str, Any]) -> DatasetProgress:
    values: dict[str, Any] = {**row, "scored": [(split, model, int(seed)) for split, model, seed in row["scored"]]}
    return DatasetProgress(**values)


def now() -> str:
    """Return the date and time of day, to the minute."""
    return time.strftime("%Y-%m-%d %H:%M")
