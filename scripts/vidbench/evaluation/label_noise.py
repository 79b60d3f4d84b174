"""How many of the labels are wrong, as far as models' probabilities tell: how sure to be of each suspicious one.

The model of it has two numbers: the temperature T that the probabilities are right with, and the share e of wrong
labels. A video's class is drawn from its probabilities p; with probability 1 - e it is the label, otherwise the label
is any other class, each as likely. So a label y has the probability (1 - e) p_y + e (1 - p_y) / (K - 1), of which the
second part is that of a wrong one. T and e are those of the highest likelihood. They can be told apart because networks
that err are unsure, while labels that are swapped at random contradict them also where they are sure. A normal prior of
log T around 0 keeps T from being extreme where videos are few.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from vidbench.evaluation.calibration import MAX_TEMPERATURE, MIN_TEMPERATURE, scale

MAX_SHARE = 0.5
PRIOR_DEVIATION = 0.5  # of log T
STEPS = 40  # halvings of the interval that the share is searched in
GRID = 13  # temperatures that are tried first
TINY = 1e-300
# Of the log likelihood: half the 98 % quantile of chi squared, so a test at 1 %, as a share is never below 0. Means of
# several networks are not quite calibrated at any temperature: of 30 simulated data sets without a wrong label, where
# models were right in 83 to 94 %, 4 were said to have some.
MIN_GAIN = 2.706


@dataclass(frozen=True)
class LabelNoise:
    """The two numbers that N labels and their probabilities (N, K) fit best."""

    temperature: float
    share: float  # of wrong labels, at most MAX_SHARE

    @classmethod
    def fit(cls, labels: np.ndarray, log_probabilities: np.ndarray) -> "LabelNoise":
        """Fit to labels (N,), class numbers, and the logarithms (N, K) of probabilities.

        The share is 0 where a likelihood ratio test cannot tell it from that.
        """
        num_classes = log_probabilities.shape[1]

        def share_at(logarithm: float) -> float:
            return _fit_share(_probability_of(labels, log_probabilities, np.exp(logarithm)), num_classes)

        def loss(logarithm: float, share: float) -> float:
            given = _probability_of(labels, log_probabilities, np.exp(logarithm))
            right, wrong = _parts(given, share, num_classes)
            return float((logarithm / PRIOR_DEVIATION) ** 2 / 2 - np.log(right + wrong + TINY).sum())

        without, loss_without = _minimise(lambda logarithm: loss(logarithm, 0))
        found, loss_with = _minimise(lambda logarithm: loss(logarithm, share_at(logarithm)))
        if loss_without - loss_with < MIN_GAIN:
            return cls(float(np.exp(without)), 0.0)
        return cls(float(np.exp(found)), share_at(found))

    def wrong(self, labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
        """Return the probability that each label is wrong, (N,), by probabilities (N, K) of this temperature."""
        given = probabilities[np.arange(len(labels)), labels]
        right, wrong = _parts(given, self.share, probabilities.shape[1])
        with np.errstate(invalid="ignore"):
            return np.nan_to_num(wrong / (right + wrong))


def _minimise(loss: Callable[[float], float]) -> tuple[float, float]:
    """Return the logarithm of the best temperature within the bounds, and its loss."""
    from scipy.optimize import minimize_scalar  # here: it takes as long as the rest of a small step

    # There may be two minima: one with wrong labels, one with unsure models.
    grid = np.linspace(np.log(MIN_TEMPERATURE), np.log(MAX_TEMPERATURE), GRID)
    best = int(np.argmin([loss(value) for value in grid]))
    ends = (grid[max(best - 1, 0)], grid[min(best + 1, GRID - 1)])
    result: Any = minimize_scalar(loss, bounds=ends, method="bounded", options={"xatol": 1e-5})
    return min(((value, loss(value)) for value in (float(result.x), float(grid[best]))), key=lambda found: found[1])


def _probability_of(labels: np.ndarray, log_probabilities: np.ndarray, temperature: float) -> np.ndarray:
    return np.exp(scale(log_probabilities, temperature)[np.arange(len(labels)), labels])


def _parts(given: np.ndarray, share: float, num_classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the probabilities of labels that are right and of labels that are wrong, from theirs by the models."""
    return (1 - share) * given, share * (1 - given) / max(num_classes - 1, 1)


def _fit_share(given: np.ndarray, num_classes: int) -> float:
    """Return the share of wrong labels with the highest likelihood, which is concave in it."""
    slope = (1 - given) / max(num_classes - 1, 1) - given
    low, high = 0.0, MAX_SHARE
    for _ in range(STEPS):
        share = (low + high) / 2
        rises = (slope / (given + share * slope + TINY)).sum() > 0
        low, high = (share, high) if rises else (low, share)
    return 0.0 if high < 1e-9 else low
