"""What each model answers in every test of a video, over all splits."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from vidbench.evaluation.metrics import UNREADABLE
from vidbench.evaluation.probabilities import Probabilities, most_probable


@dataclass(frozen=True)
class Answers:
    """Of one model; class numbers, UNREADABLE where the video has no frames."""

    predicted: np.ndarray  # (S, T) of each seed
    together: np.ndarray  # (T,) from the mean of the seeds' probabilities
    confidence: np.ndarray  # (T,) that mean's probability of `together`; NaN for an unreadable video


@dataclass(frozen=True)
class Answered:
    """Tests of all splits one after another: a video that two splits test stands in two."""

    videos: list[str]  # T
    splits: list[str]  # T
    truth: np.ndarray  # (T,) class numbers
    classes: list[str]  # K
    models: dict[str, Answers]

    @cached_property
    def weight(self) -> np.ndarray:
        """(T,) 1 / number of splits that test the video, so that every video counts once."""
        _, place, counts = np.unique(self.videos, return_inverse=True, return_counts=True)
        return 1 / counts[place]

    @cached_property
    def readable(self) -> np.ndarray:
        """(T,) bool: whether models have seen the video: one of them may have diverged and give no number."""
        return np.any([np.isfinite(answers.confidence) for answers in self.models.values()], axis=0)

    def wrong(self, model: str) -> np.ndarray:
        """(T,) share of a model's seeds that are wrong."""
        return (self.models[model].predicted != self.truth).mean(axis=0)


def answers_of(part: Probabilities) -> Answered:
    """Answers in one split, without the probabilities, of which there may be gigabytes."""
    models = {}
    for model, seeds in part.runs.items():
        mean = part.mean([model])
        predicted = np.stack([most_probable(found) for found in seeds.values()])
        models[model] = Answers(predicted, most_probable(mean), mean.max(axis=1, initial=0))
    return Answered(part.videos, [part.split] * len(part.videos), part.truth, part.classes, models)


def join(parts: list[Answered]) -> Answered:
    """Answers of all splits, put together; classes are the sorted labels of all."""
    classes = sorted({label for part in parts for label in part.classes})
    # Class numbers of each split in those of all; the last one is for UNREADABLE, which is -1.
    number = [np.array([*map(classes.index, part.classes), UNREADABLE]) for part in parts]

    def put(model: str) -> Answers:
        own = [part.models[model] for part in parts]
        return Answers(
            np.concatenate([new[one.predicted] for new, one in zip(number, own, strict=True)], axis=1),
            np.concatenate([new[one.together] for new, one in zip(number, own, strict=True)]),
            np.concatenate([one.confidence for one in own]),
        )

    return Answered(
        [video for part in parts for video in part.videos],
        [split for part in parts for split in part.splits],
        np.concatenate([new[part.truth] for new, part in zip(number, parts, strict=True)]),
        classes,
        {model: put(model) for model in parts[0].models},
    )
