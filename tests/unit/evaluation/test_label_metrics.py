"""Scores of several labels per video, compared with scikit-learn's, and what of them is not scikit-learn's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sklearn

from vidbench.evaluation.average_precision import precision_of_labels
from vidbench.evaluation.label_metrics import (
    cooccurrence,
    f1_of_labels,
    label_calibration_error,
    label_run_metrics,
    micro_f1,
)
from vidbench.evaluation.label_results import evaluate_labels, label_probabilities
from vidbench.evaluation.predictions import Predictions
from vidbench.video import Video

CASES = st.tuples(st.integers(2, 40), st.integers(2, 6), st.integers(0, 2**32 - 1))


def draw(case: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return truth (N, K) with each label somewhere, probabilities with ties, and weights."""
    videos, labels, seed = case
    random = np.random.default_rng(seed)
    truth = random.random((videos, labels)) < 0.4
    truth[random.integers(0, videos, labels), np.arange(labels)] = True
    return truth, np.round(random.random((videos, labels)), 1), random.integers(1, 4, videos).astype(float)


@settings(deadline=None, max_examples=25)
@given(CASES)
def test_average_precision_is_scikit_learns(case: tuple[int, int, int]) -> None:
    truth, p, weights = draw(case)
    expected = sklearn.average_precision_score(truth, p, average=None)
    np.testing.assert_array_equal(precision_of_labels(truth, p), expected)
    weighted = sklearn.average_precision_score(truth, p, average="macro", sample_weight=weights)
    assert precision_of_labels(truth, p, weights).mean() == pytest.approx(weighted, abs=1e-12)


@settings(deadline=None, max_examples=25)
@given(CASES, st.sampled_from([0.0, 0.3, 0.7, 1.1]))
def test_f1_is_scikit_learns(case: tuple[int, int, int], threshold: float) -> None:
    truth, p, weights = draw(case)
    answers = p >= threshold
    for own in (None, weights):
        expected = sklearn.f1_score(truth, answers, average=None, sample_weight=own, zero_division=0.0)
        np.testing.assert_allclose(f1_of_labels(truth, answers, own), expected, atol=1e-12)
        micro = sklearn.f1_score(truth, answers, average="micro", sample_weight=own, zero_division=0.0)
        assert micro_f1(truth, answers, own) == pytest.approx(micro, abs=1e-12)


@settings(deadline=None, max_examples=15)
@given(CASES)
def test_whole_run_has_scikit_learns_scores(case: tuple[int, int, int]) -> None:
    truth, p, _ = draw(case)
    classes = [f"c{number}" for number in range(truth.shape[1])]
    names = [f"v{number}" for number in range(len(truth))]
    logits = np.log((p + 0.01) / (1.01 - p))[:, None].astype(np.float32)
    # The same videos as validation and test: what is compared are the scores of the test.
    predictions = Predictions(
        [*names, *names], ["val"] * len(names) + ["test"] * len(names), ["normal"] * 2 * len(names), ["clip0"],
        classes, np.concatenate([logits, logits]),
    )  # fmt: skip
    labels = [";".join(name for name, has in zip(classes, row, strict=True) if has) or "none" for row in truth]
    videos = {name: Video(name, name, label, name, multi=True) for name, label in zip(names, labels, strict=True)}
    scores = label_run_metrics(predictions, videos, {"val": names, "test": names}, "wrong")
    assert scores is not None
    probabilities = np.round(label_probabilities(logits), 12)
    expected = sklearn.average_precision_score(truth, probabilities, average="macro")
    assert scores["mean_average_precision"] == pytest.approx(expected, abs=1e-12)
    assert scores["mean_average_precision"] == scores["val_mean_average_precision"]
    matches = np.array(scores["cooccurrence"])[:, :-1].diagonal()
    recall = sklearn.recall_score(truth, np.ones_like(truth), average=None, zero_division=0.0)
    assert (matches <= truth.sum(axis=0)).all()
    assert recall.min() == 1


def test_a_label_without_videos_is_in_no_mean() -> None:
    truth = np.array([[True, False], [False, False]])
    p = np.array([[0.9, 0.3], [0.1, 0.8]])
    np.testing.assert_array_equal(precision_of_labels(truth, p), [1.0, np.nan])
    np.testing.assert_array_equal(f1_of_labels(truth, p > 0.5), [1.0, np.nan])


def test_cooccurrence_counts_labels_and_nothing() -> None:
    truth = np.array([[1, 1, 0], [1, 0, 0], [0, 0, 1]], bool)
    answers = np.array([[1, 0, 1], [0, 0, 0], [0, 0, 1]], bool)
    expected = [[1, 0, 1, 1], [1, 0, 1, 0], [0, 0, 1, 0]]
    np.testing.assert_array_equal(cooccurrence(truth, answers), expected)


def test_probabilities_are_means_over_views_and_none_where_not_finite() -> None:
    logits = np.array([[[0.0, 100.0], [100.0, 100.0]], [[np.nan, 0.0], [0.0, 0.0]]])
    np.testing.assert_allclose(label_probabilities(logits), [[0.75, 1.0], [np.nan, np.nan]])


@pytest.mark.parametrize(("unreadable", "counted"), [("wrong", 2), ("leave_out", 1)])
def test_an_undecodable_video_has_no_label(unreadable: str, counted: int) -> None:
    predictions = Predictions(["a"], ["test"], ["normal"], ["clip0"], ["x", "y"], np.zeros((1, 1, 2), np.float32))
    result = evaluate_labels(predictions, "test", ["a", "b"], {"a": ("x",), "b": ("x", "y")}, unreadable)
    assert len(result.videos) == counted
    assert result.undecodable == ["b"]
    if counted == 2:
        np.testing.assert_array_equal(result.probabilities[1], [0, 0])
        np.testing.assert_array_equal(result.truth[1], [True, True])
        np.testing.assert_array_equal(result.has_probabilities, [True, False])


def test_calibration_error_is_zero_where_probabilities_are_shares() -> None:
    truth = np.tile([[True], [False]], (50, 1))
    assert label_calibration_error(np.full((100, 1), 0.5), truth) == pytest.approx(0)
    assert label_calibration_error(np.full((100, 1), 0.9), truth) == pytest.approx(0.4)
