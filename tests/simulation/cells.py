"""One cell of the table: draw data sets, apply the method and the usual choices, count."""

from itertools import combinations

import numpy as np
from scipy import stats

from simulation.drawing import World, draw
from simulation.structures import Structure
from vidbench.evaluation import significance

RESAMPLES = 2000


def coverage(structure: Structure, world: World, data_sets: int, seed: int) -> dict[str, float]:
    """How often 95 % intervals of one model's accuracy hold the truth."""
    groups, truth = structure.groups, world.accuracies[0]
    sums = np.concatenate([groups.sums(chunk[:, 0, 0]) for chunk in draw(world, structure, data_sets, seed)])
    p, low, high = significance.intervals(sums, groups)
    hits = {"method": (low <= truth) & (truth <= high)}
    t = stats.norm.ppf(0.975)
    centre, half = wilson(p, groups.total, t)
    hits["by video"] = np.abs(truth - centre) <= half
    low, high = bootstrap(sums, groups.sizes, seed)
    hits["bootstrap"] = (low <= truth) & (truth <= high)
    return {name: float(hit.mean()) for name, hit in hits.items()}


def wilson(p: np.ndarray, number: float, z: float) -> tuple[np.ndarray, np.ndarray]:
    """Centre and half width of Wilson's interval, as if each video were a sample of its own."""
    centre = (p + z * z / (2 * number)) / (1 + z * z / number)
    return centre, z / (1 + z * z / number) * np.sqrt(p * (1 - p) / number + (z / (2 * number)) ** 2)


def bootstrap(sums: np.ndarray, sizes: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """(D, G) sums -> (D,) bounds of the percentile interval over resampled groups; the same resamples for all."""
    count = len(sizes)
    weights = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), RESAMPLES).astype(np.float32)
    number = weights @ sizes.astype(np.float32)
    means = (sums.astype(np.float32) @ weights.T) / number
    low, high = np.quantile(means, (0.025, 0.975), axis=1)
    return low, high


def pair_tests(
    chunk: np.ndarray, structure: Structure, use_seeds: bool = True
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(D, M, S, N) -> differences and p values (D, pairs) and accuracies (D, M), as compare_models.py computes them."""
    groups = structure.groups
    by_seed = groups.sums(chunk)  # (D, M, S, G)
    sums, seeds = by_seed.mean(axis=2), by_seed.sum(axis=-1) / groups.total
    if not use_seeds:
        seeds = seeds[..., :1]
    spread = significance.pooled_seed_variance(list(np.moveaxis(seeds, 1, 0)))
    tests = [
        significance.paired_differences(sums[:, a] - sums[:, b], groups, seeds[:, a], seeds[:, b], spread)
        for a, b in combinations(range(chunk.shape[1]), 2)
    ]
    differences, p_values = (np.stack([getattr(test, key) for test in tests], 1) for key in ("difference", "p_value"))
    return differences, p_values, sums.sum(axis=-1) / groups.total


def mcnemar(chunk: np.ndarray) -> np.ndarray:
    """(D, M, 1, N) -> (D, pairs) p values of McNemar's test, as if each video were a sample of its own."""
    right = chunk[:, :, 0].astype(np.float32)
    both = right @ right.transpose(0, 2, 1)
    p_values = []
    for a, b in combinations(range(chunk.shape[1]), 2):
        only_a, only_b = both[:, a, a] - both[:, a, b], both[:, b, b] - both[:, a, b]
        z = (only_a - only_b) / np.sqrt(np.maximum(only_a + only_b, 1))
        p_values.append(2 * stats.norm.sf(np.abs(z)))
    return np.stack(p_values, 1)


def any_pair_different(structure: Structure, world: World, data_sets: int, seed: int) -> dict[str, float]:
    """How often at least one pair is called different, after Holm; of equal models, the family-wise error."""
    found: dict[str, list[np.ndarray]] = {}
    for chunk in draw(world, structure, data_sets, seed):
        tests = {"method": pair_tests(chunk, structure)[1]}
        if world.seeds == 1:
            tests["McNemar"] = mcnemar(chunk)
        if world.seed_sd:
            tests["seeds ignored"] = pair_tests(chunk, structure, use_seeds=False)[1]
        for name, p_values in tests.items():
            found.setdefault(name, []).append((significance.holm(p_values) <= significance.LEVEL).any(axis=1))
    return {name: float(np.concatenate(hits).mean()) for name, hits in found.items()}


def first_pair_found(structure: Structure, world: World, data_sets: int, seed: int) -> dict[str, float]:
    """Power: how often the first two models are called different after Holm, with the right sign."""
    sign = np.sign(world.accuracies[0] - world.accuracies[1])
    hits = []
    for chunk in draw(world, structure, data_sets, seed):
        differences, p_values, _ = pair_tests(chunk, structure)
        hits.append((significance.holm(p_values)[:, 0] <= significance.LEVEL) & (differences[:, 0] * sign > 0))
    return {"method": float(np.concatenate(hits).mean())}


def best_left_out(structure: Structure, world: World, data_sets: int, seed: int) -> dict[str, float]:
    """How often the first model, a true best, is not among those tied with the best."""
    models = len(world.accuracies)
    left_out = []
    for chunk in draw(world, structure, data_sets, seed):
        _, p_values, accuracies = pair_tests(chunk, structure)
        square = np.full((len(chunk), models, models), np.nan)
        for place, (a, b) in enumerate(combinations(range(models), 2)):
            square[:, a, b] = square[:, b, a] = p_values[:, place]
        left_out.append(~significance.tied_with_best(accuracies, square)[:, 0])
    return {"method": float(np.concatenate(left_out).mean())}
