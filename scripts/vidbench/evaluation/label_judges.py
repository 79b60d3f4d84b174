"""Which models can judge labels, and what they say together: each one of the videos that it was not trained on."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from vidbench.evaluation.answers import most_probable
from vidbench.evaluation.calibration import scale
from vidbench.evaluation.label_noise import LabelNoise
from vidbench.evaluation.runs import chance
from vidbench.evaluation.significance import accuracy_interval, t_quantile, wilson
from vidbench.evaluation.test_results import TestResults

FILE_PROPERTIES = "file_properties"  # the kind of baseline that sees no frame
TINY = 1e-12  # in place of a probability of 0


@dataclass(frozen=True)
class Testimony:
    """What one model says of N videos: the mean of its seeds, and of the splits that test a video."""

    probabilities: np.ndarray  # (N, K); NaN for a video that it says nothing of
    seeds: np.ndarray  # (S, N) class numbers that each seed predicts

    @property
    def predicted(self) -> np.ndarray:
        """Class numbers (N,), NO_PREDICTION where there are no probabilities."""
        return most_probable(self.probabilities)


@dataclass(frozen=True)
class Judge:
    """A model, its accuracy on videos that it was not trained on, and why it cannot judge; '' where it can."""

    model: str
    accuracy: float
    low: float  # of the 95 % interval
    chance: float
    reason: str = ""

    @property
    def skill(self) -> float:
        """The share of what is above chance that it reaches: its weight among the judges."""
        return max((self.accuracy - self.chance) / max(1 - self.chance, TINY), TINY)


def read_testimony(results: TestResults, model: str) -> Testimony:
    """Read what a model says of the videos that are tested, from the predictions of all its seeds and splits."""
    column = {video.id: index for index, video in enumerate(results.videos)}
    places = np.array([column[name] for name in results.test_videos], int)  # (T,)
    total, weight, seeds = np.zeros((len(column), len(results.classes))), np.zeros(len(column)), []
    for seed in results.runs[model]:
        read = np.concatenate([results.probabilities(model, seed, split) for split in results.tests])  # (T, K)
        known = np.isfinite(read).all(axis=1)
        of_seed = np.zeros_like(total)
        np.add.at(of_seed, places[known], read[known])
        number = np.bincount(places[known], minlength=len(column))
        seeds.append(most_probable(_divide(of_seed, number)))
        total += of_seed
        weight += number
    return Testimony(_divide(total, weight), np.stack(seeds))


def _divide(total: np.ndarray, number: np.ndarray) -> np.ndarray:
    """Return means (N, K) of `number` (N,) values; NaN where there are none."""
    with np.errstate(invalid="ignore"):
        return total / number[:, None]


def judge_model(model: str, testimony: Testimony, results: TestResults) -> Judge:
    """Return whether a model is better than chance beyond doubt."""
    labels = class_numbers(results)
    known = np.isfinite(testimony.probabilities).all(axis=1)
    by_chance = chance(results.labels.tolist(), len(results.classes))
    if not known.any():
        return Judge(model, 0.0, 0.0, by_chance, "has no predictions")
    correct = (testimony.predicted == labels)[known].astype(float)
    interval = accuracy_interval(correct, results.groups[known], results.labels[known])
    # Too few groups for an interval by group: one by video, which is at least about these videos.
    low = interval.low if np.isfinite(interval.low) else _interval_by_video(correct)
    reason = "" if low > by_chance else "is not clearly better than chance"
    if results.baselines.get(model) == FILE_PROPERTIES:
        reason = "does not see the frames"
    return Judge(model, float(correct.mean()), float(low), by_chance, reason)


def _interval_by_video(correct: np.ndarray) -> float:
    return float(wilson(correct.mean(), len(correct), t_quantile(max(len(correct) - 1, 1)))[0])


def class_numbers(results: TestResults) -> np.ndarray:
    """Return the class number of each video's label, (N,)."""
    number = {label: index for index, label in enumerate(results.classes)}
    return np.array([number[label] for label in results.labels.tolist()], int)


def combine(labels: np.ndarray, testimonies: Mapping[str, Testimony], judges: list[Judge]) -> np.ndarray:
    """Return the log probabilities (N, K) of all judges together; NaN for videos that none says anything of.

    Each is scaled by a temperature of its own, or one that is too sure of itself would decide alone; then they are
    averaged with their skills as weights. The temperature is that beside wrong labels, which else make each unsure.
    """
    total, weight = np.zeros((len(labels), 1)), np.zeros((len(labels), 1))
    for judge in judges:
        probabilities = testimonies[judge.model].probabilities
        known = np.all(np.isfinite(probabilities), axis=1)
        logs = np.log(np.maximum(np.where(known[:, None], probabilities, 1), TINY))
        temperature = LabelNoise.fit(labels[known], logs[known]).temperature
        total = total + judge.skill * known[:, None] * np.exp(scale(logs, temperature))
        weight = weight + judge.skill * known[:, None]
    with np.errstate(invalid="ignore"):
        return np.log(np.maximum(total / weight, TINY))
