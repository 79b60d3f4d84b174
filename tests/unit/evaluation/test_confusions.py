"""Confused pairs and confident errors, against loops over videos and planted answers."""

from collections import Counter

import numpy as np
import pytest
from answered import CLASSES, LABELS, MODELS, Split, answers, random_splits, results_of
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vidbench.evaluation.confusions import error_rows, pair_rows
from vidbench.video import Video


@settings(deadline=None, max_examples=20)
@example(154140, 2, 2)
@given(st.integers(0, 10**6), st.integers(1, 3), st.integers(0, 2))
def test_confused_pairs_are_counted_by_video(number: int, seeds: int, unreadable: int) -> None:
    tests = results_of(random_splits(number, seeds, unreadable), CLASSES)
    rows = {(row["model"], row["truth"], row["predicted"]): row for row in pair_rows(tests)}
    for model in MODELS:
        expected: Counter = Counter()
        for video, splits in answers(tests, model).items():
            for split in splits:
                for answer in split:
                    if answer >= 0 and CLASSES[answer] != LABELS[video]:
                        expected[LABELS[video], CLASSES[answer]] += 1 / len(splits) / seeds
        assert {key[1:]: row["count"] for key, row in rows.items() if key[0] == model} == pytest.approx(expected)
    for (model, truth, predicted), row in rows.items():
        assert row["share"] == pytest.approx(row["count"] / row["videos"], abs=1e-5)
        assert LABELS[row["example"]] == truth
        answers_of_seeds = answers(tests, row["example_model"])[row["example"]]
        places = [place for place, video in enumerate(tests.test_videos) if video == row["example"]]
        # The mean of the seeds may predict what no seed predicts.
        average = tests.mean_answers(row["example_model"]).predicted[places]
        assert any(CLASSES.index(predicted) in split for split in (*answers_of_seeds, average))
        assert model in ("", row["example_model"])
        assert row["other_example"] == "" or LABELS[row["other_example"]] == predicted


def test_confident_errors_stand_first_and_say_who_is_right() -> None:
    videos = [Video(name, name, "a", name) for name in "xyz"]
    sure = np.array([[0.1, 0.9, 0.0], [0.3, 0.1, 0.6], [np.nan] * 3])
    right = np.array([[0.9, 0.1, 0.0], [0.1, 0.9, 0.0], [np.nan] * 3])
    tests = results_of([Split("s", videos, {"m": {0: sure, 1: right}, "n": {0: right}})], CLASSES)
    rows = error_rows(tests)
    # The mean of m's two seeds is right about x (by the first of equal ones) and takes y for b.
    assert [(row["model"], row["video"], row["predicted"], row["confidence"]) for row in rows] == [
        ("m", "y", "b", 0.5), ("n", "y", "b", 0.9),
    ]  # fmt: skip
    assert [(row["others_right"], row["num_others"], row["seeds_wrong"]) for row in rows] == [(0, 1, 1.0), (0, 1, 1.0)]
