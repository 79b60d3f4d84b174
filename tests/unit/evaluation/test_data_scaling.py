"""Forecasts of accuracy with more training videos: the fit, when there is none, and how often ranges hold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vidbench.evaluation import data_scaling
from vidbench.evaluation.data_scaling import error_range, power_law, same_gain, why_no_forecast

SIZES = np.array([100.0, 200.0, 400.0, 800.0, 1600.0])
LAWS = {"a": st.floats(0, 0.4), "b": st.floats(0.01, 0.5), "c": st.floats(0.05, 2)}


def law(sizes: np.ndarray | float, a: float, b: float, c: float) -> np.ndarray | float:
    return a + b * (sizes / SIZES[-1]) ** -c


@settings(max_examples=40, deadline=None)
@given(**LAWS)
def test_a_power_law_is_found_again(a: float, b: float, c: float) -> None:
    errors, se = law(SIZES, a, b, c), np.full(5, 0.01)
    assert power_law(SIZES, errors, se, 3200) == pytest.approx(law(3200, a, b, c), abs=1e-3)
    without = law(SIZES, 0, b, c)
    assert power_law(SIZES, without, se, 3200, floor=False) == pytest.approx(law(3200, 0, b, c), abs=1e-4)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.floats(1.1, 8))
def test_the_fit_is_as_good_as_scipys(seed: int, times: float) -> None:
    """No parameters of a general optimiser leave smaller squares."""
    from scipy.optimize import curve_fit

    random = np.random.default_rng(seed)
    errors = np.sort(random.uniform(0.05, 0.9, 5))[::-1]
    se, target = random.uniform(0.01, 0.05, 5), times * SIZES[-1]
    bounds = ([0, 0, 0], [1, 5, 2])
    fitted, _ = curve_fit(law, SIZES, errors, [0.1, 0.1, 0.5], se, bounds=bounds, maxfev=20000)
    ours = power_law(SIZES, errors, se, target)
    residual = (((law(SIZES, *fitted) - errors) / se) ** 2).sum()
    at_sizes = np.array([power_law(SIZES, errors, se, size) for size in SIZES])
    assert (((at_sizes - errors) / se) ** 2).sum() <= residual * (1 + 1e-4) + 1e-6
    assert ours <= at_sizes[-1] + 1e-9


def test_the_same_gain_a_doubling() -> None:
    assert same_gain(np.array([100.0, 400.0]), np.array([0.5, 0.3]), 800) == pytest.approx(0.2)
    assert same_gain(SIZES[:4], np.array([0.9, 0.5, 0.42, 0.3]), 3200) == pytest.approx(0.1)  # 0.1 of the last three


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_a_range_holds_the_last_point_and_lies_within_0_and_1(seed: int) -> None:
    random = np.random.default_rng(seed)
    errors, se = np.sort(random.uniform(0, 1, 5))[::-1], random.uniform(0.01, 0.1, 5)
    low, high = error_range(SIZES, errors, se, 3200)
    assert 0 <= low <= errors[-1] <= high <= 1
    assert low <= power_law(SIZES, errors, se, 3200) or low == 0


@pytest.mark.parametrize(
    ("accuracy", "se", "reason"),
    [
        ([0.5, 0.6, 0.7, 0.8], 0.02, ""),
        ([0.5, 0.6, 0.7], 0.02, "fewer than 4 sizes"),
        ([0.5, 0.6, 0.7, 0.8], np.nan, "too few groups"),
        ([0.27, 0.6, 0.7, 0.8], 0.02, "fewer than 4 sizes above chance"),
        ([0.5, 0.6, 0.7, 0.73], 0.02, "no clear gain in the last step"),
        ([0.5, 0.5, 0.51, 0.9], 0.02, "the last point does not follow from the others"),
    ],
)
def test_when_nothing_is_said(accuracy: list[float], se: float, reason: str) -> None:
    sizes, values = SIZES[: len(accuracy)], np.array(accuracy)
    assert why_no_forecast(sizes, values, np.full(len(values), se), 0.25) == reason
    expected = data_scaling.forecast(sizes, values, np.full(len(values), se), 0.25, 2 * sizes[-1])
    assert expected.reason == reason
    assert (expected.low is None) == bool(reason)
    assert reason or expected.low < values[-1] < expected.high


def test_sizes_at_chance_say_nothing_but_do_not_matter() -> None:
    accuracy, se = np.array([0.25, 0.5, 0.6, 0.7, 0.8]), np.full(5, 0.02)
    with_first = data_scaling.forecast(SIZES, accuracy, se, 0.25, 3200)
    assert with_first == data_scaling.forecast(SIZES[1:], accuracy[1:], se[1:], 0.25, 3200)


def test_ranges_hold_what_is_measured_later() -> None:
    """Simulation: noise of a test set on curves that flatten, fall on, or are straight in log n."""
    random = np.random.default_rng(0)
    curves = [
        lambda n: law(n, 0.05, 0.2, 0.4),
        lambda n: law(n, 0.0, 0.25, 0.3),
        lambda n: law(n, 0.1, 0.12, 0.6),
        lambda n: 0.35 - 0.07 * np.log2(n / SIZES[-1]),
    ]
    for curve in curves:
        num_held, num_forecasts = 0, 0
        for _ in range(60):
            se = np.sqrt(curve(SIZES) * (1 - curve(SIZES)) / 1000)
            accuracy = 1 - curve(SIZES) + se * random.standard_normal(5)
            expected = data_scaling.forecast(SIZES, accuracy, se, 0.1, 3200)
            num_forecasts += not expected.reason
            num_held += not expected.reason and expected.low <= 1 - curve(3200) <= expected.high
        assert num_forecasts > 20
        assert num_held / num_forecasts >= 0.87
