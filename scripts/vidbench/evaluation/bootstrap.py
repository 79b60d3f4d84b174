"""Group bootstrap: the variation, from one sample of groups to another, of scores that are no mean over videos.

Resamples are weights of the groups, (R, G), so that a score of all resamples is a few matrix products.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vidbench.evaluation.metrics import SubsetResult
from vidbench.evaluation.significance import MIN_GROUPS, Interval, effective_groups, t_quantile, wilson

RESAMPLES = 2000
ENOUGH_GROUPS = 100  # an interval of fewer is marked approximate


@dataclass(frozen=True)
class Resamples:
    """Weights of groups in each resample, and the group of each row of results."""

    weights: np.ndarray  # (R, G) float32
    group: np.ndarray  # (M,) group numbers of the rows
    row_weights: np.ndarray  # (M,) 1 / number of splits that test the row's video

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Return the sums (R, ...) over the rows of weighted `values` (M, ...)."""
        groups = self.weights.shape[1]
        flat = (values * self.row_weights.reshape(-1, *[1] * (values.ndim - 1))).reshape(len(values), -1)
        table = np.stack([np.bincount(self.group, column, groups) for column in flat.T], axis=1)
        return (self.weights @ table.astype(np.float32)).reshape(-1, *values.shape[1:])

    def select(self, rows: np.ndarray) -> "Resamples":
        """Return the same resamples of some of the rows, given as a mask (M,)."""
        return Resamples(self.weights, self.group[rows], self.row_weights[rows])


def draw_group_weights(stratum: np.ndarray, draws: int = RESAMPLES, seed: int = 0) -> np.ndarray:
    """Draw the weights of groups in resamples (R, G): n - 1 of each stratum's n, with replacement, times n / (n - 1).

    Drawing n - 1 makes the variance of a mean unbiased also for few groups (Rao and Wu 1988).
    """
    weights = np.ones((draws, len(stratum)), np.float32)
    random = np.random.default_rng(seed)
    for number in np.unique(stratum):
        members = np.flatnonzero(stratum == number)
        n = len(members)
        if n > 1:
            weights[:, members] = random.multinomial(n - 1, np.full(n, 1 / n), size=draws) * (n / (n - 1))
    return weights


def means(samples: Resamples, values: np.ndarray) -> np.ndarray:
    """Return the weighted mean of `values` (M,) in each resample, (R,)."""
    return samples.sums(values) / samples.sums(np.ones(len(values)))


def recall_and_f1(samples: Resamples, result: SubsetResult) -> tuple[np.ndarray, np.ndarray]:
    """Return mean class accuracy (R,) and macro F1 (R,), each over the classes that a resample has."""
    classes = np.arange(len(result.classes))
    true = result.truth[:, None] == classes  # (M, K)
    predicted = result.predicted[:, None] == classes
    videos = samples.sums(true)  # (R, K)
    predictions = samples.sums(predicted)
    hits = samples.sums(true & predicted)
    with np.errstate(invalid="ignore"):  # classes that a resample lacks
        absent = videos <= 0
        recall = np.where(absent, np.nan, hits / videos)
        f1 = np.where(absent, np.nan, 2 * hits / (videos + predictions))
    return np.nanmean(recall, axis=1), np.nanmean(f1, axis=1)


def mean_average_precision(samples: Resamples, truth: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Return the mean (R,) of scikit-learn's average precision over the classes that a resample has.

    truth: (M,), probabilities: (M, K).
    """
    columns = [(truth == label, probabilities[:, label]) for label in np.unique(truth)]
    return _mean_precision(samples, columns)


def mean_precision_of_labels(samples: Resamples, truth: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Return the same (R,) of labels, of which a row may have several. truth: mask (M, K), probabilities: (M, K)."""
    columns = [(has, score) for has, score in zip(truth.T, probabilities.T, strict=True) if has.any()]
    return _mean_precision(samples, columns)


def _mean_precision(samples: Resamples, columns: Sequence[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Return the mean (R,) over the classes that a resample has; `columns`: mask and scores (M,) of each class."""
    total = np.zeros(len(samples.weights))
    present = np.zeros(len(samples.weights))
    for positive, score in columns:
        value = average_precision(samples, positive, score)
        total += np.nan_to_num(value)
        present += np.isfinite(value)
    return total / present


def average_precision(samples: Resamples, positive: np.ndarray, score: np.ndarray) -> np.ndarray:
    """Return the average precision (R,) of a class, of its rows (M,), a mask, and all scores (M,).

    It is the sum, over the class's thresholds, of
    (recall at the threshold - recall at the one before) * precision at the threshold. Recall rises only at the scores
    of the class's own videos, so these are the T thresholds; videos of other classes are counted between them. NaN
    where a resample lacks the class.
    """
    thresholds, step_of_positive = np.unique(-score[positive], return_inverse=True)  # (T,), the highest score first
    step = np.searchsorted(thresholds, -score)  # (M,) the first threshold that a row reaches; T: it reaches none
    reached = step < len(thresholds)
    retrieved = _sum_by_step(samples.select(reached), step[reached], len(thresholds)).cumsum(axis=1)  # (R, T)
    hits = _sum_by_step(samples.select(positive), step_of_positive, len(thresholds))  # (R, T) new at each threshold
    all_hits = hits.cumsum(axis=1)  # (R, T)
    with np.errstate(invalid="ignore", divide="ignore"):
        precision = np.where(hits > 0, all_hits / retrieved, 0)  # (R, T)
        return (hits * precision).sum(axis=1) / all_hits[:, -1]


def _sum_by_step(samples: Resamples, step: np.ndarray, steps: int) -> np.ndarray:
    """Return the weight (R, T) of the rows at each of T = `steps` thresholds; `step`: (M,) that of each row."""
    groups, number = np.unique(samples.group, return_inverse=True)  # few groups: a class is in few of them
    table = np.bincount(number * steps + step, samples.row_weights, len(groups) * steps)
    return samples.weights[:, groups] @ table.reshape(-1, steps).astype(np.float32)


def fraction_interval(value: float, resampled: np.ndarray, groups: np.ndarray, stratified: bool) -> Interval:
    """Return the 95 % interval of a score from 0 to 1, from its value in each resample (R,) and the groups (N,).

    It is Wilson's, like that of an accuracy, with the sample size that has the resamples' standard deviation.
    """
    error = float(np.std(resampled, ddof=1))
    effective = effective_groups(groups)
    if effective < MIN_GROUPS or not np.isfinite(error):
        return Interval(value, float("nan"), float("nan"))
    size = value * (1 - value) / error**2 if error > 0 and 0 < value < 1 else effective
    size = size if stratified else min(size, len(groups))
    low, high = wilson(value, size, t_quantile(effective - 1))
    return Interval(value, float(low), float(high))


def loss_interval(value: float, resampled: np.ndarray, groups: np.ndarray) -> Interval:
    """Return the 95 % interval of a score above 0, such as a loss; on the logarithmic scale, so that it stays above 0.

    `resampled`: (R,) its value in each resample; `groups`: (N,) those of the videos.
    """
    error = float(np.std(resampled, ddof=1))
    effective = effective_groups(groups)
    if effective < MIN_GROUPS or not (np.isfinite(error) and value > 0):
        return Interval(value, float("nan"), float("nan"))
    factor = float(np.exp(t_quantile(effective - 1) * error / value))  # error / value: the standard error of log value
    return Interval(value, value / factor, value * factor)
