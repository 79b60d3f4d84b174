"""The bounds beyond which a video counts as of no class, against counting."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.special import log_softmax

from vidbench.evaluation.metrics import NO_PREDICTION, SubsetResult
from vidbench.evaluation.rejection import KEPT, MIN_VIDEOS, entropies, find_threshold, read_bounds, rejection


def result(logits: np.ndarray, truth: np.ndarray, undecodable: int = 0) -> SubsetResult:
    """Videos with these logits (N, K), and some that could not be decoded."""
    count, classes = logits.shape
    ranked = np.argsort(-logits, axis=1)
    return SubsetResult(
        videos=[str(place) for place in range(count + undecodable)],
        truth=np.concatenate([truth, np.zeros(undecodable, int)]),
        ranked_classes=np.concatenate([ranked, np.full((undecodable, classes), NO_PREDICTION)]),
        classes=[str(place) for place in range(classes)],
        log_probabilities=np.concatenate([log_softmax(logits, axis=1), np.full((undecodable, classes), np.nan)]),
        undecodable=[],
    )


@example(confidence=[0.0] * 2 + [1.0] * 17, kept=0.9)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=100), st.sampled_from([0.5, 0.9, 1.0]))
def test_the_threshold_is_the_largest_that_keeps_the_share_of_new_videos(confidence: list[float], kept: float) -> None:
    """Each of N + 1 videos in turn is the new one: the others' threshold keeps the share of them."""
    values = np.array(confidence)
    threshold = find_threshold(values, kept)
    new = ((values >= threshold).sum() + 1) / (len(values) + 1)  # where the new one has the highest rank
    assert new >= kept - 1e-9
    larger = values[values > threshold]
    assert not len(larger) or (values > larger.min()).sum() + 1 < kept * (len(values) + 1) + 1 - 1e-9


def test_new_videos_of_the_same_kind_are_kept_as_often_as_promised() -> None:
    """The plain quantile of 20 keeps 86 %."""
    draws = np.random.default_rng(0).normal(size=(20_000, 21))
    kept = np.mean([row[20] >= find_threshold(row[:20]) for row in draws])
    assert kept == pytest.approx(1 - 2 / 21, abs=0.006)
    assert find_threshold(draws[0, :8]) == -np.inf, "of eight none is rare enough"
    assert find_threshold(draws[0, :9]) == draws[0, :9].min()


def test_the_test_videos_are_counted_at_the_threshold_of_the_validation_videos() -> None:
    random = np.random.default_rng(0)
    validation = result(random.normal(size=(100, 3)), np.zeros(100, int), undecodable=5)
    test = result(random.normal(size=(40, 3)), random.integers(0, 3, 40), undecodable=3)
    scores = rejection(validation, test, 0.7)
    p = np.exp(log_softmax(test.log_probabilities[:40] / 0.7, axis=1))
    answered = -(p * np.log(p)).sum(axis=1) <= scores["max_entropy"]
    assert 0 < answered.sum() < 40
    assert scores["answered"] == answered.mean()
    assert scores["accuracy"] == pytest.approx(test.correct[:40][answered].mean())
    assert (scores["kept"], scores["warning"]) == (KEPT, None)


def test_a_temperature_at_its_bound_is_not_used() -> None:
    validation = result(np.random.default_rng(0).normal(size=(100, 3)), np.zeros(100, int))
    assert rejection(validation, validation, 0.05) == rejection(validation, validation, 1.0)


def test_few_validation_videos_are_said_to_be_few() -> None:
    few = result(np.eye(9), np.arange(9))
    scores = rejection(few, few, 1.0)
    assert scores["threshold"] == pytest.approx(np.exp(few.log_probabilities.max()))
    assert scores["warning"] == f"from 9 validation videos, fewer than {MIN_VIDEOS}"


def test_too_few_validation_videos_give_no_bound() -> None:
    """Not one that every video keeps: the threshold 0.0 would begin a segment everywhere."""
    few = result(np.eye(8), np.arange(8))
    scores = rejection(few, few, 1.0)
    assert [scores[key] for key in ("threshold", "max_entropy", "answered", "accuracy")] == [None] * 4
    assert (scores["kept"], scores["warning"]) == (KEPT, "too few validation videos (8) for a bound")
    assert read_bounds(scores) == (None, None)


def test_bounds_that_bound_nothing_are_read_as_none() -> None:
    assert read_bounds({"threshold": 0.0, "max_entropy": float(np.log(3))}) == (None, None)
    assert read_bounds({"threshold": 0.0}) == (None, None)
    assert read_bounds({"threshold": 0.4, "max_entropy": float(np.log(3))}) == (np.log(3), 0.4)
    assert read_bounds({"threshold": 0.4}) == (None, 0.4)
    assert read_bounds({}) == (None, None)


def test_without_probabilities_there_is_no_threshold() -> None:
    nothing = result(np.empty((0, 3)), np.empty(0, int), undecodable=4)
    some = result(np.eye(3), np.arange(3))
    assert rejection(nothing, some, None)["threshold"] is None
    assert rejection(nothing, some, None)["max_entropy"] is None
    assert rejection(some, nothing, 1.0)["accuracy"] is None


def test_entropies_are_in_nats() -> None:
    assert entropies(np.array([[1.0, 0.0], [0.5, 0.5]])) == pytest.approx([0.0, np.log(2)])
