"""Intervals and paired tests for accuracies of videos that come in groups.

Videos of one group (a person, a scene, a source) are alike, so the group is what was sampled: an
interval by video covers far too rarely. Method, formulas and a simulation: docs/evaluation.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from scipy import stats

from vidbench.evaluation.groups import Groups

LEVEL = 0.05
CONFIDENCE = 0.95
MIN_GROUPS = 10  # effective groups under which nothing is said
MIN_SEEDS = 3  # of both models, to say something about architectures


@dataclass(frozen=True)
class Interval:
    """A 95 % interval of an accuracy; low and high are NaN where there are too few groups to say."""

    value: float
    low: float
    high: float


def effective_groups(groups: np.ndarray) -> float:
    """N^2 / sum n_g^2: the number of equally large groups that say as much."""
    return Groups.of(groups).effective


def group_variance(values: np.ndarray, groups: np.ndarray, classes: np.ndarray | None = None) -> float:
    """Variance of the mean of `values` (N,) over videos in groups; stratified where classes allow it."""
    found = Groups.of(groups, classes)
    return float(found.variance(found.sums(values)))


def accuracy_interval(correct: np.ndarray, groups: np.ndarray, classes: np.ndarray) -> Interval:
    """Wilson interval with an effective sample size from the groups.

    `correct` (N,) in [0, 1]: right or wrong, or the mean over seeds.
    """
    found = Groups.of(groups, classes)
    return Interval(*(float(part) for part in intervals(found.sums(correct), found)))


def intervals(sums: np.ndarray, groups: Groups) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(..., G) right videos of each group -> accuracy, low and high, each (...). As accuracy_interval, many at once."""
    total = groups.total
    p = np.asarray(sums.sum(axis=-1) / total)
    if groups.effective < MIN_GROUPS:
        return p, np.full(p.shape, np.nan), np.full(p.shape, np.nan)
    spread, variance, design = p * (1 - p), groups.variance(sums), total / groups.effective
    with np.errstate(divide="ignore", invalid="ignore"):
        effective = np.where(variance > 0, spread / variance, total)
        inflation = variance * total / spread
    if not groups.stratified:
        effective = np.minimum(effective, total)
    rho = np.clip((inflation - 1) / (design - 1), 0, 1) if design > 1 else np.zeros(p.shape)
    extreme = (p <= 0) | (p >= 1)
    effective, rho = np.where(extreme, groups.effective, effective), np.where(extreme, 1.0, rho)
    t = stats.t.ppf(0.5 + CONFIDENCE / 2, groups.degrees_of_freedom(rho))
    return p, *wilson(p, effective, t)


