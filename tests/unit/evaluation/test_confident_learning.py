"""Suspicious labels by confident learning: planted ones, classes with few videos, and cleanlab as the oracle."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vidbench.evaluation.confident_learning import class_thresholds, find_suspicious


def test_a_threshold_is_the_mean_probability_of_the_class_among_its_videos() -> None:
    labels = np.array([0, 0, 1, 1])
    probabilities = np.array([[0.9, 0.1, 0], [0.5, 0.5, 0], [0.2, 0.8, 0], [0.6, 0.4, 0]])
    np.testing.assert_allclose(class_thresholds(labels, probabilities, 1), [0.7, 0.6, np.inf])


def test_a_class_with_few_videos_has_the_threshold_of_all() -> None:
    labels = np.array([0] * 5 + [1])
    probabilities = np.array([[0.9, 0.1]] * 5 + [[0.7, 0.3]])
    np.testing.assert_allclose(class_thresholds(labels, probabilities), [0.9, 0.8])


def test_a_doubtful_answer_makes_no_label_suspicious() -> None:
    labels = np.array([0] * 6 + [1] * 6)
    sure = np.where(labels[:, None] == [0, 1], 0.9, 0.1)
    sure[0] = [0.4, 0.6]  # below what class 1 has among its videos
    assert not find_suspicious(labels, sure).any()
    sure[0] = [0.1, 0.9]
    assert np.flatnonzero(find_suspicious(labels, sure)).tolist() == [0]


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10**6), st.integers(2, 6), st.integers(1, 60), st.floats(0.1, 3))
def test_suspicious_are_those_of_cleanlab(number: int, classes: int, videos: int, spread: float) -> None:
    find_label_issues = pytest.importorskip("cleanlab.filter").find_label_issues
    random = np.random.default_rng(number)
    labels = np.concatenate([np.arange(classes), random.integers(0, classes, videos)])  # cleanlab wants all classes
    probabilities = random.dirichlet(np.full(classes, spread), len(labels))
    theirs = find_label_issues(
        labels, probabilities, filter_by="confident_learning", min_examples_per_class=0, n_jobs=1
    )
    np.testing.assert_array_equal(find_suspicious(labels, probabilities, min_videos=1), theirs)
