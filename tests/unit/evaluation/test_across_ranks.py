"""Ranks, critical differences and probabilities against SciPy, scikit-posthocs, and counting."""

import numpy as np
import pytest
from scipy import stats

from vidbench.evaluation import across_ranks


def test_ranks_are_those_of_scipy() -> None:
    random = np.random.default_rng(0)
    accuracies = np.round(random.random((50, 6)), 1)  # with ties
    assert np.array_equal(across_ranks.ranks(accuracies), stats.rankdata(-accuracies, axis=1))


def test_equal_accuracies_that_differ_by_rounding_share_a_rank() -> None:
    assert across_ranks.ranks(np.array([0.3, 0.1 + 0.2, 0.1])).tolist() == [1.5, 1.5, 3]


@pytest.mark.parametrize(("models", "quantile"), [(2, 1.960), (3, 2.343), (5, 2.728), (10, 3.164)])
def test_the_quantiles_are_those_of_demsars_table(models: int, quantile: float) -> None:
    found = across_ranks.studentized_range_quantile(0.95, models)
    assert found / np.sqrt(2) == pytest.approx(quantile, abs=1e-3)
    assert found == pytest.approx(stats.studentized_range.ppf(0.95, models, np.inf), abs=1e-4)


def test_two_models_differ_by_nemenyi_as_scikit_posthocs_says() -> None:
    posthocs = pytest.importorskip("scikit_posthocs")
    accuracies = np.random.default_rng(1).random((12, 5)) + np.array([0.5, 0.4, 0.0, 0.0, 0.0])
    p_values = posthocs.posthoc_nemenyi_friedman(accuracies).to_numpy()
    ranks = across_ranks.ranks(accuracies).mean(axis=0)
    apart = np.abs(ranks[:, None] - ranks) > across_ranks.nemenyi_difference(12, 5)
    assert apart.any()
    assert np.array_equal(apart, p_values <= 0.05)


def test_two_models_on_five_data_sets_are_never_told_apart_by_ranks() -> None:
    """One of two orders of five data sets in sixteen is all the same: more than 5 %."""
    assert across_ranks.critical_difference(5, 2) == 1
    assert across_ranks.nemenyi_difference(5, 2) < 1
    assert across_ranks.critical_difference(6, 2) < 1


def test_random_orders_exceed_the_critical_difference_in_at_most_five_percent() -> None:
    random = np.random.default_rng(5)
    for data_sets, models in ((5, 3), (8, 2), (10, 6)):
        means = across_ranks.ranks(random.random((5_000, data_sets, models))).mean(axis=1)
        above = np.ptp(means, axis=1) > across_ranks.critical_difference(data_sets, models) + 1e-9
        assert above.mean() < 0.06


@pytest.mark.parametrize(
    ("ranks", "difference", "expected"),
    [
        ([1.0, 1.5, 3.0], 1.0, [(0, 1)]),
        ([1.0, 1.5, 2.2, 3.0], 1.0, [(0, 1), (1, 2), (2, 3)]),
        ([1.0, 2.0, 3.0], 5.0, [(0, 2)]),
        ([1.0, 2.0, 3.0], 0.5, []),
        ([1.0, 1.6, 2.2], 1.2, [(0, 2)]),  # as far apart as the difference is not told apart
    ],
)
def test_bars_join_what_is_not_told_apart(ranks: list, difference: float, expected: list) -> None:
    assert across_ranks.groups_of_equal_ranks(ranks, difference) == expected


def test_the_probability_to_be_best_counts_one_more_data_set_on_which_all_are_equal() -> None:
    shares = across_ranks.best_shares(np.array([[[0.9, 0.5]] * 4, [[0.9, 0.5]] * 3 + [[0.1, 0.5]]]))
    assert shares.tolist() == [[1, 0], [0.75, 0.25]]
    value, low, high = across_ranks.best_on_new(shares)
    assert value == pytest.approx([2.25 / 3, 0.75 / 3])
    assert low[0] == pytest.approx(stats.beta.ppf(0.025, 2.25, 0.75))
    assert high[1] == pytest.approx(stats.beta.ppf(0.975, 0.75, 2.25))


def test_equally_good_models_share_the_resample() -> None:
    assert across_ranks.best_shares(np.array([[0.5, 0.5, 0.1]])).tolist() == [0.5, 0.5, 0]


def test_the_interval_of_a_rank_has_a_width_where_it_is_the_same_everywhere() -> None:
    draws = np.tile(np.array([0.9, 0.5, 0.4]), (6, 300, 1))
    ranks = across_ranks.ranks(draws)
    low, high = across_ranks.interval_on_new(ranks[:, 0], ranks)
    assert low[0] == 1
    assert 1.5 < high[0] < 3
    assert np.all((low <= [1, 2, 3]) & (high >= [1, 2, 3]))
    assert np.array_equal(across_ranks.interval_on_these(ranks), [[1, 2, 3], [1, 2, 3]])
