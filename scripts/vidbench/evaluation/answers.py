"""The answers of networks: the most probable class of each test, its probability, and averages of several networks."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vidbench.evaluation.metrics import NO_PREDICTION


@dataclass(frozen=True)
class Answers:
    """The answers of one network, or of several networks' mean probabilities, in T tests."""

    predicted: np.ndarray  # (T,) class numbers; NO_PREDICTION without probabilities: no frames, or a diverged training
    confidence: np.ndarray  # (T,) probability of that class; NaN without probabilities
    truth_probability: np.ndarray  # (T,) probability of the true class; NaN without probabilities

    @classmethod
    def from_probabilities(cls, probabilities: np.ndarray, truth: np.ndarray) -> "Answers":
        """Make answers from probabilities (T, K), NaN where there are none, and true class numbers (T,)."""
        highest = probabilities.max(axis=1, initial=0)
        return cls(most_probable(probabilities), highest, probabilities[np.arange(len(truth)), truth])

    @classmethod
    def join(cls, parts: Sequence["Answers"]) -> "Answers":
        """Concatenate the answers in several splits."""
        names = ("predicted", "confidence", "truth_probability")
        return cls(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


def mean_probabilities(probabilities: Sequence[np.ndarray]) -> np.ndarray:
    """Return the mean (T, K) of several networks' probabilities."""
    return sum(probabilities[1:], probabilities[0]) / len(probabilities)


def most_probable(probabilities: np.ndarray) -> np.ndarray:
    """Return class numbers (T,) of probabilities (T, K), NO_PREDICTION where these are NaN.

    Of equally probable classes the first one wins, as in metrics.evaluate_subset.
    """
    known = np.all(np.isfinite(probabilities), axis=1)
    return np.where(known, np.where(known[:, None], probabilities, 0).argmax(axis=1), NO_PREDICTION)
