"""Right or wrong of each model's test videos, pooled over splits and seeds: what intervals and tests are made from."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from vidbench.datasets.video import Video
from vidbench.errors import UserError
from vidbench.evaluation.metrics import scored
from vidbench.evaluation.predictions import Predictions
from vidbench.evaluation.runs import Run, in_order
from vidbench.files import read_csv


@dataclass
class Pooled:
    """Right or wrong of one model's videos: seed -> split -> videos and results."""

    seeds: dict[int, dict[str, tuple[list[str], np.ndarray]]] = field(default_factory=dict)

    def add(self, seed: int, split: str, videos: list[str], correct: np.ndarray) -> None:
        """Add a run."""
        self.seeds.setdefault(seed, {})[split] = videos, correct

    def matrix(self, videos: list[str]) -> np.ndarray:
        """(S, N) mean over splits of each seed's result on each video; every seed has all of these videos."""
        place = {video: column for column, video in enumerate(videos)}
        return np.array([_mean(list(results.values()), place) for results in self.seeds.values()])


def _mean(results: list[tuple[list[str], np.ndarray]], place: dict[str, int]) -> np.ndarray:
    """(N,) mean result of each video over the splits that test it."""
    columns = np.array([place.get(video, -1) for videos, _ in results for video in videos])
    values = np.concatenate([correct for _, correct in results]).astype(float)
    wanted = columns >= 0
    counts = np.bincount(columns[wanted], minlength=len(place))
    return np.bincount(columns[wanted], values[wanted], len(place)) / counts


def test_members(splits: list[Path]) -> dict[str, list[str]]:
    """Test videos of each split."""
    return {path.stem: [row["video"] for row in read_csv(path) if row["subset"] == "test"] for path in splits}


def pool(
    found: list[Run], videos: dict[str, Video], splits: list[Path], condition: str = "normal", unreadable: str = "wrong"
) -> tuple[dict[str, Pooled], list[str]]:
    """Results of every model over all splits under a condition, and the videos that were tested.

    A model's seed counts where it has every split that any run has; UserError for a model without such a seed.
    `unreadable` as in metrics.scored: videos that are left out are not among those tested.
    """
    members = test_members(splits)
    labels = {name: video.label for name, video in videos.items()}
    used = set(in_order([run.split for run in found]))
    pooled: dict[str, Pooled] = {}
    for run in found:
        if run.split not in members:
            raise UserError(f"{run.folder}: its split '{run.split}' is not among --splits")
        predictions = Predictions.read(run.folder / "predictions.h5", condition)
        result = scored(predictions, "test", members[run.split], labels, condition, unreadable=unreadable)
        pooled.setdefault(run.model, Pooled()).add(run.seed, run.split, result.videos, result.correct)
    for model, results in pooled.items():
        _keep_complete(model, results, used)
    tested = in_order([video for split, test in members.items() if split in used for video in test])
    return pooled, _in_all(pooled.values(), tested)


def _in_all(pooled: Iterable[Pooled], videos: list[str]) -> list[str]:
    """The videos that every model and seed has a result of: models are compared on the same ones."""
    runs = [results for model in pooled for results in model.seeds.values()]
    found = [set().union(*(names for names, _ in results.values())) for results in runs]
    common = set.intersection(*found)
    return [video for video in videos if video in common]


def _keep_complete(model: str, results: Pooled, splits: set[str]) -> None:
    """Leave out the seeds that lack a split: pooled with the others they would be compared on other videos."""
    complete = {seed: runs for seed, runs in results.seeds.items() if set(runs) == splits}
    if not complete:
        seed, runs = max(results.seeds.items(), key=lambda item: len(item[1]))
        lacking = ", ".join(sorted(splits - set(runs)))
        raise UserError(
            f"{model}: no seed of it has all splits: seed {seed} lacks {lacking}, which other models have; train it"
            " there, or leave the model or the split out"
        )
    results.seeds = complete
