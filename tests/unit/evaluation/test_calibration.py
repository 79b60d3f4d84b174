"""Calibration against brute force, and calibrated and miscalibrated models whose truth is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import log_softmax, softmax

from vidbench.evaluation.calibration import (
    BINS,
    assign_bins,
    confidences,
    expected_calibration_error,
    fit_temperature,
    null_range,
    number_of_bins,
    reliability,
    scale,
    temperature_warning,
)  # fmt: skip


def drawn(seed: int, count: int, classes: int = 5, sharper: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Log-probabilities of a model, and truths drawn from its probabilities before they were made sharper."""
    random = np.random.default_rng(seed)
    logits = random.normal(scale=2, size=(count, classes))
    truth = (softmax(logits, axis=1).cumsum(axis=1) < random.random((count, 1))).sum(axis=1)
    return log_softmax(sharper * logits, axis=1), truth.clip(max=classes - 1)


def brute_error(confidence: np.ndarray, correct: np.ndarray) -> float:
    """Equal-mass bins by going through the videos one by one."""
    order = sorted(range(len(confidence)), key=lambda place: confidence[place])
    bins: dict[int, list[int]] = {}
    last = 0
    for rank, place in enumerate(order):
        same = rank > 0 and confidence[place] == confidence[order[rank - 1]]
        last = last if same else rank * number_of_bins(len(order)) // len(order)
        bins.setdefault(last, []).append(place)
    gaps = [len(members) * abs(correct[members].mean() - confidence[members].mean()) for members in bins.values()]
    return sum(gaps) / len(order)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 200), st.booleans())
def test_the_error_is_the_formula_whatever_the_order(seed: int, count: int, ties: bool) -> None:
    random = np.random.default_rng(seed)
    confidence = random.random(count)
    confidence = np.round(confidence, 1) if ties else confidence
    correct = random.integers(0, 2, count).astype(float)
    got = expected_calibration_error(confidence, correct)
    assert got == pytest.approx(brute_error(confidence, correct))
    shuffled = random.permutation(count)
    assert expected_calibration_error(confidence[shuffled], correct[shuffled]) == pytest.approx(got)
    rows = reliability(confidence, correct)
    assert sum(row["videos"] * abs(row["accuracy"] - row["confidence"]) for row in rows) == pytest.approx(got * count)


def test_bins_without_ties_hold_equally_many() -> None:
    sizes = np.bincount(assign_bins(np.random.default_rng(0).random(303)))
    assert len(sizes) == BINS
    assert set(sizes) == {20, 21}


def test_few_videos_fill_few_bins() -> None:
    """Ten in each: 15 bins of 40 videos would be a zigzag of threes."""
    sizes = np.bincount(assign_bins(np.random.default_rng(0).random(40)))
    assert sizes.tolist() == [10, 10, 10, 10]
    assert [number_of_bins(videos) for videos in (1, 9, 19, 20, 149, 150, 1000)] == [1, 1, 1, 2, 14, 15, 15]
    thirds = np.full(60, 1 / 3)  # of three splits: 20 videos, whatever their sum is rounded to
    assert set(assign_bins(np.random.default_rng(1).random(60), thirds)) == {0, 1}


def test_weights_count_as_copies() -> None:
    random = np.random.default_rng(1)
    confidence, correct = random.random(50), random.integers(0, 2, 50).astype(float)
    weights = random.integers(1, 4, 50).astype(float)
    copies = [np.repeat(values, weights.astype(int)) for values in (confidence, correct)]
    assert expected_calibration_error(confidence, correct, weights) == pytest.approx(
        expected_calibration_error(*copies)
    )


def test_a_calibrated_models_error_lies_in_its_null_range() -> None:
    inside = []
    for seed in range(100):
        log_p, truth = drawn(seed, 300)
        sure = confidences(log_p)
        low, high = null_range(sure, draws=200, seed=seed)
        inside.append(low <= expected_calibration_error(sure, log_p.argmax(axis=1) == truth) <= high)
    assert 0.88 <= np.mean(inside) <= 1


def test_an_overconfident_models_error_lies_above_its_null_range() -> None:
    log_p, truth = drawn(0, 1000, sharper=3)
    sure = confidences(log_p)
    assert expected_calibration_error(sure, log_p.argmax(axis=1) == truth) > 2 * null_range(sure)[1]
    assert null_range(sure) == null_range(sure)  # seeded


@pytest.mark.parametrize("planted", [0.4, 1.0, 3.0])
def test_the_temperature_finds_a_planted_one(planted: float) -> None:
    log_p, truth = drawn(7, 20000, sharper=planted)
    assert fit_temperature(log_p, truth) == pytest.approx(planted, rel=0.05)


def test_scaling_keeps_the_prediction_and_one_changes_nothing() -> None:
    log_p, _ = drawn(0, 200)
    assert scale(log_p, 1.0) == pytest.approx(log_p)
    assert np.array_equal(scale(log_p, 3.0).argmax(axis=1), log_p.argmax(axis=1))


def test_the_temperature_is_best_of_a_grid() -> None:
    log_p, truth = drawn(3, 100, sharper=2)
    rows = np.arange(100)
    losses = [-scale(log_p, t)[rows, truth].mean() for t in np.geomspace(0.05, 20, 400)]
    assert -scale(log_p, fit_temperature(log_p, truth))[rows, truth].mean() <= min(losses) + 1e-9


def test_warnings_name_the_bound_and_too_few_videos() -> None:
    log_p, _ = drawn(0, 70)
    at_bound = fit_temperature(log_p, log_p.argmax(axis=1))  # always right: the sharper the better
    assert at_bound == pytest.approx(0.05, rel=0.01)
    assert "bound" in temperature_warning(at_bound, 70)
    assert "59 validation videos" in temperature_warning(1.0, 59)
    assert temperature_warning(1.0, 60) is None
