"""Intervals and paired tests for accuracies of videos that come in groups.

Videos of one group (a person, a scene, a source) are alike, so groups are what was sampled: an
interval by video would cover far too rarely. Method, formulas and a simulation: docs/evaluation.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np

from vidbench.evaluation.groups import Groups

LEVEL = 0.05
CONFIDENCE = 0.95
MIN_GROUPS = 10  # effective groups; with fewer there is no interval and no test
MIN_SEEDS = 3  # of both models; with fewer a test is about the trained weights, not about architectures


@dataclass(frozen=True)
class Interval:
    """A value with its 95 % interval; low and high are NaN where there are too few groups."""

    value: float
    low: float
    high: float


def effective_groups(groups: np.ndarray) -> float:
    """Return N^2 / sum n_g^2, the number of equally large groups that carry the same information."""
    return Groups.of(groups).effective


def group_variance(values: np.ndarray, groups: np.ndarray, classes: np.ndarray | None = None) -> float:
    """Return the variance of the mean of `values` (N,) over videos in groups; stratified where classes allow it."""
    structure = Groups.of(groups, classes)
    return float(structure.variance(structure.sums(values)))


def accuracy_interval(correct: np.ndarray, groups: np.ndarray, classes: np.ndarray) -> Interval:
    """Return the Wilson interval of an accuracy, with an effective sample size from the groups.

    `correct` (N,) in [0, 1]: right or wrong, or the mean over seeds.
    """
    structure = Groups.of(groups, classes)
    return Interval(*(float(part) for part in intervals(structure.sums(correct), structure)))


def intervals(sums: np.ndarray, groups: Groups) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return accuracies and their 95 % intervals: value, low and high, (...) each, from right videos by group (..., G).

    Formulas: docs/evaluation.md, "The interval of an accuracy". It is Wilson's with an effective sample size,
    p (1 - p) / V, in place of N, and with Student's t in place of the normal quantile. V N / (p (1 - p)) is the design
    effect; it equals 1 + (N / effective groups - 1) rho, rho being the correlation within groups, on which t's degrees
    of freedom depend.
    """
    total = groups.total
    p = np.asarray(sums.sum(axis=-1) / total)
    if groups.effective < MIN_GROUPS:
        return p, np.full(p.shape, np.nan), np.full(p.shape, np.nan)
    spread = p * (1 - p)
    variance = groups.variance(sums)
    max_inflation = total / groups.effective  # where all videos of a group have the same result: rho = 1
    with np.errstate(divide="ignore", invalid="ignore"):
        effective = np.where(variance > 0, spread / variance, total)
        inflation = variance * total / spread  # the design effect
    if not groups.stratified:
        effective = np.minimum(effective, total)
    rho = np.clip((inflation - 1) / (max_inflation - 1), 0, 1) if max_inflation > 1 else np.zeros(p.shape)
    # All right or all wrong: no variance to estimate rho from, so the worst is assumed, one result per group.
    extreme = (p <= 0) | (p >= 1)
    effective = np.where(extreme, groups.effective, effective)
    rho = np.where(extreme, 1.0, rho)
    return p, *wilson(p, effective, t_quantile(groups.degrees_of_freedom(rho)))


def t_quantile(freedom: np.ndarray | float) -> Any:
    """Return Student's quantile (...) for a 95 % interval with these degrees of freedom (...); NaN for 0."""
    # Here, as not all that import this module compute. Importing scipy.stats would take longer than most steps do.
    from scipy.special import stdtrit

    return stdtrit(freedom, 0.5 + CONFIDENCE / 2)


