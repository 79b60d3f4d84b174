"""Group bootstrap: how much scores that are no mean over videos vary from one sample of groups to another.

Resamples are weights of the groups, (R, G), so that a score of all resamples is a few matrix products.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from vidbench.evaluation.metrics import SubsetResult
from vidbench.evaluation.significance import CONFIDENCE, MIN_GROUPS, Interval, effective_groups, wilson

RESAMPLES = 2000
ENOUGH_GROUPS = 100  # under which an interval is marked approximate


@dataclass(frozen=True)
class Resamples:
    """Weights of groups in each resample, and the group of each row of results."""

    weights: np.ndarray  # (R, G) float32
    group: np.ndarray  # (M,) group numbers of the rows
    row_weights: np.ndarray  # (M,) 1 / number of splits that test the row's video

    def sums(self, values: np.ndarray) -> np.ndarray:
        """(R, ...) sums over the rows of weighted `values` (M, ...)."""
        groups = self.weights.shape[1]
        flat = (values * self.row_weights.reshape(-1, *[1] * (values.ndim - 1))).reshape(len(values), -1)
        table = np.stack([np.bincount(self.group, column, groups) for column in flat.T], axis=1)
        return (self.weights @ table.astype(np.float32)).reshape(-1, *values.shape[1:])

    def where(self, rows: np.ndarray) -> "Resamples":
        """The same resamples of some of the rows, given as (M,) bool."""
        return Resamples(self.weights, self.group[rows], self.row_weights[rows])


def draw_group_weights(stratum: np.ndarray, draws: int = RESAMPLES, seed: int = 0) -> np.ndarray:
    """(R, G) weights of groups in resamples: of each stratum's n, n - 1 drawn with replacement, times n / (n - 1).

    Drawing n - 1 makes the variance of a mean unbiased also for few groups (Rao and Wu 1988).
    """
    weights = np.ones((draws, len(stratum)), np.float32)
    random = np.random.default_rng(seed)
    for own in (np.flatnonzero(stratum == place) for place in np.unique(stratum)):
        n = len(own)
        if n > 1:
            weights[:, own] = random.multinomial(n - 1, np.full(n, 1 / n), size=draws) * (n / (n - 1))
    return weights


def means(samples: Resamples, values: np.ndarray) -> np.ndarray:
    """(R,) weighted mean of `values` (M,) in each resample."""
    return samples.sums(values) / samples.sums(np.ones(len(values)))


def recall_and_f1(samples: Resamples, result: SubsetResult) -> tuple[np.ndarray, np.ndarray]:
    """(R,) mean class accuracy and (R,) macro F1; each over the classes that a resample has."""
    classes = np.arange(len(result.classes))
    true = result.truth[:, None] == classes  # (M, K)
    guess = result.predicted[:, None] == classes
    videos, guessed, hits = (samples.sums(table) for table in (true, guess, true & guess))
    with np.errstate(invalid="ignore"):  # classes that a resample lacks
        absent = videos <= 0
        recall, f1 = (np.where(absent, np.nan, part) for part in (hits / videos, 2 * hits / (videos + guessed)))
    return np.nanmean(recall, axis=1), np.nanmean(f1, axis=1)


def mean_average_precision(samples: Resamples, truth: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """(R,) mean over the classes that a resample has of scikit-learn's average precision.

    It changes only at scores of the class's own videos, so the others are counted between these alone.
    """
    total, present = np.zeros(len(samples.weights)), np.zeros(len(samples.weights))
    for place in np.unique(truth):
        own = truth == place
        score = probabilities[:, place]
        thresholds, number = np.unique(-score[own], return_inverse=True)  # the highest score first
        step = np.searchsorted(thresholds, -score)  # the first threshold that takes a row; beyond the last: none does
        taken = samples.where(step < len(thresholds))
        everyone = _between(taken, step[step < len(thresholds)], len(thresholds)).cumsum(axis=1)  # (R, T)
        hits = _between(samples.where(own), number, len(thresholds))
        found = hits.cumsum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            precision = np.where(hits > 0, found / everyone, 0)
            value = (hits * precision).sum(axis=1) / found[:, -1]
        total += np.nan_to_num(value)
        present += np.isfinite(value)
    return total / present


def _between(samples: Resamples, step: np.ndarray, steps: int) -> np.ndarray:
    """(R, T) weight of the rows at each of `steps` thresholds."""
    there, number = np.unique(samples.group, return_inverse=True)  # a class's own videos lie in few groups
    table = np.bincount(number * steps + step, samples.row_weights, len(there) * steps)
    return samples.weights[:, there] @ table.reshape(-1, steps).astype(np.float32)


def fraction_interval(value: float, resampled: np.ndarray, groups: np.ndarray, stratified: bool) -> Interval:
    """95 % interval of a score from 0 to 1, from its value in each resample, (R,); `groups` (N,): of the videos.

    Wilson's, as significance.accuracy_interval, with the sample size that has the resamples' standard deviation.
    """
    error, effective = float(np.std(resampled, ddof=1)), effective_groups(groups)
    if effective < MIN_GROUPS or not np.isfinite(error):
        return Interval(value, float("nan"), float("nan"))
    size = value * (1 - value) / error**2 if error > 0 and 0 < value < 1 else effective
    size = size if stratified else min(size, len(groups))
    low, high = wilson(value, size, _t(effective))
    return Interval(value, float(low), float(high))


def loss_interval(value: float, resampled: np.ndarray, groups: np.ndarray) -> Interval:
    """As fraction_interval, of a score that is above 0: on the logarithmic scale, which keeps it there."""
    error, effective = float(np.std(resampled, ddof=1)), effective_groups(groups)
    if effective < MIN_GROUPS or not (np.isfinite(error) and value > 0):
        return Interval(value, float("nan"), float("nan"))
    factor = float(np.exp(_t(effective) * error / value))
    return Interval(value, value / factor, value * factor)


def _t(effective: float) -> float:
    return float(stats.t.ppf(0.5 + CONFIDENCE / 2, effective - 1))
