"""What more videos of the same groups would do for an interval, and what as many videos of new groups would do."""

import math

import numpy as np

from vidbench.evaluation.explanations import Narrowing
from vidbench.evaluation.groups import Groups
from vidbench.evaluation.significance import MIN_GROUPS

MIN_PER_GROUP = 1.2  # videos: with fewer, nothing says how alike those of a group are


def narrowing(correct: np.ndarray, groups: Groups) -> Narrowing | None:
    """Return what twice the videos do, from results (N,); None where their likeness in groups is not known.

    With the design effect 1 + (m - 1) rho for m = sum n_g^2 / N videos per group, twice m divides the variance by
    2 (1 + (m - 1) rho) / (1 + (2m - 1) rho), twice the groups divides it by 2. rho is estimated as in
    significance.intervals.
    """
    p = float(correct.mean())
    size = groups.total / groups.effective
    if groups.effective < MIN_GROUPS or size < MIN_PER_GROUP or not 0 < p < 1:
        return None
    effect = float(groups.variance(groups.sums(correct))) * groups.total / (p * (1 - p))
    rho = min(max((effect - 1) / (size - 1), 0), 1)
    kept = (1 + (2 * size - 1) * rho) / (1 + (size - 1) * rho) / 2
    return Narrowing(size, 1 - math.sqrt(kept), 1 - math.sqrt(0.5))
