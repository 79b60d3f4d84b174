"""Scores equal scikit-learn's on random cases; unreadable videos count as wrong."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference

from vidbench.metrics import UNREADABLE, confusion, scored, summary, top_k
from vidbench.predictions import Predictions


def random_case(seed: int, classes: int, count: int, ties: bool = False) -> tuple[Predictions, list[str], dict]:
    random = np.random.default_rng(seed)
    logits = random.normal(size=(count, 2, classes)).astype(np.float32)
    if ties:
        logits = np.round(logits)
    names = [f"c{place:02d}" for place in range(classes)]
    videos = [f"v{place}" for place in range(count)]
    labels = {video: names[random.integers(classes)] for video in videos}
    table = Predictions(videos, ["test"] * count, ["normal"] * count, ["clip0", "clip1"], names, logits)
    return table, videos, labels


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 12), st.integers(1, 60), st.booleans())
def test_scores_equal_scikit_learn(seed: int, classes: int, count: int, ties: bool) -> None:
    predictions, videos, labels = random_case(seed, classes, count, ties)
    result = scored(predictions, "test", videos, labels)
    truth = [predictions.classes.index(labels[video]) for video in videos]
    _, probabilities = predictions.probabilities("test")
    guess = probabilities.argmax(axis=1)
    got = summary(result)
    assert got["top1"] == pytest.approx(reference.accuracy_score(truth, guess))
    recall = reference.recall_score(truth, guess, labels=sorted(set(truth)), average="macro", zero_division=0)
    assert got["mean_class_accuracy"] == pytest.approx(recall)
    table = reference.confusion_matrix(truth, guess, labels=range(classes))
    assert np.array_equal(confusion(result)[:, :-1], table)
    assert (got["top5"] is None) == (classes < 6)
    if not ties and classes >= 6:
        expected = reference.top_k_accuracy_score(truth, probabilities, k=5, labels=range(classes))
        assert got["top5"] == pytest.approx(expected)


def test_unreadable_videos_count_as_wrong_and_are_counted() -> None:
    predictions, videos, labels = random_case(0, 6, 10)
    labels = dict.fromkeys(videos, "c00")
    predictions.logits[:, :, 0] = 99
    members = [*videos, "broken1", "broken2"]
    labels |= {"broken1": "c00", "broken2": "c01"}
    result = scored(predictions, "test", members, labels)
    got = summary(result)
    assert got["top1"] == pytest.approx(10 / 12)
    assert got["top5"] == pytest.approx(10 / 12)
    assert got["mean_class_accuracy"] == pytest.approx((10 / 11 + 0) / 2)
    assert (got["num_videos"], got["num_unreadable"]) == (12, 2)
    assert result.predicted[-1] == UNREADABLE
    assert np.array(got["confusion"])[:2, -1].tolist() == [1, 1]


def test_probabilities_are_averaged_over_views() -> None:
    logits = np.array([[[0, 10], [8, 0]], [[0, 10], [9, 0]]], np.float32)
    table = Predictions(["a", "b"], ["test", "val"], ["normal"] * 2, ["0", "1"], ["x", "y"], logits)
    videos, probabilities = table.probabilities("test")
    assert videos == ["a"]
    first, second = 1 / (1 + np.exp(10)), 1 / (1 + np.exp(-8))
    assert probabilities[0, 0] == pytest.approx((first + second) / 2)


def test_predictions_survive_the_file_and_give_the_same_bytes(tmp_path: Path) -> None:
    predictions, _, _ = random_case(1, 3, 5)
    predictions.write(tmp_path / "a.h5")
    predictions.write(tmp_path / "b.h5")
    assert (tmp_path / "a.h5").read_bytes() == (tmp_path / "b.h5").read_bytes()
    again = Predictions.read(tmp_path / "a.h5")
    assert again.video == predictions.video
    assert np.array_equal(again.logits, predictions.logits)


def test_top_k_takes_the_first_of_equals() -> None:
    logits = np.zeros((1, 1, 3), np.float32)
    table = Predictions(["a"], ["test"], ["normal"], ["0"], ["x", "y", "z"], logits)
    assert top_k(scored(table, "test", ["a"], {"a": "x"}), 1) == 1
    assert top_k(scored(table, "test", ["a"], {"a": "z"}), 1) == 0
