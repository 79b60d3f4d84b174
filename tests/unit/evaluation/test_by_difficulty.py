"""Accuracy by the videos' duration and motion: bins of equally many videos, and what they add up to."""

import numpy as np
import pytest
from answered import CLASSES, LABELS, MODELS, answers, random_splits, results_of
from hypothesis import given
from hypothesis import strategies as st

from vidbench.evaluation.by_difficulty import MIN_BIN, assign_quantile_bins, difficulty_rows


@given(st.lists(st.one_of(st.integers(0, 5).map(float), st.floats(0, 100)), min_size=1, max_size=300))
def test_quantile_bins_keep_order_and_ties(values: list[float]) -> None:
    number = assign_quantile_bins(np.array(values))
    assert sorted(set(number.tolist())) == list(range(number.max() + 1))
    for value, bin_ in zip(values, number, strict=True):
        assert all((other < value) <= (there <= bin_) for other, there in zip(values, number, strict=True))
        assert all(there == bin_ for other, there in zip(values, number, strict=True) if other == value)


def test_quantile_bins_are_equally_large_and_one_for_equal_values() -> None:
    assert np.bincount(assign_quantile_bins(np.arange(6.0 * MIN_BIN))).tolist() == [MIN_BIN] * 6
    assert assign_quantile_bins(np.full(500, 3.0)).max() == 0
    assert assign_quantile_bins(np.linspace(3.0, 3.1, 500)).max() == 0
    assert np.bincount(assign_quantile_bins(np.repeat([1.0, 9.0], [30, 170]))).tolist() == [30, 170]


@pytest.mark.parametrize("unreadable", [0, 2])
def test_accuracy_by_difficulty_adds_up_to_the_accuracy(unreadable: int) -> None:
    tests = results_of(random_splits(1, 2, unreadable), CLASSES)
    measured = {video: {"duration": str(n), "motion": ""} for n, video in enumerate(LABELS)}
    for video in list(LABELS)[:unreadable]:
        measured[video] = {"duration": "", "motion": ""}
    rows = difficulty_rows(tests, measured)
    assert {row["quantity"] for row in rows} == {"duration"}
    for model in MODELS:
        bins = [row for row in rows if row["model"] == model]
        total = sum(row["accuracy"] * row["videos"] for row in bins)
        means = [
            np.mean([[answer == CLASSES.index(LABELS[video]) for answer in split] for split in splits])
            for video, splits in answers(tests, model).items()
        ]
        assert total == pytest.approx(sum(means))
        assert sum(row["videos"] for row in bins) == len(means) - unreadable
