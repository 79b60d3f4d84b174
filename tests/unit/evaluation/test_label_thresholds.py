"""Temperature and thresholds of labels, from validation videos."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from vidbench.evaluation.label_thresholds import (
    USUAL,
    choose_threshold,
    fit_label_temperature,
    label_losses,
    scale_labels,
)


@settings(deadline=None, max_examples=25)
@given(st.integers(8, 40), st.integers(0, 2**32 - 1))
def test_no_threshold_has_a_larger_f1(videos: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    p = np.round(random.random(videos), 1)
    truth = random.random(videos) < 0.5
    truth[:3], truth[3:6] = True, False
    chosen = choose_threshold(p, truth)
    best = max(f1_score(truth, p >= value, zero_division=0.0) for value in [0.0, *np.unique(p), 2.0])
    assert f1_score(truth, p >= chosen, zero_division=0.0) == pytest.approx(best)


def test_too_few_videos_choose_no_threshold() -> None:
    assert choose_threshold(np.array([0.1, 0.2, 0.3, 0.9]), np.array([False, False, True, True])) == USUAL


def test_of_equal_thresholds_the_middle_of_the_gap_nearest_to_a_half() -> None:
    p = np.array([0.9, 0.8, 0.7, 0.1, 0.05, 0.0])
    assert choose_threshold(p, p > 0.5) == pytest.approx(0.4)


def test_temperature_restores_probabilities_that_were_sharpened() -> None:
    random = np.random.default_rng(0)
    p = random.uniform(0.05, 0.95, (4000, 3))
    truth = random.random(p.shape) < p
    assert fit_label_temperature(scale_labels(p, 0.5), truth) == pytest.approx(2, rel=0.1)


def test_scaling_keeps_order_and_ends() -> None:
    p = np.array([[0.0, 0.2, 0.5, 0.9, 1.0]])
    scaled = scale_labels(p, 3.0)
    assert np.isfinite(scaled).all()
    assert (np.diff(scaled[0]) > 0).all()
    np.testing.assert_allclose(scale_labels(p, 1.0), p)
    assert np.isfinite(label_losses(p, np.ones_like(p, bool))).all()
