"""Intervals and tests by group: against formulas, textbook cases and simulation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from vidbench.evaluation import significance
from vidbench.evaluation.groups import Groups


def brute_variance(correct: np.ndarray, groups: np.ndarray) -> float:
    total, p = len(correct), correct.mean()
    parts = [
        (correct[groups == g].sum() - (groups == g).sum() * p) ** 2 / (1 - (groups == g).mean()) for g in set(groups)
    ]
    return sum(parts) / total**2


@settings(deadline=None)
@given(st.integers(0, 10**6))
def test_group_variance_is_the_formula(seed: int) -> None:
    random = np.random.default_rng(seed)
    groups = random.integers(0, 12, 60)
    correct = random.integers(0, 2, 60).astype(float)
    assert significance.group_variance(correct, groups) == pytest.approx(brute_variance(correct, groups))


def test_stratified_variance_takes_each_class_by_itself() -> None:
    groups = np.repeat(np.arange(8), 5)
    classes = np.repeat([0, 1], 20)
    random = np.random.default_rng(0)
    correct = random.integers(0, 2, 40).astype(float)
    expected = sum(brute_variance(correct[classes == c], groups[classes == c]) / 4 for c in (0, 1))
    assert significance.group_variance(correct, groups, classes) == pytest.approx(expected)


def test_single_videos_give_about_wilson() -> None:
    correct = np.repeat([1.0, 0.0], [900, 100])
    got = significance.accuracy_interval(correct, np.arange(1000), np.zeros(1000))
    low, high = proportion_confint(900, 1000, method="wilson")
    assert (got.low, got.high) == pytest.approx((low, high), abs=0.001)


def test_copies_of_videos_say_nothing_new() -> None:
    random = np.random.default_rng(0)
    correct = (random.random(100) < 0.8).astype(float)
    alone = significance.accuracy_interval(correct, np.arange(100), np.zeros(100))
    copies = significance.accuracy_interval(np.repeat(correct, 10), np.repeat(np.arange(100), 10), np.zeros(1000))
    assert (copies.low, copies.high) == pytest.approx((alone.low, alone.high), abs=0.002)


@pytest.mark.parametrize("p", [0.0, 1.0])
def test_all_right_or_all_wrong_still_has_a_width(p: float) -> None:
    got = significance.accuracy_interval(np.full(60, p), np.repeat(np.arange(20), 3), np.zeros(60))
    assert 0.1 < got.high - got.low < 0.3
    assert got.low <= p <= got.high


def test_too_few_groups_give_no_interval_and_no_test() -> None:
    groups = np.repeat(np.arange(9), 10)
    correct = np.tile([1.0, 0.0], 45)
    assert np.isnan(significance.accuracy_interval(correct, groups, np.zeros(90)).low)
    assert np.isnan(significance.paired_difference(correct, 1 - correct, groups, np.ones(1), np.ones(1)).p_value)


def test_quantiles_and_p_values_are_those_of_scipy_stats_to_the_last_digit() -> None:
    random = np.random.default_rng(0)
    freedom = np.concatenate([[0, 1, 9, 1e6, np.nan], random.uniform(0.5, 300, 2000)])
    assert np.array_equal(significance.t_quantile(freedom), stats.t.ppf(0.975, freedom), equal_nan=True)
    groups = Groups.of(random.integers(0, 30, 90))
    got = significance.paired_differences(
        random.normal(0.3, 1, (500, len(groups.sizes))), groups, random.random((500, 3)), random.random((500, 3))
    )
    expected = 2 * stats.t.sf(np.abs(got.difference) / got.standard_error, got.freedom)
    assert np.array_equal(got.p_value, expected)


def test_the_paired_test_equals_a_t_test_of_single_videos() -> None:
    random = np.random.default_rng(3)
    a, b = (random.random((2, 200)) < [[0.8], [0.7]]).astype(float)
    got = significance.paired_difference(a, b, np.arange(200), a.mean(keepdims=True), b.mean(keepdims=True))
    expected = stats.ttest_rel(a, b)
    assert got.p_value == pytest.approx(expected.pvalue, rel=0.02)
    assert got.difference == pytest.approx((a - b).mean())


def test_a_spread_over_seeds_widens_the_difference() -> None:
    random = np.random.default_rng(4)
    a, b = (random.random((2, 400)) < [[0.9], [0.8]]).astype(float)
    groups = np.arange(400)
    sure = significance.paired_difference(a, b, groups, np.array([0.9, 0.9, 0.9]), np.array([0.8, 0.8, 0.8]))
    unsure = significance.paired_difference(a, b, groups, np.array([0.8, 0.9, 1.0]), np.array([0.7, 0.8, 0.9]))
    assert unsure.p_value > sure.p_value
    assert unsure.high - unsure.low > sure.high - sure.low


def test_equal_models_are_not_different() -> None:
    same = np.tile([1.0, 0.0, 1.0], 20)
    got = significance.paired_difference(same, same, np.arange(60), np.array([0.6]), np.array([0.6]))
    assert (got.difference, got.p_value) == (0, 1)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_equals_statsmodels(p_values: list[float]) -> None:
    values = np.array(p_values)
    assert np.allclose(significance.holm(values), multipletests(values, method="holm")[1])


def test_holm_passes_over_what_was_not_tested() -> None:
    got = significance.holm(np.array([0.01, np.nan, 0.04]))
    assert np.isnan(got[1])
    assert got[[0, 2]].tolist() == [0.02, 0.04]


def test_tied_with_the_best() -> None:
    accuracies = np.array([0.9, 0.88, 0.5])
    p_values = np.array([[np.nan, 0.4, 0.001], [0.4, np.nan, 0.001], [0.001, 0.001, np.nan]])
    assert significance.tied_with_best(accuracies, p_values).tolist() == [True, True, False]
    assert significance.tied_with_best(np.array([0.3]), np.full((1, 1), np.nan)).tolist() == [True]


def simulated_coverage(seed: int, sizes: np.ndarray, p: float, spread: float, data_sets: int) -> float:
    """How often the interval holds the true accuracy, with groups that differ from each other."""
    random = np.random.default_rng(seed)
    groups = np.repeat(np.arange(len(sizes)), sizes)
    hits = 0
    for _ in range(data_sets):
        rates = random.beta(p * spread, (1 - p) * spread, len(sizes))
        correct = (random.random(len(groups)) < rates[groups]).astype(float)
        got = significance.accuracy_interval(correct, groups, np.zeros(len(groups)))
        hits += got.low <= p <= got.high
    return hits / data_sets


def test_the_interval_covers_the_truth_in_simulation() -> None:
    sizes = np.random.default_rng(0).integers(1, 12, 60)
    assert 0.92 <= simulated_coverage(1, sizes, 0.8, 3.0, 400) <= 0.985


def test_many_at_once_equal_one_by_one() -> None:
    """The simulation of docs/evaluation.md tests what compare_models.py computes."""
    random = np.random.default_rng(7)
    group, label = np.sort(random.integers(0, 25, 150)), random.integers(0, 3, 150)
    right = random.random((4, 3, 2, 150)) < 0.8  # data sets, models, seeds, videos
    groups = Groups.of(group, label)
    sums = groups.sums(right).mean(axis=2)
    value, low, high = significance.intervals(sums, groups)
    for place in np.ndindex(4, 3):
        one = significance.accuracy_interval(right[place].mean(axis=0), group, label)
        assert (value[place], low[place], high[place]) == pytest.approx((one.value, one.low, one.high))
    seeds = right.mean(axis=3)
    pooled = significance.pooled_seed_variance(list(np.moveaxis(seeds, 1, 0)))
    many = significance.paired_differences(sums[:, 0] - sums[:, 1], groups, seeds[:, 0], seeds[:, 1], pooled)
    for place in range(4):
        a, b = right[place, :2].mean(axis=1)
        of_place = significance.pooled_seed_variance(list(seeds[place]))
        one = significance.paired_difference(a, b, group, *seeds[place, :2], of_place)
        assert [values[place] for values in vars(many).values()] == pytest.approx(list(vars(one).values()))


def test_the_variance_over_seeds_is_the_larger_of_pooled_and_own() -> None:
    a, b, c = np.array([0.80, 0.81, 0.82]), np.array([0.70, 0.72]), np.array([0.1, 0.5])
    pooled = significance.pooled_seed_variance([a, b, c, np.array([0.4])])
    squares = [((one - one.mean()) ** 2).sum() for one in (a, b, c)]
    assert (pooled.variance, pooled.freedom) == (pytest.approx(sum(squares) / 4), 4)
    variance, freedom = significance.seed_variance(a, b, pooled)
    assert (variance, freedom) == (pytest.approx(pooled.variance * (1 / 3 + 1 / 2)), 4)
    of_pair, freedom = significance.seed_variance(a, c, significance.SeedVariance(1e-9, 4))
    assert (of_pair, freedom) == (pytest.approx(a.var(ddof=1) / 3 + c.var(ddof=1) / 2), 3)
    assert significance.seed_variance(a, np.array([0.4]), pooled)[0] == 0


def test_a_model_in_which_nothing_is_random_adds_no_variance() -> None:
    a, fixed = np.array([0.80, 0.81, 0.85]), np.empty(0)
    pooled = significance.pooled_seed_variance([a, np.array([0.1, 0.3, 0.2]), fixed])
    assert pooled.freedom == 4  # of the first two
    for pair in ((a, fixed), (fixed, a)):
        variance, freedom = significance.seed_variance(*pair, pooled)
        assert (variance, freedom) == (pytest.approx(pooled.variance / 3), 4)
        variance, freedom = significance.seed_variance(*pair, significance.SeedVariance(1e-9, 4))
        assert (variance, freedom) == (pytest.approx(a.var(ddof=1) / 3), 2)
    assert significance.seed_variance(fixed, fixed, pooled)[0] == 0
    assert significance.seed_variance(np.array([0.4]), fixed, pooled)[0] == 0
    # As a model with very many equal seeds.
    steady = np.full(10**6, 0.7)
    wide = significance.SeedVariance(1e-3, 4)
    almost, _ = significance.seed_variance(a, steady, wide)
    assert significance.seed_variance(a, fixed, wide)[0] == pytest.approx(almost, rel=1e-5)


def test_a_comparison_with_such_a_model_is_about_architectures_with_three_seeds() -> None:
    assert [significance.subject(seeds, 0) for seeds in (1, 2, 3)] == [*["these trained weights"] * 2, "architectures"]
    assert significance.subject(0, 0) == "architectures"


def test_unequal_groups_have_fewer_degrees_of_freedom_than_groups() -> None:
    group = np.repeat(np.arange(27), [26, 20, 18, *[6] * 24])
    right = np.random.default_rng(1).random((2, len(group))) < 0.7
    got = significance.paired_difference(*right, group, np.ones(1), np.ones(1))
    assert 10 < got.freedom < 20


def test_holm_of_several_rows_equals_each_by_itself() -> None:
    values = np.random.default_rng(0).random((5, 6)) ** 3
    values[2, 3] = np.nan
    assert np.allclose(significance.holm(values), [significance.holm(row) for row in values], equal_nan=True)
    assert significance.holm(np.array([])).tolist() == []
