"""Tests over several data sets: against one data set, against enumeration, and on planted differences."""

from itertools import combinations, product

import numpy as np
import pytest
from scipy import stats

from vidbench.evaluation import across_orders, across_tests


def one_pair(*values: float) -> np.ndarray:
    """(K, 1) numbers of one pair."""
    return np.array(values)[:, None]


def test_the_mean_has_the_variance_of_its_parts() -> None:
    found = across_tests.mean_difference(one_pair(0.1, 0.2), one_pair(0.03, 0.04), one_pair(30, 30))
    assert found.difference[0] == pytest.approx(0.15)
    error = 0.05 / 2
    df = 0.0025**2 / (0.03**4 / 30 + 0.04**4 / 30)
    assert found.p_value[0] == pytest.approx(2 * stats.t.sf(0.15 / error, df))
    assert found.high[0] - 0.15 == pytest.approx(stats.t.ppf(0.975, df) * error)
    assert found.spread[0] == pytest.approx(np.std([0.1, 0.2], ddof=1))


def test_a_data_set_that_lacks_one_of_the_two_does_not_count() -> None:
    known = across_tests.mean_difference(one_pair(0.1, 0.2), one_pair(0.03, 0.04), one_pair(30, 30))
    gap = across_tests.mean_difference(one_pair(0.1, np.nan, 0.2), one_pair(0.03, np.nan, 0.04), one_pair(30, 1, 30))
    assert gap.data_sets.tolist() == [2]
    assert gap.p_value == pytest.approx(known.p_value)
    single = across_tests.mean_difference(one_pair(0.1, np.nan), one_pair(0.03, np.nan), one_pair(30, 1))
    assert np.isnan([single.p_value[0], single.difference[0], single.low[0], single.spread[0]]).all()


def test_models_that_never_differ_are_not_told_apart() -> None:
    same = across_tests.mean_difference(one_pair(0, 0), one_pair(0, 0), one_pair(9, 9))
    assert same.p_value.tolist() == [1]
    always = across_tests.mean_difference(one_pair(0.1, 0.1), one_pair(0, 0), one_pair(9, 9))
    assert always.p_value.tolist() == [0]


def test_wins_are_corrected_over_all_pairs_and_data_sets() -> None:
    p_values = np.full((10, 3), 0.5)
    p_values[0, 0] = 0.001  # times 30 tests is more than 2.5 %
    assert not across_tests.told_apart_on_each(p_values).any()
    assert across_tests.told_apart_on_each(p_values[:2]).sum() == 1
    p_values[1, 1] = np.nan
    assert across_tests.told_apart_on_each(p_values[:2]).tolist() == [[True, False, False], [False] * 3]


def test_two_models_by_all_signs() -> None:
    """Orders of two models are signs of their differences."""
    differences = np.array([0.1, 0.2, 0.05, -0.02, 0.3, 0.1, 0.2])
    top1 = np.stack([0.5 + differences, np.full(7, 0.5)], axis=1)
    sums = [abs(np.dot(signs, differences)) for signs in product((-1, 1), repeat=7)]
    exact = np.mean(np.array(sums) >= differences.sum() - 1e-9)
    assert across_orders.p_on_new(top1)[0] == pytest.approx(exact, abs=0.006)


def test_five_data_sets_are_too_few_for_two_models_and_four_for_any() -> None:
    better = np.tile([0.9, 0.5], (5, 1))
    assert across_orders.p_on_new(better)[0] == pytest.approx(1 / 16, abs=0.01)
    assert np.isnan(across_orders.p_on_new(np.tile([0.9, 0.5, 0.4], (4, 1)))).all()


def test_a_model_far_from_all_others_hides_no_difference_between_these() -> None:
    random = np.random.default_rng(0)
    top1 = np.array([0.9, 0.8, 0.3]) + 0.01 * random.standard_normal((8, 3))
    assert np.all(across_orders.p_on_new(top1) < 0.05)
    assert across_orders.p_of_range(top1, 999) <= 0.001


def test_the_order_of_models_does_not_matter() -> None:
    random = np.random.default_rng(1)
    top1 = random.random((2, 6, 4))
    p_values = across_orders.p_on_new(top1, 499)
    turned = across_orders.p_on_new(top1[..., ::-1], 499)
    pairs = list(combinations(range(4), 2))
    same = [pairs.index((3 - b, 3 - a)) for a, b in pairs]
    assert p_values == pytest.approx(turned[..., same], abs=0.06)


def test_equal_models_are_told_apart_in_at_most_five_percent() -> None:
    top1 = np.random.default_rng(2).random((400, 6, 3))
    assert (across_orders.p_on_new(top1, 199) <= 0.05).any(axis=1).mean() < 0.08
