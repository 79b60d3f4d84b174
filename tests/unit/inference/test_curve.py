"""Probabilities over time in arrays that do not grow."""

import numpy as np
import pytest

from vidbench.inference.curve import MAX_STEPS, ProbabilityCurve


def test_a_moment_has_the_mean_of_its_windows_and_none_where_there_are_none() -> None:
    curve = ProbabilityCurve(2)
    curve.add(0.0, 2.0, np.array([0.9, 0.1]))
    curve.add(1.0, 3.0, np.array([0.3, 0.7]))
    curve.add(4.0, 5.0, np.array([0.0, 1.0]))
    for time, expected in ((0.5, 0.9), (1.5, 0.6), (2.5, 0.3), (4.5, 0.0)):
        probabilities = curve.at(time)
        assert probabilities is not None
        assert probabilities[0] == pytest.approx(expected)
        assert curve.probabilities[np.searchsorted(curve.times, time), 0] == pytest.approx(expected)
    assert curve.at(3.5) is None
    assert curve.at(9) is None
    assert np.isnan(curve.probabilities[np.searchsorted(curve.times, 3.5)]).all()
    assert curve.times[-1] == pytest.approx(5, abs=0.05)


def test_one_that_stands_alone_takes_the_place_of_the_others() -> None:
    curve = ProbabilityCurve(1)
    curve.add(0.0, 2.0, np.array([0.2]))
    curve.add(0.0, 3.0, np.array([0.8]), alone=True)
    assert curve.probabilities[:, 0] == pytest.approx(0.8)


def test_hours_take_no_more_memory_than_minutes() -> None:
    curve = ProbabilityCurve(3)
    size = curve._sums.size
    for start in range(0, 4 * 3600, 2):
        curve.add(start, start + 2, np.array([float(start < 7200), 0.5, 0.0]))
    assert curve._sums.size == size
    assert MAX_STEPS <= len(curve.times) <= 2 * MAX_STEPS
    assert curve.times[-1] == pytest.approx(4 * 3600, abs=curve.step)
    assert np.nansum(curve.probabilities[:, 0]) * curve.step == pytest.approx(7200, rel=0.01)


def test_in_steps_of_seconds_a_window_counts_by_its_time_and_erases_no_neighbour() -> None:
    curve = ProbabilityCurve(2)
    curve.add(3 * 3600 - 2, 3 * 3600, np.array([0.5, 0.5]))
    assert curve.step == pytest.approx(5.12)
    curve.add(0.0, 1.0, np.array([1.0, 0.0]), alone=True)
    curve.add(1.0, 5.12, np.array([0.0, 1.0]), alone=True)
    probabilities = curve.at(3.0)
    assert probabilities is not None
    assert 0.03 < probabilities[0] < 0.2
    curve.add(6.0, 7.0, np.array([1.0, 0.0]))
    curve.add(8.0, 10.0, np.array([0.0, 1.0]))
    assert curve.at(6.0) == pytest.approx([1 / 3, 2 / 3])
