"""Errors in common, against loops over videos and scikit-learn."""

import numpy as np
import pytest
from answered import CLASSES, LABELS, Split, answers, random_splits, results_of
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from vidbench.evaluation.error_overlap import agreement, overlap_rows
from vidbench.video import Video


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10**6), st.integers(1, 3), st.integers(0, 2))
def test_overlap_is_the_mean_over_pairs_of_seeds(number: int, seeds: int, unreadable: int) -> None:
    tests = results_of(random_splits(number, seeds, unreadable), CLASSES)
    for row in overlap_rows(tests):
        a, b = (answers(tests, row[key]) for key in ("model_a", "model_b"))
        same = row["model_a"] == row["model_b"]
        pairs = [(i, j) for i in range(seeds) for j in range(seeds) if not (same and i == j)]
        both, only_a, alike, videos = 0.0, 0.0, 0.0, 0
        for video, truth in ((video, CLASSES.index(LABELS[video])) for video in a):
            if a[video][0][0] < 0:
                continue
            videos += 1
            for split_a, split_b in zip(a[video], b[video], strict=True):
                for i, j in pairs:
                    weight = 1 / len(pairs) / len(a[video])
                    both += weight * (split_a[i] != truth and split_b[j] != truth)
                    only_a += weight * (split_a[i] != truth and split_b[j] == truth)
                    alike += weight * (split_a[i] != truth and split_b[j] == split_a[i])
        assert (row["num_videos"], row["num_unreadable"]) == (videos, unreadable)
        assert row["both_wrong"] == pytest.approx(both / videos)
        assert row["only_a"] == pytest.approx(only_a / videos)
        assert row["same_class"] == pytest.approx(alike / both if both else "")
    assert len(overlap_rows(tests)) == (6 if seeds > 1 else 3)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=2, max_size=30))
def test_kappa_and_jaccard(wrong: list[tuple[bool, bool]]) -> None:
    a, b = np.array(wrong).T
    overlap = agreement((a & b).mean(), a.mean(), b.mean(), 0.0)
    if 0 < a.mean() < 1 and 0 < b.mean() < 1:
        assert overlap["kappa"] == pytest.approx(cohen_kappa_score(a, b))
    else:
        assert overlap["kappa"] == ""
    assert overlap["jaccard"] == pytest.approx((a & b).sum() / (a | b).sum() if (a | b).any() else "")


def test_independent_errors_have_the_expected_overlap() -> None:
    overlap = agreement(0.06, 0.3, 0.2, 0.01)
    assert overlap["kappa"] == pytest.approx(0)
    assert overlap["jaccard"] == pytest.approx(overlap["expected_jaccard"])


def test_videos_of_a_diverged_model_are_not_unreadable_for_the_others() -> None:
    videos = [Video(name, name, label, name) for name, label in zip("abc", "aab", strict=True)]
    sound = np.array([[0.9, 0.1, 0], [0.1, 0.9, 0], [np.nan] * 3])
    runs = {"sound": {0: sound}, "nan": {0: np.full((3, 3), np.nan)}}
    (row,) = overlap_rows(results_of([Split("s", videos, runs)], CLASSES))
    assert (row["both_wrong"], row["num_videos"], row["num_unreadable"]) == (0.5, 2, 1)
