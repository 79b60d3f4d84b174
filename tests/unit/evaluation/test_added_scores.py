"""Scores of one's own: the mean of a value per test video, those without one left out."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from vidbench.evaluation import added_scores, bootstrap

GROUPS = np.array([0, 0, 1, 1, 2])
WEIGHTS = np.ones((4, 3), np.float32)


@pytest.fixture
def added(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A score whose values a test sets."""
    module = SimpleNamespace(values=np.zeros(5))
    module.score = lambda result: module.values
    monkeypatch.setitem(sys.modules, "a_score_of_mine", module)
    monkeypatch.setitem(added_scores.MODULES, "mine", "a_score_of_mine")
    return module


def resampled(weights: np.ndarray = WEIGHTS) -> tuple[float, np.ndarray]:
    samples = bootstrap.Resamples(weights, GROUPS, np.ones(5))
    return added_scores.resample_added(None, samples)["mine"]  # the score reads no result


def test_a_score_is_the_mean_over_the_videos(added: SimpleNamespace) -> None:
    added.values = np.array([1, 0, 1, 1, 0])
    value, values = resampled(np.array([[1, 1, 1], [2, 0, 1]], np.float32))
    assert value == 0.6
    assert np.allclose(values, [0.6, 2 / 5])


def test_videos_without_a_value_are_left_out(added: SimpleNamespace) -> None:
    added.values = np.array([1, np.nan, 0, 0, 0])
    assert resampled()[0] == 0.25
    added.values = np.full(5, np.nan)
    value, values = resampled()
    assert np.isnan(value)
    assert np.isnan(values).all()


def test_a_score_is_a_share_unless_it_says_otherwise(added: SimpleNamespace) -> None:
    assert added_scores.is_share("mine")
    assert added_scores.is_share("macro_f1")
    added.IS_SHARE = False
    assert not added_scores.is_share("mine")
