"""Power analysis: the smallest difference that a data set can detect, and the groups that smaller ones would need.

From standard errors alone, never from the differences that were observed: a power computed from these only restates the
p value (Hoenig and Heisey 2001).
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import special

from vidbench.evaluation.significance import LEVEL, Comparison
from vidbench.evaluation.tables import PairedDifference

POWER = 0.8
DIFFERENCES = (1, 2, 5)  # percentage points


def required_errors(freedom: float, tests: int) -> float:
    """Return how many standard errors a true difference must measure to be found with a power of 0.8.

    It is t + 0.84, with t of Bonferroni's level for all tests of the run, so that Holm's procedure finds the difference
    whatever the other pairs are.
    """
    return float(special.stdtrit(freedom, 1 - LEVEL / 2 / tests) + special.ndtri(POWER))


def detectable_difference(error: float, freedom: float, tests: int) -> float:
    """Return the smallest difference found with a power of 0.8, a fraction; NaN where the two models never differed."""
    return required_errors(freedom, tests) * error if error > 0 else float("nan")


def groups_needed(points: float, groups: int, error: float, seed_variance: float, freedom: float, tests: int) -> float:
    """Return the number of groups like these that finds a difference of this many points with a power of 0.8.

    It is G ((t + 0.84) SE / delta)^2 with one seed. More groups do not reduce the variance over seeds: infinite where
    that alone is too large, NaN where the two models never differed.
    """
    if not error > 0:
        return float("nan")
    allowed = (points / 100 / required_errors(freedom, tests)) ** 2 - seed_variance
    return groups * (error**2 - seed_variance) / allowed if allowed > 0 else float("inf")


def power_columns(test: Comparison[float], groups: int, tests: int) -> dict[str, float]:
    """Return the columns detectable and groups_for_1 ... of pairwise.csv, with NaN and infinity as above."""
    error = test.standard_error
    columns = {"detectable": detectable_difference(error, test.freedom, tests)}
    for points in DIFFERENCES:
        columns[f"groups_for_{points}"] = groups_needed(points, groups, error, test.seed_variance, test.freedom, tests)
    return columns


def without_infinite(row: PairedDifference) -> PairedDifference:
    """Return a row of pairwise.csv with an empty cell where no number of groups would do, or none is known."""
    numbers = {name: getattr(row, name) for name in ("detectable", *(f"groups_for_{points}" for points in DIFFERENCES))}
    return replace(row, **{name: value if np.isfinite(value) else None for name, value in numbers.items()})


def resolution(num_groups: int, effective: float, enough: bool, pairs: Sequence[PairedDifference]) -> dict:
    """Return the content of resolution.json: medians over rows of pairwise.csv, and a sentence."""
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
    present = np.array([value for value in values if value is not None and not np.isnan(value)])
    if not len(present):
        return None
    middle = np.sort(present)[[(len(present) - 1) // 2, len(present) // 2]]
    return float(middle.mean()) if np.isfinite(middle).all() else None


def _text(num_groups: int, enough: bool, tests: int, smallest: float | None, needed: dict[str, float | None]) -> str:
    """Return the numbers of resolution.json in one sentence."""
    if not enough:
        groups = "1 group is" if num_groups == 1 else f"{num_groups} groups are"
        return f"{groups} too few to say how sure any difference is."
    if not tests:
        return "There is one model: nothing was compared."
    if smallest is None:
        return "The models differ by the same in every group: nothing says what difference would be found."
    if smallest > 1:
        return f"With these {num_groups} groups and this spread over seeds, no difference is found with 80 % power."
    lacking = [(points, value) for points, value in needed.items() if value is not None and value > num_groups]
    text = f"With these {num_groups} groups, a difference of {100 * smallest:.1f} points is found with 80 % power"
    text += f" (median of the {tests} pairs of models)" if tests > 1 else ""
    if lacking:
        points, value = lacking[-1]
        text += f"; {points} {'point' if points == '1' else 'points'} would need about {_rounded(value):,} groups"
    hidden = [points for points, value in needed.items() if value is None]
    if hidden:
        points = f"{' and '.join(hidden)} {'point' if hidden == ['1'] else 'points'}"
        text += f"; the spread over seeds alone hides {points}, with any number of groups"
    return f"{text}."


def _rounded(value: float) -> int:
    """Round to two significant digits: no more is known of such a number."""
    return int(float(f"{value:.2g}"))