def wilson(p: np.ndarray | float, size: np.ndarray | float, t: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
    """Return low and high of Wilson's interval of a share p (...) of `size` videos; t: Student's quantile."""
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
    """Pool the variance over seeds of models with these accuracies (..., S); a model with one seed adds nothing."""
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
    """Test two models on the same videos by a paired group t test.

    a, b: (N,) correctness, mean over seeds. seeds_a, seeds_b: (S,) accuracy of each seed; with fewer
    than two seeds of a model the test is about these trained weights, not about the architectures.
    pooled: the variance over seeds of all models of the run (default: of these two).
    """
    structure = Groups.of(groups)
    sums = structure.sums(np.subtract(a, b, dtype=float))
    return paired_differences(sums, structure, seeds_a, seeds_b, pooled).as_floats()


def paired_differences(
    sums: np.ndarray, groups: Groups, seeds_a: np.ndarray, seeds_b: np.ndarray, pooled: SeedVariance | None = None
) -> Comparison[np.ndarray]:
    """Test many differences at once by paired group t tests: sums (..., G) of a - b over groups, seeds (..., S).

    Degrees of freedom are Bell and McCaffrey's; of groups of unequal size there are far fewer than G - 1.
    """
    from scipy.special import stdtr

    difference = np.asarray(sums.sum(axis=-1) / groups.total)
    if groups.effective < MIN_GROUPS:
        unknown = np.full(difference.shape, np.nan)
        return Comparison(difference, *[unknown] * 6)
    groups = groups.unstratified()
    between_groups = groups.variance(sums)
    df_groups = groups.degrees_of_freedom(0)
    between_seeds, df_seeds = seed_variance(seeds_a, seeds_b, pooled)
    variance = between_groups + between_seeds
    with np.errstate(divide="ignore", invalid="ignore"):
        # Satterthwaite: degrees of freedom of a sum of two variances
        parts = between_groups**2 / df_groups + between_seeds**2 / df_seeds
        df = np.where(variance > 0, variance**2 / parts, df_groups)
        error = np.sqrt(variance)
        p_value = 2 * stdtr(df, -np.abs(difference) / error)
    p_value = np.where(variance > 0, p_value, np.where(difference == 0, 1.0, 0.0))
    half = t_quantile(df) * error
    return Comparison(difference, difference - half, difference + half, p_value, error, between_seeds, df)


def seed_variance(a: np.ndarray, b: np.ndarray, pooled: SeedVariance | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return the variance of the difference of seed means, of a and b (..., S), and its degrees of freedom.

    It is the larger of the pooled variance and that of these two models, whose spread may be small by chance; 0 where
    one of them has one seed. A model without seeds, S = 0, is one in which nothing is random: it adds no variance.
    """
    models = [np.asarray(model) for model in (a, b)]
    drawn = [model for model in models if model.shape[-1] > 0]
    if min((model.shape[-1] for model in drawn), default=0) < 2:
        return np.zeros(models[0].shape[:-1]), np.ones(models[0].shape[:-1])
    pooled = pooled or pooled_seed_variance(drawn)
    of_all = pooled.variance * sum(1 / model.shape[-1] for model in drawn)
    of_pair = sum(model.var(axis=-1, ddof=1) / model.shape[-1] for model in drawn)
    freedom = np.where(of_pair > of_all, sum(model.shape[-1] - 1 for model in drawn), pooled.freedom)
    return np.maximum(of_all, of_pair), freedom


def holm(p_values: np.ndarray) -> np.ndarray:
    """Return Holm-adjusted p values, over the last axis; NaN stays NaN."""
    p_values = np.asarray(p_values, float)
    order = np.argsort(p_values, axis=-1, kind="stable")  # NaN goes last
    tests = np.isfinite(p_values).sum(axis=-1, keepdims=True)
    scaled = np.take_along_axis(p_values, order, -1) * (tests - np.arange(p_values.shape[-1]))
    adjusted = np.empty_like(p_values)
    np.put_along_axis(adjusted, order, np.maximum.accumulate(np.minimum(scaled, 1), axis=-1), -1)
    return adjusted


def subject(seeds_a: int, seeds_b: int) -> str:
    """Return what a comparison of two models with these numbers of seeds is about; 0: nothing in one is random."""
    least = min((seeds for seeds in (seeds_a, seeds_b) if seeds), default=MIN_SEEDS)
    return "architectures" if least >= MIN_SEEDS else "these trained weights"


def tied_with_best(accuracies: np.ndarray, p_values: np.ndarray) -> np.ndarray:
    """Return a mask (..., M) of the models that are not told apart from any model that scored higher.

    accuracies (..., M); p_values (..., M, M), two-sided and unadjusted, are compared with 0.05 / (M - 1). Two models
    with a p value of NaN are not told apart.
    """
    models = accuracies.shape[-1]
    higher = accuracies[..., None, :] > accuracies[..., :, None]
    worse = higher & (p_values * max(models - 1, 1) <= LEVEL)
    return ~worse.any(axis=-1)
