"""What networks answer: the most probable class of each test, how sure they are, and averages of several networks."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vidbench.evaluation.metrics import UNREADABLE


@dataclass(frozen=True)
class Answers:
    """What one network, or the mean of several networks' probabilities, answers in T tests."""

    predicted: np.ndarray  # (T,) class numbers; UNREADABLE without probabilities: no frames, or a diverged training
    confidence: np.ndarray  # (T,) probability of that class; NaN without probabilities
    truth_probability: np.ndarray  # (T,) probability of the true class; NaN without probabilities

    @classmethod
    def of(cls, probabilities: np.ndarray, truth: np.ndarray) -> "Answers":
        """From probabilities (T, K), NaN where there are none, and true class numbers (T,)."""
        highest = probabilities.max(axis=1, initial=0)
        return cls(most_probable(probabilities), highest, probabilities[np.arange(len(truth)), truth])

    @classmethod
    def join(cls, parts: Sequence["Answers"]) -> "Answers":
        """The answers in several splits, one after another."""
        names = ("predicted", "confidence", "truth_probability")
        return cls(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


def mean(probabilities: Sequence[np.ndarray]) -> np.ndarray:
    """(T, K) mean of several networks' probabilities."""
    return sum(probabilities[1:], probabilities[0]) / len(probabilities)


def most_probable(probabilities: np.ndarray) -> np.ndarray:
    """(T,) class numbers, UNREADABLE where there are no probabilities; of equal ones the first class, as in scores."""
    there = np.all(np.isfinite(probabilities), axis=1)
    return np.where(there, np.where(there[:, None], probabilities, 0).argmax(axis=1), UNREADABLE)
