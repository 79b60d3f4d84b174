"""A model beside a simpler explanation in too few groups for intervals: all that is known is that both are no chance.

The answers of a model are exchanged between groups. If they have nothing to do with the classes, each exchange is as
likely as what was found, however few groups there are.
"""

import numpy as np

from vidbench.doctor.shortcuts import exchange_groups
from vidbench.evaluation.explanations import Alternative
from vidbench.evaluation.significance import LEVEL
from vidbench.evaluation.test_results import TestResults

EXCHANGES = 199


def compare_in_few_groups(name: str, model: np.ndarray, other: np.ndarray, results: TestResults) -> Alternative | None:
    """Compare a model's answers (S, T) with those of an alternative (S', T); None where either may be chance."""
    if not all(is_above_chance(predicted, results) for predicted in (model, other)):
        return None
    right, right_by_other = (
        float(results.pool((predicted == results.truth).mean(axis=0)).mean()) for predicted in (model, other)
    )
    return Alternative(name, right_by_other, None, None, right - right_by_other, None, None, None)


def is_above_chance(predicted: np.ndarray, results: TestResults) -> bool:
    """Return whether answers (S, T) are right more often than nearly all exchanges of them between groups."""
    found, random = (predicted == results.truth).mean(), np.random.default_rng(0)
    exchanges = [exchange_groups(results.group_numbers, random) for _ in range(EXCHANGES)]
    as_good = sum((predicted[:, rows] == results.truth).mean() >= found for rows in exchanges)
    return bool((1 + as_good) / (1 + EXCHANGES) <= LEVEL)
