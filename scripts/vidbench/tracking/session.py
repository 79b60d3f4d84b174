"""Writing a training into its trackers. One that raises is left out after one warning: the others go on."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TextIO, TypeVar

from vidbench.files import digest
from vidbench.tracking.run_state import RunState, TrackerRun
from vidbench.tracking.tracked_run import Table, TrackedRun, Tracker, Values

CLASSES = {
    "tensorboard": "in_tensorboard.InTensorBoard",
    "trackio": "in_trackio.InTrackio",
    "mlflow": "in_mlflow.InMlflow",
    "wandb": "in_wandb.InWandb",
}
T = TypeVar("T")


@dataclass(frozen=True)
class TrackedTraining:
    """A training that is tracked: by what, where, and what it is."""

    trackers: Sequence[str]
    logs: Path  # folder of the trackers' folders
    path: Path  # dataset/split/model/seed
    config: Mapping[str, object]

    @property
    def files(self) -> Path:
        """Path of what is kept here of its runs, without an ending."""
        return self.logs / "trackers" / self.path

    def run(self, tracker: str, state: RunState) -> TrackedRun:
        """Return the run that the tracker has or, with an id of ours, gets."""
        dataset, split, model, seed = self.path.parts
        known = state.trackers.get(tracker)
        return TrackedRun(
            project=dataset,
            name=f"{model} {split} {seed}" + (f" ({state.number})" if state.number > 1 else ""),
            group=f"{model} {split}",
            config=self.config,
            folder=self.logs / tracker,
            path=self.path,
            id=known.id if known else uuid.uuid4().hex,
            resumes=known is not None,
            epochs=known.epoch if known else 0,
        )


@dataclass
class Session:
    """The trackers of a training, while it is written into them."""

    training: TrackedTraining
    state: RunState
    said: TextIO  # where warnings go
    trackers: dict[str, Tracker] = field(default_factory=dict)

    def open(self) -> None:
        """Begin or continue the run in each tracker."""
        for name in self.training.trackers:
            run = self.training.run(name, self.state)
            tracker = self._guarded(name, lambda name=name, run=run: _load(name)(run))
            if tracker is not None:
                self.trackers[name] = tracker
                self.state.trackers.setdefault(name, TrackerRun(tracker.id))
        self._save()

    def log(self, values: Values, epoch: int) -> None:
        """Add an epoch to each tracker that lacks it: one that is trained again after a resume comes twice."""
        for name, tracker in list(self.trackers.items()):
            known = self.state.trackers[name]
            if epoch > known.epoch and self._succeeds(name, lambda of=tracker: of.log(values, epoch)):
                known.epoch, known.loss = epoch, values.get("train_loss", 0.0)
        self._save()

    def log_scores(self, scores: Values, table: Table, epoch: int) -> None:
        """Add the scores on the test videos to each tracker that lacks them."""
        mark = scores_digest(scores, table)
        for name, tracker in list(self.trackers.items()):
            known = self.state.trackers[name]
            if known.scores != mark and self._succeeds(name, lambda of=tracker: of.log_scores(scores, table, epoch)):
                known.scores = mark
        self._save()

    def close(self, finished: bool) -> None:
        """End the writing; where the training is over, so are its runs."""
        self.state.finished = finished
        self._save()
        for name, tracker in list(self.trackers.items()):
            self._guarded(name, lambda of=tracker: of.close(finished))

    def _succeeds(self, name: str, action: Callable[[], object]) -> bool:
        return self._guarded(name, lambda: (action(), True)) is not None

    def _guarded(self, name: str, action: Callable[[], T]) -> T | None:
        """Return what `action` returns; where it raises, warn, leave the tracker out, and return None."""
        try:
            return action()
        except (Exception, SystemExit) as error:
            self.trackers.pop(name, None)
            words = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}".rstrip(": ")
            rest = f"the training goes on without it ({self.training.files}.log has what it printed)"
            print(f"WARNING: tracker {name}: {words}; {rest}", file=self.said, flush=True)
            return None

    def _save(self) -> None:
        with suppress(Exception):  # a full disk, which the training itself will tell of
            self.state.write(self.training.files.with_suffix(".json"))


def scores_digest(scores: Values, table: Table) -> str:
    """Return a digest of scores, by which those that a tracker has are known."""
    return digest([dict(scores), [list(row) for row in table]])


def _load(name: str) -> Callable[[TrackedRun], Tracker]:
    module, _, kind = CLASSES[name].partition(".")
    return getattr(import_module(f"vidbench.tracking.{module}"), kind)
