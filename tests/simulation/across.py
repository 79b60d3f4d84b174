"""Cells of several data sets: draw runs over K data sets whose truth is known, apply the method, count.

A run has K data sets with the structures below, one after another, each with an accuracy level of its own. The models
are equal on all of them, or one is better everywhere, or they differ from data set to data set: then their differences
are given to the models in a random order on each data set, so that in the mean over such data sets they are equal.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import combinations

import numpy as np

from simulation.drawing import World, draw
from simulation.structures import Structure, few, gestures, nested, published
from vidbench.evaluation import across_orders, across_ranks, across_tests, significance
from vidbench.evaluation.across_limits import MIN_DATA_SETS
from vidbench.evaluation.bootstrap import draw_group_weights

LEVELS = (0.7, 0.8, 0.5, 0.75, 0.6)  # accuracies of the data sets, one after another
RESAMPLES = 200
ORDERS = 499


@dataclass(frozen=True)
class Design:
    """How runs over several data sets come about."""

    data_sets: int  # K
    models: int = 4  # M
    better: float = 0.0  # of the first model, on every data set
    spread: float = 0.0  # between the models of a data set, lowest to highest, in a random order on each
    seeds: int = 1
    seed_sd: float = 0.0
    likeness: float = 0.5
    one_differs: bool = False  # the spread is between the first model and all others, which are alike


@dataclass(frozen=True)
class Drawn:
    """D runs: results of K data sets, for M models and P pairs."""

    top1: np.ndarray  # (D, K, M)
    difference: np.ndarray  # (D, K, P)
    error: np.ndarray
    freedom: np.ndarray
    p_value: np.ndarray
    draws: np.ndarray | None  # (D, K, R, M) with resampled groups


@cache
def kinds() -> tuple[Structure, ...]:
    """The structures that data sets have, one after another: 1,530, 217, 60 and 118 test videos."""
    return published("hmdb51", 1), gestures(), few(), nested()


def draw_runs(design: Design, runs: int, seed: int, resampled: bool = False) -> Drawn:
    """Draw runs, and test every pair on every data set as compare_data_sets.py does."""
    structures = kinds()
    parts = [
        _data_set(design, structures[k % len(structures)], LEVELS[k % len(LEVELS)], runs, 1000 * seed + k, resampled)
        for k in range(design.data_sets)
    ]
    return Drawn(*(None if found[0] is None else np.stack(found, axis=1) for found in zip(*parts, strict=True)))


def _data_set(design: Design, structure: Structure, level: float, runs: int, seed: int, resampled: bool):
    """One data set of all runs: accuracies (D, M), difference, error, freedom, p (D, P), draws (D, R, M)."""
    weights = draw_group_weights(structure.groups.stratum, RESAMPLES, seed).astype(float) if resampled else None
    found = []
    for chunk in _in_random_order(design, structure, level, runs, seed):
        by_seed = structure.groups.sums(chunk)  # (D, M, S, G)
        sums, seeds = by_seed.mean(axis=2), by_seed.sum(axis=-1) / structure.groups.total
        spread = significance.pooled_seed_variance(list(np.moveaxis(seeds, 1, 0)))
        tests = [
            significance.paired_differences(sums[:, a] - sums[:, b], structure.groups, seeds[:, a], seeds[:, b], spread)
            for a, b in combinations(range(design.models), 2)
        ]
        fields = ("difference", "standard_error", "freedom", "p_value")
        numbers = [np.stack([np.broadcast_to(getattr(t, f), t.difference.shape) for t in tests], 1) for f in fields]
        draws = None
        if weights is not None:
            draws = np.einsum("rg,dmg->drm", weights, sums) / (weights @ structure.groups.sizes)[:, None]
        found.append((sums.sum(axis=-1) / structure.groups.total, *numbers, draws))
    return [None if part[0] is None else np.concatenate(part) for part in zip(*found, strict=True)]


def _in_random_order(design: Design, structure: Structure, level: float, runs: int, seed: int) -> Iterator[np.ndarray]:
    """Chunks (D, M, S, N) of one data set; the first model's difference is each of `spread` equally often."""
    random = np.random.default_rng(seed)
    chunks = []
    for place in range(design.models):
        accuracies = level + _offsets(design, place)
        world = World(tuple(accuracies), design.likeness, seeds=design.seeds, seed_sd=design.seed_sd)
        others = [other for other in range(design.models) if other != place]
        for chunk in draw(world, structure, -(-runs // design.models), seed * design.models + place):
            order = np.array([[place, *random.permutation(others)] for _ in chunk])
            chunks.append(np.take_along_axis(chunk, order[:, :, None, None], axis=1))
    mixed = np.concatenate(chunks)
    yield mixed[random.permutation(len(mixed))[:runs]]


def _offsets(design: Design, place: int) -> np.ndarray:
    """(M,) what models are above the data set's level, where the first model has this place among them."""
    if design.one_differs:
        offsets = np.where(np.arange(design.models) == place, (-0.5, 0.5)[place % 2], 0) * design.spread
    else:
        offsets = np.linspace(-0.5, 0.5, design.models) * design.spread
    return offsets + design.better * (np.arange(design.models) == place)


@dataclass(frozen=True)
class Claims:
    """What is claimed in D runs, (D, ...)."""

    wins: np.ndarray  # (D, K, P)
    on_mean: np.ndarray  # (D, P)
    on_new: np.ndarray  # (D, P)
    by_rank: np.ndarray  # (D, P)


def claims(drawn: Drawn) -> Claims:
    """Apply the method: which pairs are told apart, on each data set, on the mean, on new ones, by their ranks."""
    mean = across_tests.mean_difference(drawn.difference, drawn.error, drawn.freedom)
    p_mean = across_tests.adjust_for_mean(mean.p_value)
    _, data_sets, models = drawn.top1.shape
    p_new = across_orders.p_on_new(drawn.top1, ORDERS)
    ranks = across_ranks.ranks(drawn.top1).mean(axis=1)
    pairs = list(combinations(range(models), 2))
    apart = np.stack([np.abs(ranks[:, a] - ranks[:, b]) for a, b in pairs], 1)
    by_rank = np.zeros(apart.shape, bool)
    if data_sets >= MIN_DATA_SETS:
        by_rank = apart > across_ranks.critical_difference(data_sets, models) + 1e-9
    wins = across_tests.told_apart_on_each(drawn.p_value)
    return Claims(wins, p_mean <= significance.LEVEL, across_tests.told_apart_on_new(p_new, p_mean), by_rank)


def false_claims(design: Design, runs: int, seed: int) -> dict[str, float]:
    """How often models that are equal on every data set are told apart: anywhere on the page, or by their ranks."""
    found = claims(draw_runs(design, runs, seed))
    anywhere = found.wins.any(axis=(1, 2)) | found.on_mean.any(axis=1) | found.on_new.any(axis=1)
    return {"method": float(anywhere.mean()), "ranks": float(found.by_rank.any(axis=1).mean())}


def false_claims_on_new(design: Design, runs: int, seed: int) -> dict[str, float]:
    """How often models are told apart on data sets like these that are equal there in the mean, but not on each."""
    found = claims(draw_runs(design, runs, seed))
    equal = slice(design.models - 1 if design.better else 0, None)  # without the pairs of a first model that differs
    found_new, found_ranks = (apart[:, equal].any(axis=1) for apart in (found.on_new, found.by_rank))
    return {"method": float(found_new.mean()), "ranks": float(found_ranks.mean())}


def first_found(design: Design, runs: int, seed: int) -> dict[str, float]:
    """Power: how often the first model is called better than every other one."""
    drawn = draw_runs(design, runs, seed)
    found = claims(drawn)
    others = slice(0, design.models - 1)  # its pairs come first
    ahead = (drawn.difference.mean(axis=1) > 0)[:, others]
    ranks = across_ranks.ranks(drawn.top1).mean(axis=1)
    higher = ranks[:, :1] < ranks[:, 1:]
    each = (found.wins & (drawn.difference > 0))[:, :, others]
    return {
        "method": float((found.on_mean[:, others] & ahead).all(axis=1).mean()),
        "new": float((found.on_new[:, others] & ahead).all(axis=1).mean()),
        "ranks": float((found.by_rank[:, others] & higher).all(axis=1).mean()),
        "wins": float(each.mean()),
    }


def ranks_covered(design: Design, runs: int, seed: int) -> dict[str, float]:
    """How often intervals hold the mean rank, and the probability to be best on a new data set, of equal models."""
    drawn = draw_runs(design, runs, seed, resampled=True)
    assert drawn.draws is not None
    low, high = across_ranks.interval_on_these(across_ranks.ranks(drawn.draws))
    truth = (design.models + 1) / 2
    return {"these": _share_inside(low, truth, high)} | _covered_on_new(drawn, drawn.draws)


def ranks_covered_on_new(design: Design, runs: int, seed: int) -> dict[str, float]:
    """The same of models that are equal over data sets like these alone, which says nothing of these data sets."""
    drawn = draw_runs(design, runs, seed, resampled=True)
    assert drawn.draws is not None
    return _covered_on_new(drawn, drawn.draws)


def _covered_on_new(drawn: Drawn, draws: np.ndarray) -> dict[str, float]:
    models = drawn.top1.shape[-1]
    ranks = across_ranks.interval_on_new(across_ranks.ranks(drawn.top1), across_ranks.ranks(draws))
    _, low, high = across_ranks.best_on_new(across_ranks.best_shares(draws))
    best = _share_inside(low, 1 / models, high)
    return {"method": _share_inside(ranks[0], (models + 1) / 2, ranks[1]), "best": best}


def _share_inside(low: np.ndarray, truth: float, high: np.ndarray) -> float:
    return float(((low <= truth) & (truth <= high)).mean())
