"""What a data set can resolve: against power by simulation, and in words."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planted import pair_of
from scipy import stats

from vidbench.evaluation import power
from vidbench.evaluation.tables import PairedDifference

SIZES = st.floats(0.001, 0.2)


@pytest.mark.parametrize(("freedom", "tests"), [(14, 1), (26, 28), (700, 1), (700, 28)])
def test_the_detectable_difference_is_found_with_80_percent_power(freedom: int, tests: int) -> None:
    error = 0.02
    effect = power.detectable_difference(error, freedom, tests) / error
    critical = stats.t.ppf(1 - 0.05 / 2 / tests, freedom)
    assert stats.nct.sf(critical, freedom, effect) == pytest.approx(0.8, abs=0.035)


@given(SIZES, st.floats(0.5, 20), st.integers(10, 3000))
def test_groups_follow_the_formula_with_one_seed(error: float, points: float, groups: int) -> None:
    t = stats.t.ppf(0.975, 50)
    expected = groups * ((t + stats.norm.ppf(0.8)) * error / (points / 100)) ** 2
    assert power.groups_needed(points, groups, error, 0.0, 50, 1) == pytest.approx(expected)


@given(SIZES, SIZES, st.integers(10, 3000))
def test_that_many_groups_make_the_difference_detectable(between: float, seeds: float, groups: int) -> None:
    error, points = math.hypot(between, seeds), 20
    needed = power.groups_needed(points, groups, error, seeds**2, 50, 3)
    if math.isinf(needed):  # more groups leave the variance over seeds as it is
        assert power.detectable_difference(seeds, 50, 3) >= points / 100
    else:
        then = math.sqrt(between**2 * groups / needed + seeds**2)
        assert power.detectable_difference(then, 50, 3) == pytest.approx(points / 100)


def test_models_that_never_differ_tell_nothing() -> None:
    assert math.isnan(power.detectable_difference(0, 50, 1))
    assert math.isnan(power.groups_needed(1, 48, 0, 0, 50, 1))


def row(detectable: float, one: float, two: float = 500.0, five: float = 80.0) -> PairedDifference:
    return pair_of("a", "b", 0.1, detectable=detectable, groups_for_1=one, groups_for_2=two, groups_for_5=five)


@pytest.mark.parametrize(
    ("enough", "pairs", "expected", "words"),
    [
        (
            True,
            [row(0.05, 2000)],
            (0.05, 2000),
            "5.0 points is found with 80 % power; 2 points would need about 500",
        ),
        (True, [row(0.05, 2000), row(0.07, math.inf)], (0.06, None), "about 500 groups"),
        (True, [row(0.05, math.inf, math.inf)], (0.05, None), "the spread over seeds alone hides 1 and 2 points"),
        (True, [row(0.004, 20, 10, 5)], (0.004, 20), "of 0.4 points is found with 80 % power."),
        (True, [row(math.nan, math.nan, math.nan, math.nan)], (None, None), "differ by the same in every group"),
        (True, [row(1.56, math.inf)], (1.56, None), "no difference is found"),
        (True, [], (None, None), "nothing was compared"),
        (False, [row(math.nan, math.nan, math.nan, math.nan)], (None, None), "100 groups are too few"),
    ],
)
def test_the_sentence(enough: bool, pairs: list, expected: tuple, words: str) -> None:
    got = power.resolution(100, 95.0, enough, pairs)
    assert (got["detectable"], got["groups_for"]["1"]) == (pytest.approx(expected[0]), pytest.approx(expected[1]))
    assert words in got["text"]


def test_the_table_has_no_infinite_number() -> None:
    got = power.without_infinite(row(0.05, math.inf, math.nan))
    assert (got.groups_for_1, got.groups_for_2, got.groups_for_5) == (None, None, 80.0)