def wilson(p: np.ndarray | float, size: np.ndarray | float, t: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
    """Low and high of Wilson's interval of a share p (...) of `size` independent videos; t: quantile of Student's t."""
    centre = (p + t * t / (2 * size)) / (1 + t * t / size)
    half = t / (1 + t * t / size) * np.sqrt(p * (1 - p) / size + (t / (2 * size)) ** 2)
    return np.maximum(centre - half, 0), np.minimum(centre + half, 1)


Number = TypeVar("Number", float, np.ndarray)


@dataclass(frozen=True)
class Comparison(Generic[Number]):
    """Difference of two models' accuracies, a minus b, with its two-sided p value; floats, or arrays of one shape."""

    difference: Number
    low: Number
    high: Number
    p_value: Number
    standard_error: Number
    seed_variance: Number  # the part of standard_error^2 that more videos do not make smaller
    freedom: Number  # degrees of freedom of Student's t

    def as_floats(self) -> "Comparison[float]":
        """Return a single comparison without its arrays of no dimension."""
        return Comparison(**{name: float(value) for name, value in vars(self).items()})


@dataclass(frozen=True)
class SeedVariance:
    """Variance of accuracy from seed to seed, pooled over models, and its degrees of freedom."""

    variance: np.ndarray | float
    freedom: int


def pooled_seed_variance(accuracies: Sequence[np.ndarray]) -> SeedVariance:
    """Of the models' (..., S) accuracies of each seed; models with one seed say nothing."""
    several = [np.asarray(model) for model in accuracies if np.shape(model)[-1] > 1]
    freedom = sum(model.shape[-1] - 1 for model in several)
    squares = sum((model.shape[-1] - 1) * model.var(axis=-1, ddof=1) for model in several)
    return SeedVariance(squares / freedom if freedom else 0.0, freedom)


def paired_difference(
    a: np.ndarray,
    b: np.ndarray,
    groups: np.ndarray,
    seeds_a: np.ndarray,
    seeds_b: np.ndarray,
    pooled: SeedVariance | None = None,
) -> Comparison[float]:
    """Paired group t test of two models on the same videos.

    a, b: (N,) correctness, mean over seeds. seeds_a, seeds_b: (S,) accuracy of each seed; with fewer
    than two seeds of a model the test is about these trained weights, not about the architectures.
    pooled: the variance over seeds of all models of the run (default: of these two).
    """
    found = Groups.of(groups)
    return paired_differences(found.sums(np.subtract(a, b, dtype=float)), found, seeds_a, seeds_b, pooled).as_floats()


def paired_differences(
    sums: np.ndarray, groups: Groups, seeds_a: np.ndarray, seeds_b: np.ndarray, pooled: SeedVariance | None = None
) -> Comparison[np.ndarray]:
    """As paired_difference, many at once: sums (..., G) of a - b over groups, seeds (..., S).

    Degrees of freedom of groups of unequal size are Bell and McCaffrey's, far fewer than G - 1.
    """
    difference = np.asarray(sums.sum(axis=-1) / groups.total)
    if groups.effective < MIN_GROUPS:
        unknown = np.full(difference.shape, np.nan)
        return Comparison(difference, *[unknown] * 6)
    groups = groups.unstratified()
    between_groups, df_groups = groups.variance(sums), groups.degrees_of_freedom(0)
    between_seeds, df_seeds = seed_variance(seeds_a, seeds_b, pooled)
    variance = between_groups + between_seeds
    with np.errstate(divide="ignore", invalid="ignore"):
        # Satterthwaite: degrees of freedom of a sum of two variances
        parts = between_groups**2 / df_groups + between_seeds**2 / df_seeds
        df = np.where(variance > 0, variance**2 / parts, df_groups)
        error = np.sqrt(variance)
        p_value = 2 * stats.t.sf(np.abs(difference) / error, df)
    p_value = np.where(variance > 0, p_value, np.where(difference == 0, 1.0, 0.0))
    half = stats.t.ppf(0.5 + CONFIDENCE / 2, df) * error
    return Comparison(difference, difference - half, difference + half, p_value, error, between_seeds, df)


def seed_variance(a: np.ndarray, b: np.ndarray, pooled: SeedVariance | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Variance of the difference of the seed means, a and b (..., S), and its degrees of freedom; 0 with one seed.

    The larger of the pooled variance and of these two models' own: a pair may have a small spread by luck.
    """
    a, b = np.asarray(a), np.asarray(b)
    seeds_a, seeds_b = a.shape[-1], b.shape[-1]
    if min(seeds_a, seeds_b) < 2:
        return np.zeros(a.shape[:-1]), np.ones(a.shape[:-1])
    pooled = pooled or pooled_seed_variance([a, b])
    together = pooled.variance * (1 / seeds_a + 1 / seeds_b)
    own = a.var(axis=-1, ddof=1) / seeds_a + b.var(axis=-1, ddof=1) / seeds_b
    freedom = np.where(own > together, seeds_a + seeds_b - 2, pooled.freedom)
    return np.maximum(together, own), freedom


def holm(p_values: np.ndarray) -> np.ndarray:
    """Holm-adjusted p values over the last axis; NaN stays NaN."""
    p_values = np.asarray(p_values, float)
    order = np.argsort(p_values, axis=-1, kind="stable")  # NaN goes last
    tests = np.isfinite(p_values).sum(axis=-1, keepdims=True)
    scaled = np.take_along_axis(p_values, order, -1) * (tests - np.arange(p_values.shape[-1]))
    adjusted = np.empty_like(p_values)
    np.put_along_axis(adjusted, order, np.maximum.accumulate(np.minimum(scaled, 1), axis=-1), -1)
    return adjusted


def subject(seeds_a: int, seeds_b: int) -> str:
    """What a comparison of two models with so many seeds is about."""
    return "architectures" if min(seeds_a, seeds_b) >= MIN_SEEDS else "these trained weights"


def tied_with_best(accuracies: np.ndarray, p_values: np.ndarray) -> np.ndarray:
    """(..., M) bool: not told apart from any model that scored higher.

    accuracies (..., M); p_values (..., M, M), two-sided and unadjusted; each is held against 0.05 / (M - 1). NaN tells
    nothing apart.
    """
    models = accuracies.shape[-1]
    higher = accuracies[..., None, :] > accuracies[..., :, None]
    worse = higher & (p_values * max(models - 1, 1) <= LEVEL)
    return ~worse.any(axis=-1)
