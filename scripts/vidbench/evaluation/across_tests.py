"""Tests of two models over several data sets: on each of them, on their mean, and on data sets like them.

All take leading axes, so that many runs are tested at once: K data sets, P pairs of models. NaN: a data set lacks one
of the two models. Formulas and a simulation: docs/evaluation.md, "Several data sets".
"""

from dataclasses import dataclass

import numpy as np

from vidbench.evaluation.significance import LEVEL, holm, t_quantile


@dataclass(frozen=True)
class MeanDifference:
    """The mean over data sets of two models' differences, (..., P); NaN with fewer than two data sets."""

    difference: np.ndarray
    low: np.ndarray  # of its 95 % interval: with other groups in these data sets
    high: np.ndarray
    p_value: np.ndarray  # two-sided, not adjusted
    data_sets: np.ndarray  # number of those that have both models
    spread: np.ndarray  # standard deviation of the difference over data sets


def mean_difference(difference: np.ndarray, error: np.ndarray, freedom: np.ndarray) -> MeanDifference:
    """Test the mean over data sets of differences (..., K, P) with standard errors and degrees of freedom.

    The data sets are fixed, and their groups are samples: the variance of the mean is the sum of theirs over K^2.
    """
    from scipy.special import stdtr

    present = np.isfinite(difference) & np.isfinite(error)
    number = present.sum(axis=-2)
    enough = number >= 2
    count = np.where(enough, number, np.nan)
    mean = np.where(present, difference, 0).sum(axis=-2) / count
    variances = np.where(present, error, 0) ** 2
    variance = variances.sum(axis=-2) / count**2
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = (variances**2 / np.where(present, freedom, 1)).sum(axis=-2) / count**4
        df = np.where(variance > 0, variance**2 / parts, number)  # Satterthwaite
        p_value = 2 * stdtr(df, -np.abs(mean) / np.sqrt(variance))
    p_value = np.where(variance > 0, p_value, np.where(mean == 0, 1.0, 0.0))
    half = t_quantile(df) * np.sqrt(variance)
    p_value = np.where(enough, p_value, np.nan)
    return MeanDifference(mean, mean - half, mean + half, p_value, number, deviation(difference, present))


def deviation(difference: np.ndarray, present: np.ndarray) -> np.ndarray:
    """Return the standard deviation (..., P) of differences (..., K, P) over the data sets that are `present`."""
    number = present.sum(axis=-2)
    mean = np.where(present, difference, 0).sum(axis=-2, keepdims=True) / np.maximum(number, 1)[..., None, :]
    squares = np.where(present, (difference - mean) ** 2, 0).sum(axis=-2)
    return np.sqrt(squares / np.where(number >= 2, number - 1, np.nan))


def told_apart_on_each(p_value: np.ndarray) -> np.ndarray:
    """Return where two models are told apart on a data set, (..., K, P), from p values that are not adjusted.

    Holm's correction over all pairs and data sets together: however many there are, among equal models any pair is told
    apart in at most 2.5 % of runs. The other half of 5 % is for the means: see told_apart_on_mean.
    """
    shape = p_value.shape
    return holm(p_value.reshape(*shape[:-2], -1)).reshape(shape) <= LEVEL / 2


def adjust_for_mean(p_value: np.ndarray) -> np.ndarray:
    """Return p values of means (..., P), adjusted by Holm and doubled: told_apart_on_each has the other half of 5 %."""
    return np.minimum(2 * holm(p_value), 1)


def told_apart_on_new(p_new: np.ndarray, p_mean: np.ndarray) -> np.ndarray:
    """Return where two models are told apart on data sets like these, (..., P), from adjusted p values.

    Both tests must say so: what is not certain of these data sets is not said of others.
    """
    return (p_new <= LEVEL) & (p_mean <= LEVEL)
