"""Suspicious labels: videos that models which did not train on them take for another class, most suspicious first."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from vidbench.evaluation.calibration import scale
from vidbench.evaluation.confident_learning import MIN_CLASS_VIDEOS, find_suspicious
from vidbench.evaluation.label_judges import (
    Judge,
    Testimony,
    class_numbers,
    combine,
    judge_model,
    read_testimony,
)
from vidbench.evaluation.label_noise import LabelNoise
from vidbench.evaluation.metrics import NO_PREDICTION
from vidbench.evaluation.test_results import TestResults

IMPROBABLE = 0.01  # a label of less is suspicious
SEPARATOR = "; "  # between names of models in a cell


@dataclass(frozen=True)
class LabelIssue:
    """A row of label_issues.csv: a video whose label is suspicious."""

    video: str
    label: str
    suggested: str  # the most probable class
    wrong: float  # probability that the label is wrong
    probability: float  # of the suggested class
    label_probability: float
    models_agree: str  # names of the judges that take the video for the suggested class
    models_for_label: str
    num_models: int  # judges that have an answer to the video
    networks_agree: float  # share of the judges' trained networks, one per seed, that say the suggested class
    class_videos: int  # judged videos with this label


@dataclass(frozen=True)
class LabelReview:
    """What is known of the labels of a data set's test videos."""

    issues: list[LabelIssue]
    judges: list[Judge]
    left_out: list[Judge]
    tested: int  # videos
    judged: int
    share: float = 0.0  # of the judged labels that is estimated to be wrong
    missed: float = 0.0  # wrong labels that are expected outside the list
    small_classes: dict[str, int] = field(default_factory=dict)  # judged videos of those with few

    @property
    def expected_wrong(self) -> float:
        """How many labels of the list are expected to be wrong."""
        return sum(issue.wrong for issue in self.issues)

    def as_dict(self) -> dict[str, Any]:
        """Return what label_issues.json holds."""
        by_chance = next((judge.chance for judge in [*self.judges, *self.left_out]), None)
        return {
            "tested": self.tested, "judged": self.judged, "suspicious": len(self.issues),
            "expected_wrong": round(self.expected_wrong, 3),
            "expected_false_alarms": round(len(self.issues) - self.expected_wrong, 3),
            "expected_missed": round(self.missed, 3), "share_wrong": round(self.share, 6), "chance": by_chance,
            "judges": [{"model": judge.model, "accuracy": round(judge.accuracy, 6)} for judge in self.judges],
            "left_out": [
                {"model": judge.model, "accuracy": round(judge.accuracy, 6), "reason": judge.reason}
                for judge in self.left_out
            ],
            "small_classes": self.small_classes,
        }  # fmt: skip


def review_labels(results: TestResults) -> LabelReview:
    """Judge the label of each test video by all models that are clearly better than chance."""
    testimonies = {model: read_testimony(results, model) for model in results.models}
    bench = [judge_model(model, testimony, results) for model, testimony in testimonies.items()]
    judges = [judge for judge in bench if not judge.reason]
    left_out = [judge for judge in bench if judge.reason]
    if not judges:
        return LabelReview([], [], left_out, len(results.videos), 0)
    labels = class_numbers(results)
    together = combine(labels, testimonies, judges)
    judged = np.flatnonzero(np.isfinite(together).all(axis=1))
    suspicions = find_suspicions(labels[judged], together[judged])
    said = {judge.model: testimonies[judge.model] for judge in judges}
    rows = [_issue(results, said, suspicions, place, int(judged[place])) for place in suspicions.listed]
    return LabelReview(
        rows, judges, left_out, len(results.videos), len(judged), suspicions.noise.share, suspicions.missed,
        _small_classes(results, labels[judged]),
    )  # fmt: skip


@dataclass(frozen=True)
class Suspicions:
    """What N labels look like beside their probabilities."""

    labels: np.ndarray  # (N,) class numbers
    probabilities: np.ndarray  # (N, K), of the temperature that fits
    wrong: np.ndarray  # (N,) probability that the label is wrong
    noise: LabelNoise
    listed: list[int]  # places of the suspicious ones, the most suspicious first

    @property
    def missed(self) -> float:
        """Wrong labels that are expected outside the list."""
        return float(self.wrong.sum() - self.wrong[self.listed].sum())


def find_suspicions(labels: np.ndarray, log_probabilities: np.ndarray) -> Suspicions:
    """Find the suspicious ones among labels (N,), class numbers, by the logarithms (N, K) of probabilities.

    These are the ones that confident learning names, those that are more likely wrong than right, and those that have
    next to no probability: where models are nearly always right, few answers reach the mean that confident learning
    asks for. They are ranked by the probability of the label, as is the probability that it is wrong.
    """
    noise = LabelNoise.fit(labels, log_probabilities)
    probabilities = np.exp(scale(log_probabilities, noise.temperature))
    wrong = noise.wrong(labels, probabilities)
    given = probabilities[np.arange(len(labels)), labels]
    places = np.flatnonzero(find_suspicious(labels, probabilities) | (wrong > 0.5) | (given < IMPROBABLE))
    listed = places[np.argsort(given[places], kind="stable")]
    return Suspicions(labels, probabilities, wrong, noise, listed.tolist())


def _issue(
    results: TestResults, said: Mapping[str, Testimony], suspicions: Suspicions, place: int, video: int
) -> LabelIssue:
    """Return the row of the judged video at `place`, which is number `video` of all tested ones."""
    probabilities, label = suspicions.probabilities[place], int(suspicions.labels[place])
    suggested = int(np.where(np.arange(len(probabilities)) == label, -1, probabilities).argmax())
    answers = {model: int(testimony.predicted[video]) for model, testimony in said.items()}
    networks = np.concatenate([testimony.seeds[:, video] for testimony in said.values()])
    return LabelIssue(
        video=results.videos[video].id,
        label=results.classes[label],
        suggested=results.classes[suggested],
        wrong=round(float(suspicions.wrong[place]), 6),
        probability=round(float(probabilities[suggested]), 6),
        label_probability=round(float(probabilities[label]), 6),
        models_agree=SEPARATOR.join(model for model, answer in answers.items() if answer == suggested),
        models_for_label=SEPARATOR.join(model for model, answer in answers.items() if answer == label),
        num_models=sum(answer != NO_PREDICTION for answer in answers.values()),
        networks_agree=round(float((networks == suggested).sum() / (networks != NO_PREDICTION).sum()), 6),
        class_videos=int((suspicions.labels == label).sum()),
    )


def _small_classes(results: TestResults, labels: np.ndarray) -> dict[str, int]:
    count = np.bincount(labels, minlength=len(results.classes))
    return {results.classes[place]: int(count[place]) for place in np.flatnonzero(count < MIN_CLASS_VIDEOS)}
