"""Tests of models on data sets of which those of a run are a sample, by random orders of the models on each data set.

If some models were equally good on such data sets, each data set might as well have given its accuracies to them in
another order. Formulas and a simulation: docs/evaluation.md, "Several data sets".
"""

from functools import cache
from itertools import combinations

import numpy as np

from vidbench.evaluation.across_limits import MIN_DATA_SETS

ORDERS = 4_999  # random ones
ROUNDING = 1e-9  # sums of accuracies that differ by less are equal


def p_on_new(top1: np.ndarray, number: int = ORDERS) -> np.ndarray:
    """Return p values (..., P) of all pairs, adjusted for their number, from accuracies (..., K, M).

    Ryan's procedure: two models are told apart where each stretch of models that holds both, in the order of means, is.
    So a model that is far from all others does not hide the differences between these. Orders of the two alone must
    tell them apart, too, for a model may vary more from data set to data set than the others do: on five data sets none
    are, as the signs of the differences agree by chance in one of 16 cases. NaN with fewer than MIN_DATA_SETS.
    """
    data_sets, models = top1.shape[-2:]
    pairs = list(combinations(range(models), 2))
    if data_sets < MIN_DATA_SETS or not pairs:
        return np.full((*top1.shape[:-2], len(pairs)), np.nan)
    order = np.argsort(-top1.mean(axis=-2), axis=-1, kind="stable")  # (..., M) the models, the best first
    ranked = np.take_along_axis(top1, order[..., None, :], axis=-1)
    adjusted = p_of_stretches(ranked, number)
    place = np.argsort(order, axis=-1)
    first, second = (place[..., [pair[end] for pair in pairs]] for end in (0, 1))
    flat = adjusted.reshape(*adjusted.shape[:-2], models * models)
    of_stretches = np.take_along_axis(flat, np.minimum(first, second) * models + np.maximum(first, second), axis=-1)
    of_pairs = [p_of_range(top1[..., list(pair)], number) for pair in pairs]
    return np.maximum(of_stretches, np.stack(of_pairs, axis=-1))


def p_of_stretches(ranked: np.ndarray, number: int) -> np.ndarray:
    """Return adjusted p values (..., M, M) of the stretches [first, last] of models that are in the order of means.

    A stretch of n of M models is tested at n / M of the level (Ryan 1960), for there may be others beside it; one of M
    or M - 1 at all of it. Its p value is at least that of each stretch that holds it.
    """
    models = ranked.shape[-1]
    adjusted = np.ones((*ranked.shape[:-2], models, models))
    for length in range(models, 1, -1):
        share = 1.0 if length >= models - 1 else length / models
        for first in range(models - length + 1):
            last = first + length - 1
            p_value = p_of_range(ranked[..., first : last + 1], number) / share
            if first > 0:
                p_value = np.maximum(p_value, adjusted[..., first - 1, last])
            if last < models - 1:
                p_value = np.maximum(p_value, adjusted[..., first, last + 1])
            adjusted[..., first, last] = np.minimum(p_value, 1)
    return adjusted


def p_of_range(accuracies: np.ndarray, number: int) -> np.ndarray:
    """Return the share (...) of random orders whose means are as far apart as those of accuracies (..., K, n)."""
    data_sets, models = accuracies.shape[-2:]
    orders = random_orders(data_sets, models, number)
    sums = np.zeros((*accuracies.shape[:-2], number, models))
    for k in range(data_sets):
        sums += accuracies[..., k, :][..., orders[:, k]]
    observed = np.ptp(accuracies.sum(axis=-2), axis=-1)
    return (1 + (np.ptp(sums, axis=-1) >= observed[..., None] - ROUNDING).sum(axis=-1)) / (1 + number)


@cache
def random_orders(data_sets: int, models: int, number: int) -> np.ndarray:
    """Return random orders (B, K, n) of n models, one per data set."""
    return np.random.default_rng(0).random((number, data_sets, models)).argsort(axis=-1)
