"""A training as trackers know it, and what each of them is given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

Values = Mapping[str, float]
Table = Sequence[tuple[str, float]]  # rows of names and scores


@dataclass(frozen=True)
class TrackedRun:
    """A training as a tracker lists it."""

    project: str  # the data set
    name: str  # model, split and seed
    group: str  # model and split
    config: Mapping[str, object]
    folder: Path  # of this tracker, for all runs
    path: Path  # dataset/split/model/seed, below a folder
    id: str  # where the tracker leaves the choice to us, or as it gave it
    resumes: bool  # whether the tracker has the run already
    epochs: int = 0  # that the tracker has


class Tracker(Protocol):
    """Writes one run into a tracker; may raise anything."""

    @property
    def id(self) -> str:
        """The run's id in the tracker."""
        ...

    def log(self, values: Values, epoch: int) -> None:
        """Add an epoch's values, none of which the run has."""
        ...

    def log_scores(self, scores: Values, table: Table, epoch: int) -> None:
        """Add the scores on the test videos; `table` has them and the accuracy of each class; `epoch`: the last one."""
        ...

    def close(self, finished: bool) -> None:
        """End the writing; `finished`: whether the training is over."""
        ...


def by_name(table: Table) -> dict[str, list]:
    """Return a table as columns."""
    return {"score": [name for name, _ in table], "value": [value for _, value in table]}
