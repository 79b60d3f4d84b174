"""Measures of planted data sets in memory: what comparisons over several data sets are tested on."""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

from vidbench.evaluation.across_measures import DataSetMeasures
from vidbench.evaluation.groups import Groups
from vidbench.evaluation.significance import paired_differences, pooled_seed_variance

GROUPS, SIZE, RESAMPLES = 60, 5, 400
NO_SEEDS = np.zeros(1)


def data_set(
    name: str, top1: Mapping[str, float], number: int, groups: int = GROUPS, **more: object
) -> DataSetMeasures:
    """A data set on which models have about these accuracies: what is hard is mostly so for all of them."""
    random = np.random.default_rng(number)
    group = np.repeat(np.arange(groups), SIZE)
    common = random.random(len(group))
    right = {model: (0.8 * common + 0.2 * random.random(len(group)) < share).astype(float)
             for model, share in top1.items()}  # fmt: skip
    return measured(name, right, group, number, **more)


def measured(
    name: str, right: Mapping[str, np.ndarray], group: np.ndarray, number: int, **more: object
) -> DataSetMeasures:
    """The measures of models that are right on these videos (N,)."""
    structure = Groups.of(group)
    sums = {model: structure.sums(values) for model, values in right.items()}
    tests = {
        (a, b): paired_differences(
            sums[a] - sums[b], structure, NO_SEEDS, NO_SEEDS, pooled_seed_variance([])
        ).as_floats()
        for a, b in combinations(right, 2)
    }
    accuracies = np.array([values.mean() for values in right.values()])
    count = len(structure.sizes)
    weights = np.random.default_rng(number).multinomial(count, np.full(count, 1 / count), RESAMPLES)
    table = np.stack(list(sums.values()))
    values = {
        "models": tuple(right),
        "top1": accuracies,
        "low": np.maximum(accuracies - 0.05, 0),
        "high": np.minimum(accuracies + 0.05, 1),
        "draws": weights @ table.T / (weights @ structure.sizes)[:, None],
        "tests": tests,
        "effective_groups": structure.effective,
        "num_seeds": dict.fromkeys(right, 1),
        "files": frozenset(f"{name}/{video}" for video in range(len(group))),
    }
    return DataSetMeasures(name=name, **values | more)


def data_sets(tops: Sequence[Mapping[str, float]]) -> list[DataSetMeasures]:
    """Data sets d0, d1 ... with these accuracies of their models."""
    return [data_set(f"d{number}", top1, number) for number, top1 in enumerate(tops)]
