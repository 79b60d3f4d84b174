"""Class probabilities that all models of a split give its videos: what the tables of errors are made from."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vidbench.datasets.video import Video
from vidbench.errors import UserError
from vidbench.evaluation.metrics import UNREADABLE
from vidbench.evaluation.predictions import Predictions
from vidbench.evaluation.runs import Run, in_order
from vidbench.files import read_csv


@dataclass(frozen=True)
class Probabilities:
    """A subset of one split, with what every run says of it."""

    split: str
    videos: list[str]  # n
    truth: np.ndarray  # (n,) class numbers
    classes: list[str]  # K
    runs: dict[str, dict[int, np.ndarray]]  # model -> seed -> (n, K) probabilities; NaN for an unreadable video

    def mean(self, models: list[str], seeds: list[int] | None = None) -> np.ndarray:
        """(n, K) probabilities, averaged over networks: these seeds (None: all) of each of these models."""
        chosen = [
            found for model in models for seed, found in self.runs[model].items() if seeds is None or seed in seeds
        ]
        return sum(chosen[1:], chosen[0]) / len(chosen)

    def correct(self, probabilities: np.ndarray) -> np.ndarray:
        """(n,) bool: right or wrong; an unreadable video is wrong."""
        return most_probable(probabilities) == self.truth


def most_probable(probabilities: np.ndarray) -> np.ndarray:
    """(n,) class numbers, UNREADABLE where there are no probabilities; of equal ones the first class, as in scores."""
    there = np.isfinite(probabilities).all(axis=1)
    return np.where(there, np.where(there[:, None], probabilities, 0).argmax(axis=1), UNREADABLE)


def read_split(
    path: Path, found: list[Run], videos: dict[str, Video], subset: str, unreadable: str = "wrong"
) -> Probabilities:
    """All runs' probabilities of the videos that a split's file has in `subset`; `found`: runs of this split.

    `unreadable` as in metrics.scored.
    """
    members = [row["video"] for row in read_csv(path) if row["subset"] == subset]
    if unknown := [video for video in members if video not in videos]:
        raise UserError(f"{path}: video '{unknown[0]}' is not in videos.csv; make the split again")
    read = {(run.model, run.seed): Predictions.read(run.folder / "predictions.h5") for run in found}
    if unreadable == "leave_out":
        decoded = {video for predictions in read.values() for video in predictions.video}
        members = [video for video in members if video in decoded]
    classes = sorted({label for predictions in read.values() for label in predictions.classes})
    number = {label: place for place, label in enumerate(classes)}
    truth = np.array([number[videos[video].label] for video in members], int)
    runs: dict[str, dict[int, np.ndarray]] = {}
    for (model, seed), predictions in read.items():
        runs.setdefault(model, {})[seed] = _aligned(predictions, subset, members, number)
    return Probabilities(path.stem, members, truth, classes, runs)


def _aligned(predictions: Predictions, subset: str, members: list[str], number: dict[str, int]) -> np.ndarray:
    """(n, K) probabilities of `members` in their order, by class number."""
    videos, found = predictions.probabilities(subset)
    place = {video: row for row, video in enumerate(videos)}
    there = [row for row, video in enumerate(members) if video in place]
    aligned = np.full((len(members), len(number)), np.nan)
    known = np.zeros((len(there), len(number)))  # a class that a split has not is never predicted there
    known[:, [number[label] for label in predictions.classes]] = found[[place[members[row]] for row in there]]
    aligned[there] = known
    return aligned


def by_split(found: list[Run], splits: list[Path]) -> list[tuple[Path, list[Run]]]:
    """The runs of each split; UserError where a run's split is not given, or one lacks a model or seed of another."""
    names = [path.stem for path in splits]
    for run in found:
        if run.split not in names:
            raise UserError(f"{run.folder}: its split '{run.split}' is not among --splits")
    wanted = in_order([(run.model, run.seed) for run in found])
    parts = []
    for path in splits:
        own = {(run.model, run.seed): run for run in found if run.split == path.stem}
        if own and (missing := [pair for pair in wanted if pair not in own]):
            model, seed = missing[0]
            raise UserError(f"{path}: has no run of {model} with seed {seed}, but another split has; run it as well")
        if own:
            parts.append((path, [own[pair] for pair in wanted]))
    return parts
