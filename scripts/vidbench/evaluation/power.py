"""What a data set can resolve: the smallest difference that a test finds, and the groups that others would need.

From standard errors alone, never from the differences that were observed: a power computed from these only says the
p value again (Hoenig and Heisey 2001).
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import stats

from vidbench.evaluation.significance import LEVEL, Comparison
from vidbench.evaluation.tables import PairedDifference

POWER = 0.8
DIFFERENCES = (1, 2, 5)  # points of 100


def required_errors(freedom: float, tests: int) -> float:
    """Standard errors that a true difference has to be large to be found with a power of 0.8.

    t + 0.84, t of Bonferroni's level for all tests of the run, so that it is found by Holm's procedure whatever the
    other pairs are.
    """
    return float(stats.t.ppf(1 - LEVEL / 2 / tests, freedom) + stats.norm.ppf(POWER))


def detectable_difference(error: float, freedom: float, tests: int) -> float:
    """The smallest difference found with a power of 0.8, a fraction; NaN where the two models never differed."""
    return required_errors(freedom, tests) * error if error > 0 else float("nan")


def groups_needed(points: float, groups: int, error: float, seed_variance: float, freedom: float, tests: int) -> float:
    """Groups like these that it takes to find a difference of so many points with a power of 0.8.

    G ((t + 0.84) SE / delta)^2 with one seed. The variance over seeds stays with more groups; infinite where it alone
    is too large, NaN where the two models never differed.
    """
    if not error > 0:
        return float("nan")
    allowed = (points / 100 / required_errors(freedom, tests)) ** 2 - seed_variance
    return groups * (error**2 - seed_variance) / allowed if allowed > 0 else float("inf")


def power_columns(test: Comparison[float], groups: int, tests: int) -> dict[str, float]:
    """detectable and groups_for_1 ... of pairwise.csv, NaN and infinite as in the functions above."""
    error, seeds, freedom = test.standard_error, test.seed_variance, test.freedom
    columns = {"detectable": detectable_difference(error, freedom, tests)}
    for points in DIFFERENCES:
        columns[f"groups_for_{points}"] = groups_needed(points, groups, error, seeds, freedom, tests)
    return columns


def without_infinite(row: PairedDifference) -> PairedDifference:
    """Return a row of pairwise.csv with an empty cell where no number of groups would do, or none is known."""
    numbers = {name: getattr(row, name) for name in ("detectable", *(f"groups_for_{points}" for points in DIFFERENCES))}
    return replace(row, **{name: value if np.isfinite(value) else None for name, value in numbers.items()})


def resolution(num_groups: int, effective: float, enough: bool, pairs: Sequence[PairedDifference]) -> dict:
    """The content of resolution.json, medians over the rows of pairwise.csv."""
    smallest = _median([row.detectable for row in pairs]) if enough else None
    needed = {str(points): _median([getattr(row, f"groups_for_{points}") for row in pairs]) for points in DIFFERENCES}
    return {
        "num_groups": num_groups,
        "effective_groups": effective,
        "enough_groups": enough,
        "tests": len(pairs),
        "detectable": smallest,
        "groups_for": {points: value and _rounded(value) for points, value in needed.items()},
        "text": _text(num_groups, enough, len(pairs), smallest, needed),
    }


def _median(values: Sequence[float | None]) -> float | None:
    """Return the median of the non-missing values, some of which may be infinite; None for none or an infinite one."""
    there = np.array([value for value in values if value is not None and not np.isnan(value)])
    if not len(there):
        return None
    middle = np.sort(there)[[(len(there) - 1) // 2, len(there) // 2]]
    return float(middle.mean()) if np.isfinite(middle).all() else None


def _text(num_groups: int, enough: bool, tests: int, smallest: float | None, needed: dict[str, float | None]) -> str:
    """The same in one sentence."""
    if not enough:
        few = "1 group is" if num_groups == 1 else f"{num_groups} groups are"
        return f"{few} too few to say how sure any difference is."
    if not tests:
        return "There is one model: nothing was compared."
    if smallest is None:
        return "The models differ by the same in every group: nothing says what difference would be found."
    if smallest > 1:
        return f"With these {num_groups} groups and this spread over seeds, no difference is found with 80 % power."
    wanted = [(points, value) for points, value in needed.items() if value is not None and value > num_groups]
    text = f"With these {num_groups} groups, a difference of {100 * smallest:.1f} points is found with 80 % power"
    text += f" (median of the {tests} pairs of models)" if tests > 1 else ""
    if wanted:
        points, value = wanted[-1]
        text += f"; {points} {'point' if points == '1' else 'points'} would need about {_rounded(value):,} groups"
    hidden = [points for points, value in needed.items() if value is None]
    if hidden:
        points = f"{' and '.join(hidden)} {'point' if hidden == ['1'] else 'points'}"
        text += f"; the spread over seeds alone hides {points}, with any number of groups"
    return f"{text}."


def _rounded(value: float) -> int:
    """Two significant digits: no more is known of such a number."""
    return int(float(f"{value:.2g}"))
