"""Intervals and paired tests for accuracies of videos that come in groups.

Videos of one group (a person, a scene, a source) are alike, so the group is what was sampled: an
interval by video covers far too rarely. Method and formulas: docs/evaluation.md.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

CONFIDENCE = 0.95
FEWEST_GROUPS = 10  # effective groups under which nothing is said


@dataclass(frozen=True)
class Interval:
    """A 95 % interval of an accuracy; low and high are NaN where there are too few groups to say."""

    value: float
    low: float
    high: float


def _table(correct: np.ndarray, groups: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Videos and sum of `correct` of each group: n (G,), k (G,)."""
    _, number = np.unique(groups, return_inverse=True)
    return np.bincount(number).astype(float), np.bincount(number, weights=correct)


def effective_groups(groups: np.ndarray) -> float:
    """N^2 / sum n_g^2: the number of equally large groups that say as much."""
    n, _ = _table(np.zeros(len(groups)), groups)
    return float(n.sum() ** 2 / (n**2).sum())


def _residuals(correct: np.ndarray, groups: np.ndarray, classes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """k_g - n_g p and n_g / N of each group; within its class where every group lies in one class."""
    n, k = _table(correct, groups)
    _, first, number = np.unique(groups, return_index=True, return_inverse=True)
    _, class_number = np.unique(classes, return_inverse=True)
    stratum = class_number[first]
    nested = np.array_equal(stratum[number], class_number)
    if nested and np.bincount(stratum).min() >= 2:
        n_class, k_class = np.bincount(stratum, weights=n), np.bincount(stratum, weights=k)
        return k - n * (k_class / n_class)[stratum], n / n_class[stratum]
    return k - n * k.sum() / n.sum(), n / n.sum()


def group_variance(values: np.ndarray, groups: np.ndarray, classes: np.ndarray | None = None) -> float:
    """Variance of the mean of `values` (N,) over videos in groups; stratified where classes allow it."""
    strata = np.zeros(len(values)) if classes is None else classes
    residual, share = _residuals(values, groups, strata)
    if len(residual) < 2:
        return float("nan")
    return float((residual**2 / (1 - share)).sum() / len(values) ** 2)


def _degrees_of_freedom(n: np.ndarray, rho: float) -> float:
    """Bell and McCaffrey's: tr(B)^2 / tr(B^2), for the group sizes n (G,) and correlation rho."""
    total = n.sum()
    a = np.eye(len(n)) - np.outer(n, np.ones(len(n))) / total
    root = np.sqrt(1 / (1 - n / total))
    b = root[:, None] * (a * (n * (1 + (n - 1) * rho))) @ a.T * root
    return float(np.trace(b) ** 2 / (b * b.T).sum())


def accuracy_interval(correct: np.ndarray, groups: np.ndarray, classes: np.ndarray) -> Interval:
    """Wilson interval with an effective sample size from the groups.

    `correct` (N,) in [0, 1]: right or wrong, or the mean over seeds.
    """
    total, p = len(correct), float(np.mean(correct))
    n, _ = _table(correct, groups)
    if effective_groups(groups) < FEWEST_GROUPS:
        return Interval(p, float("nan"), float("nan"))
    design = (n**2).sum() / total
    if p in (0.0, 1.0):
        effective, rho = total / design, 1.0
    else:
        variance = group_variance(correct, groups, classes)
        unstratified = group_variance(correct, groups)
        effective = p * (1 - p) / variance if variance > 0 else float(total)
        if variance == unstratified:
            effective = min(effective, float(total))
        inflation = variance * total / (p * (1 - p))
        rho = float(np.clip((inflation - 1) / (design - 1), 0, 1)) if design > 1 else 0.0
    t = stats.t.ppf(0.5 + CONFIDENCE / 2, _degrees_of_freedom(n, rho))
    centre = (p + t * t / (2 * effective)) / (1 + t * t / effective)
    half = t / (1 + t * t / effective) * np.sqrt(p * (1 - p) / effective + (t / (2 * effective)) ** 2)
    return Interval(p, float(max(centre - half, 0)), float(min(centre + half, 1)))


@dataclass(frozen=True)
class Comparison:
    """Difference of two models' accuracies, a minus b, with its two-sided p value."""

    difference: float
    low: float
    high: float
    p_value: float


def paired_difference(
    a: np.ndarray, b: np.ndarray, groups: np.ndarray, seeds_a: np.ndarray, seeds_b: np.ndarray
) -> Comparison:
    """Paired group t test of two models on the same videos.

    a, b: (N,) correctness, mean over seeds. seeds_a, seeds_b: (S,) accuracy of each seed; with fewer
    than two seeds of a model the test is about these trained weights, not about the architectures.
    """
    difference = float(np.mean(a - b))
    between_groups = group_variance(a - b, groups)
    df_groups = len(np.unique(groups)) - 1
    between_seeds, df_seeds = _seed_variance(np.asarray(seeds_a), np.asarray(seeds_b))
    variance = between_groups + between_seeds
    if effective_groups(groups) < FEWEST_GROUPS or not np.isfinite(variance):
        nan = float("nan")
        return Comparison(difference, nan, nan, nan)
    if variance == 0:
        return Comparison(difference, difference, difference, 1.0 if difference == 0 else 0.0)
    # Satterthwaite: degrees of freedom of a sum of two variances
    df = variance**2 / (between_groups**2 / df_groups + between_seeds**2 / max(df_seeds, 1))
    error = np.sqrt(variance)
    half = stats.t.ppf(0.5 + CONFIDENCE / 2, df) * error
    p_value = 2 * stats.t.sf(abs(difference) / error, df)
    return Comparison(difference, difference - half, difference + half, float(p_value))


def _seed_variance(a: np.ndarray, b: np.ndarray) -> tuple[float, int]:
    """Variance of the difference of the seed means, and its degrees of freedom; 0 with one seed."""
    if len(a) < 2 or len(b) < 2:
        return 0.0, 0
    var_a, var_b = a.var(ddof=1), b.var(ddof=1)
    freedom = len(a) + len(b) - 2
    pooled = ((len(a) - 1) * var_a + (len(b) - 1) * var_b) / freedom
    return float(max(pooled * (1 / len(a) + 1 / len(b)), var_a / len(a) + var_b / len(b))), freedom


def holm(p_values: np.ndarray) -> np.ndarray:
    """Holm-adjusted p values; NaN stays NaN."""
    adjusted = np.full(len(p_values), np.nan)
    finite = np.flatnonzero(np.isfinite(p_values))
    order = finite[np.argsort(p_values[finite], kind="stable")]
    running = 0.0
    for rank, place in enumerate(order):
        running = max(running, min(1.0, (len(order) - rank) * p_values[place]))
        adjusted[place] = running
    return adjusted


def tied_with_best(accuracies: np.ndarray, p_values: np.ndarray) -> np.ndarray:
    """(M,) bool: not told apart from any model that scored higher.

    p_values (M, M), two-sided and unadjusted; each is held against 0.05 / (M - 1). NaN tells nothing apart.
    """
    models = len(accuracies)
    higher = accuracies[None, :] > accuracies[:, None]
    worse = higher & (p_values * max(models - 1, 1) <= 1 - CONFIDENCE)
    return ~worse.any(axis=1)
