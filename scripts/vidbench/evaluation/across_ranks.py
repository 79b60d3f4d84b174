"""Ranks of models over several data sets, their critical difference, and which model is best on a new data set.

Formulas and a simulation: docs/evaluation.md, "Several data sets". K data sets, M models, R resamples.
"""

from bisect import bisect_right
from collections.abc import Sequence
from functools import cache

import numpy as np

from vidbench.evaluation.significance import CONFIDENCE, LEVEL, t_quantile, wilson

ORDERS = 20_000  # random ones, for the critical difference
DIGITS = 12  # of accuracies that are compared: equal ones differ by rounding
TAILS = ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2)


def ranks(accuracies: np.ndarray) -> np.ndarray:
    """Return the rank (..., M) of each model, 1 for the most accurate; equal models share the mean of their ranks."""
    rounded = np.round(accuracies, DIGITS)
    higher = (rounded[..., None, :] > rounded[..., :, None]).sum(axis=-1)
    equal = (rounded[..., None, :] == rounded[..., :, None]).sum(axis=-1)
    return higher + (equal + 1) / 2


def best_shares(draws: np.ndarray) -> np.ndarray:
    """Return the share (..., M) of resamples (..., R, M) in which each model is best; equal ones share a resample."""
    rounded = np.round(draws, DIGITS)
    best = rounded == rounded.max(axis=-1, keepdims=True)
    return (best / best.sum(axis=-1, keepdims=True)).mean(axis=-2)


def best_on_new(shares: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the probability (..., M) that each model is best on a new data set, and its 95 % interval.

    `shares` (..., K, M): of each data set, how likely each model is the best there. One more data set is added, where
    all are equally likely: with few data sets no probability is near 0 or 1.
    """
    from scipy.special import betaincinv

    data_sets, models = shares.shape[-2:]
    times = shares.sum(axis=-2) + 1 / models
    others = np.maximum(data_sets + 1 - times, 1e-9)  # 0 for a single model
    low, high = (betaincinv(times, others, tail) for tail in TAILS)
    return times / (data_sets + 1), low, high


def interval_on_these(rank_draws: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the 95 % interval (..., M) of the mean rank on these data sets, from ranks in resamples (..., K, R, M)."""
    low, high = np.quantile(rank_draws.mean(axis=-3), TAILS, axis=-2)
    return low, high


def interval_on_new(observed: np.ndarray, rank_draws: np.ndarray, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return the 95 % interval (..., M) of the mean rank over data sets like these.

    observed: ranks (..., K, M); rank_draws: (..., K, R, M). Data sets are resampled, K - 1 of K, and groups within
    them. The interval is Wilson's, as those of scores between 0 and 1 are; of a model that is first, or last, on all
    data sets it is that of K results.
    """
    data_sets, resamples, models = rank_draws.shape[-3:]
    random = np.random.default_rng(seed)
    weights = random.multinomial(data_sets - 1, np.full(data_sets, 1 / data_sets), size=resamples) / (data_sets - 1)
    means = np.einsum("rk,...krm->...rm", weights, rank_draws)
    span = models - 1
    value = (observed.mean(axis=-2) - 1) / span  # (..., M) from 0 to 1
    variance = means.var(axis=-2, ddof=1) / span**2
    inside = (value > 0) & (value < 1) & (variance > 0)
    size = np.where(inside, value * (1 - value) / np.where(inside, variance, 1), data_sets)
    low, high = wilson(value, size, t_quantile(data_sets - 1.0))
    return 1 + span * low, 1 + span * high


@cache
def critical_difference(data_sets: int, models: int, level: float = LEVEL) -> float:
    """Return the difference of mean ranks beyond which two models are told apart.

    Nemenyi's, or the one that random orders of the models exceed as rarely, where that is larger: Nemenyi's is one for
    many data sets.
    """
    return max(nemenyi_difference(data_sets, models, level), _difference_of_random_orders(data_sets, models, level))


def nemenyi_difference(data_sets: int, models: int, level: float = LEVEL) -> float:
    """Return Nemenyi's critical difference, q sqrt(M (M + 1) / (6 K)) (Demsar 2006)."""
    quantile = studentized_range_quantile(1 - level, models) / np.sqrt(2)
    return float(quantile * np.sqrt(models * (models + 1) / (6 * data_sets)))


def _difference_of_random_orders(data_sets: int, models: int, level: float) -> float:
    """Return the smallest range of mean ranks that at most a share `level` of random orders exceeds."""
    random = np.random.default_rng(0)
    total = np.zeros((ORDERS, models), np.int64)
    for _ in range(data_sets):
        total += random.random((ORDERS, models)).argsort(axis=1)
    widths = np.ptp(total, axis=1)
    return float(np.quantile(widths, 1 - level, method="higher")) / data_sets


def studentized_range_quantile(probability: float, models: int) -> float:
    """Return the quantile of the range of M standard normal numbers, by bisection."""
    low, high = 0.0, 20.0
    while high - low > 1e-10:
        middle = (low + high) / 2
        low, high = (middle, high) if range_probability(middle, models) < probability else (low, middle)
    return (low + high) / 2


def range_probability(width: float, models: int) -> float:
    """Return the probability that the range of M standard normal numbers is at most `width`."""
    from scipy.special import ndtr

    largest = np.linspace(-8, 8 + width, 4001)
    density = np.exp(-(largest**2) / 2) / np.sqrt(2 * np.pi)
    return float(models * np.trapezoid(density * (ndtr(largest) - ndtr(largest - width)) ** (models - 1), largest))


def groups_of_equal_ranks(mean_ranks: Sequence[float], difference: float) -> list[tuple[int, int]]:
    """Return the longest stretches (first, last) of ascending mean ranks whose ends are not told apart."""
    stretches: list[tuple[int, int]] = []
    for first, rank in enumerate(mean_ranks):
        last = bisect_right(mean_ranks, rank + difference + 1e-9) - 1
        if last > first and (not stretches or last > stretches[-1][1]):
            stretches.append((first, last))
    return stretches
