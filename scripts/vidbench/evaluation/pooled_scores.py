"""A model's results of all splits together, seed by seed: what tables of pooled scores are made from."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from vidbench.datasets.video import Video
from vidbench.errors import UserError
from vidbench.evaluation import view_ladder
from vidbench.evaluation.calibration import scale
from vidbench.evaluation.metrics import Scored, scored
from vidbench.evaluation.predictions import Predictions
from vidbench.evaluation.runs import Run, in_order


@dataclass(frozen=True)
class Rows:
    """Results of one seed: one row a split and test video, M in all."""

    result: Scored
    scaled: np.ndarray  # (M, K) log-probabilities at the temperature of each run; NaN where there are none
    weights: np.ndarray  # (M,) 1 / number of splits that test the row's video
    rungs: dict[tuple[int, int], np.ndarray]  # (clips, crops) -> (M,) right or wrong

    def by_video(self, values: np.ndarray) -> np.ndarray:
        """(N,) mean over splits of `values` (M,), in the order in which the videos come first."""
        number = {video: place for place, video in enumerate(in_order(self.result.videos))}
        rows = np.array([number[video] for video in self.result.videos])
        return np.bincount(rows, self.weights * values)


@dataclass(frozen=True)
class ModelResults:
    """All seeds of a model, on the same videos."""

    seeds: list[Rows]
    videos: list[str]  # N, as by_video has them
    groups: np.ndarray  # (N,)
    classes: np.ndarray  # (N,)
    runs: list[Run]

    def mean(self, values: Callable[[Rows], np.ndarray]) -> np.ndarray:
        """(N,) mean over seeds and splits of what `values` gives for the rows of a seed, (M,)."""
        return np.mean([rows.by_video(values(rows)) for rows in self.seeds], axis=0)


def read_model(
    runs: list[Run], videos: dict[str, Video], members: dict[str, list[str]], unreadable: str
) -> ModelResults:
    """Results of one model's runs, `members` being the test videos of each split."""
    labels = {name: video.label for name, video in videos.items()}
    for run in runs:
        if run.split not in members:
            raise UserError(f"{run.folder}: its split '{run.split}' is not among --splits")
    of_seeds = [[run for run in runs if run.seed == seed] for seed in in_order([run.seed for run in runs])]
    splits = in_order([run.split for run in runs])
    for own in of_seeds:
        if lacking := [split for split in splits if split not in {run.split for run in own}]:
            raise UserError(
                f"{own[0].folder}: there is no such run of {lacking[0]}, which other seeds have; train it there, or"
                " leave this seed out"
            )
    seeds = [_join([_read(run, members[run.split], labels, unreadable) for run in own]) for own in of_seeds]
    tested = in_order(seeds[0].result.videos)
    for rows in seeds[1:]:
        if in_order(rows.result.videos) != tested:
            raise UserError(f"{runs[0].folder}: its model's seeds were not tested on the same videos")
    groups, classes = (np.array([getattr(videos[name], what) for name in tested]) for what in ("group", "label"))
    return ModelResults(seeds, tested, groups, classes, runs)


def _read(run: Run, members: list[str], labels: dict[str, str], unreadable: str) -> Rows:
    """Rows of one run."""
    predictions = Predictions.read(run.folder / "predictions.h5")
    result = scored(predictions, "test", members, labels, unreadable=unreadable)
    temperature = run.json("metrics.json")["temperature"]
    scaled = result.log_probabilities * np.nan if temperature is None else scale(result.log_probabilities, temperature)
    rungs = {
        (rung.clips, rung.crops): scored(
            predictions, "test", members, labels, views=rung.views, unreadable=unreadable
        ).correct
        for rung in view_ladder.rungs(predictions.view)
    }
    return Rows(result, scaled, np.ones(len(result.videos)), rungs)


def _join(parts: list[Rows]) -> Rows:
    """One seed's rows of all splits."""
    results = [part.result for part in parts]
    if any(result.classes != results[0].classes for result in results):
        raise UserError("predictions: splits of one data set have other classes; predict them again")
    names = [video for result in results for video in result.videos]
    times = {video: 0 for video in names}
    for video in names:
        times[video] += 1
    arrays = (
        np.concatenate([getattr(result, name) for result in results])
        for name in ("truth", "ranked", "log_probabilities")
    )
    truth, ranked, logarithms = arrays
    missing = in_order([video for result in results for video in result.unreadable])
    return Rows(
        Scored(names, truth, ranked, results[0].classes, logarithms, missing),
        np.concatenate([part.scaled for part in parts]),
        np.array([1 / times[video] for video in names]),
        {rung: np.concatenate([part.rungs[rung] for part in parts]) for rung in parts[0].rungs},
    )
