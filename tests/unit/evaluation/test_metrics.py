"""Scores equal scikit-learn's on random cases; unreadable videos count as wrong."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference

from vidbench.evaluation.calibration import calibration
from vidbench.evaluation.class_metrics import class_summary, f1_of_classes, precision_of_classes
from vidbench.evaluation.metrics import (
    NO_PREDICTION,
    accuracy_summary,
    brier_scores,
    confusion,
    evaluate_subset,
    log_losses,
    top_k,
)
from vidbench.evaluation.predictions import Predictions


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
    result = evaluate_subset(predictions, "test", videos, labels)
    truth = [predictions.classes.index(labels[video]) for video in videos]
    _, probabilities = predictions.probabilities("test")
    guess = probabilities.argmax(axis=1)
    got = accuracy_summary(result)
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
    result = evaluate_subset(predictions, "test", members, labels)
    got = accuracy_summary(result)
    assert got["top1"] == pytest.approx(10 / 12)
    assert got["top5"] == pytest.approx(10 / 12)
    assert got["mean_class_accuracy"] == pytest.approx((10 / 11 + 0) / 2)
    assert (got["num_videos"], got["num_unreadable"]) == (12, 2)
    assert result.predicted[-1] == NO_PREDICTION
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
    assert top_k(evaluate_subset(table, "test", ["a"], {"a": "x"}), 1) == 1
    assert top_k(evaluate_subset(table, "test", ["a"], {"a": "z"}), 1) == 0


def with_broken(ties: bool, seed: int = 3) -> tuple[Predictions, list[str], dict]:
    """A case in which videos 0 and 1 were not decoded, and 2 and 3 have logits that are no numbers."""
    predictions, videos, labels = random_case(seed, 6, 40, ties)
    predictions.logits[2] = np.nan
    predictions.logits[3, 0, 1] = np.inf
    rest = {name: getattr(predictions, name)[2:] for name in ("video", "subset", "condition", "logits")}
    return Predictions(**rest, view=predictions.view, classes=predictions.classes), videos, labels


@pytest.mark.parametrize("unreadable", ["wrong", "leave_out"])
def test_unreadable_videos_can_be_left_out_but_not_logits_that_are_no_numbers(unreadable: str) -> None:
    predictions, videos, labels = with_broken(ties=False)
    result = evaluate_subset(predictions, "test", videos, labels, unreadable=unreadable)
    whole = evaluate_subset(*(lambda p, v, t: (p, "test", v, t))(*random_case(3, 6, 40)))
    right = whole.correct[4:].sum()
    assert accuracy_summary(result)["top1"] == pytest.approx(right / (40 if unreadable == "wrong" else 38))
    assert (result.undecodable, int(result.has_probabilities.sum())) == (["v0", "v1"], 36)
    assert np.isnan(result.log_probabilities[~result.has_probabilities]).all()
    assert np.isfinite(result.log_probabilities[result.has_probabilities]).all()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 9), st.integers(2, 60), st.booleans())
def test_losses_equal_scikit_learn(seed: int, classes: int, count: int, ties: bool) -> None:
    predictions, videos, labels = random_case(seed, classes, count, ties)
    result = evaluate_subset(predictions, "test", videos, labels)
    _, p = predictions.probabilities("test")
    assert np.exp(result.log_probabilities) == pytest.approx(p)
    expected = reference.log_loss(result.truth, p, labels=range(classes))
    assert log_losses(result.log_probabilities, result.truth).mean() == pytest.approx(expected)
    brier = brier_scores(result.log_probabilities, result.truth)
    assert brier.mean() == pytest.approx(((p - np.eye(classes)[result.truth]) ** 2).sum(axis=1).mean())
    if classes == 2 and len(set(result.truth)) == 2:
        assert brier.mean() == pytest.approx(2 * reference.brier_score_loss(result.truth, p[:, 1]))


def test_a_probability_of_zero_costs_what_it_costs_in_scikit_learn() -> None:
    logits = np.array([[[0, -np.inf, 3]], [[0, 0, 0]]], np.float32)
    table = Predictions(["a", "b"], ["test"] * 2, ["normal"] * 2, ["clip0"], ["x", "y", "z"], logits)
    result = evaluate_subset(table, "test", ["a", "b"], {"a": "y", "b": "x"})
    got = log_losses(result.log_probabilities, result.truth)
    assert got.mean() == pytest.approx(reference.log_loss([1, 0], table.probabilities("test")[1], labels=range(3)))


@settings(max_examples=30, deadline=None)
@example(0, 3, 56, True)  # two that are equal but for rounding
@given(st.integers(0, 10**6), st.integers(2, 9), st.integers(1, 60), st.booleans())
def test_scores_of_classes_equal_a_count(seed: int, classes: int, count: int, ties: bool) -> None:
    """Absent classes are in no mean; ties take all that are equal."""
    predictions, videos, labels = random_case(seed, classes, count, ties)
    got = class_summary(evaluate_subset(predictions, "test", videos, labels), np.arange(count))
    truth = np.array([predictions.classes.index(labels[video]) for video in videos])
    _, p = predictions.probabilities("test")
    guess, p = p.argmax(axis=1), p.round(12)
    f1, precision = [], []
    for place in sorted(set(truth)):
        hits = ((guess == place) & (truth == place)).sum()
        f1.append(2 * hits / ((guess == place).sum() + (truth == place).sum()))
        taken = [p[:, place] >= p[row, place] for row in np.flatnonzero(truth == place)]
        precision.append(np.mean([(truth[above] == place).mean() for above in taken]))
    assert [row["f1"] for row in got["classes_table"]] == pytest.approx(f1)
    assert [row["average_precision"] for row in got["classes_table"]] == pytest.approx(precision)
    assert got["macro_f1"] == pytest.approx(np.mean(f1))
    assert got["mean_average_precision"] == pytest.approx(np.mean(precision))


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 9), st.integers(1, 60), st.booleans(), st.integers(0, 9))
def test_scores_of_classes_are_those_of_scikit_learn_to_the_last_digit(
    seed: int, classes: int, count: int, ties: bool, broken: int
) -> None:
    predictions, videos, labels = random_case(seed, classes, count, ties)
    predictions.logits[:broken] = np.nan
    result = evaluate_subset(predictions, "test", videos, labels)
    weights = 1 / np.random.default_rng(seed).integers(1, 4, size=count)  # of videos that up to three splits test
    tested = result.has_probabilities
    truth, p = result.truth[tested], result.probabilities[tested]
    for given_weights in (None, weights):
        of_tested = given_weights if given_weights is None else given_weights[tested]
        f1 = reference.f1_score(
            result.truth, result.predicted, labels=range(classes), average=None, zero_division=0,
            sample_weight=given_weights,
        )  # fmt: skip
        present = np.unique(result.truth)
        assert np.array_equal(f1_of_classes(result, given_weights)[present], f1[present])
        precision = precision_of_classes(result, given_weights)
        for label in np.unique(truth):
            expected = reference.average_precision_score(truth == label, p[:, label], sample_weight=of_tested)
            assert precision[label] == expected
        assert np.isnan(np.delete(precision, np.unique(truth))).all()


def test_f1_counts_videos_without_prediction_and_precision_leaves_them_out() -> None:
    predictions, videos, labels = with_broken(ties=True)
    result = evaluate_subset(predictions, "test", videos, labels)
    f1 = f1_of_classes(result)
    for place in range(6):
        of_class = result.truth == place
        hits = (of_class & result.correct).sum()
        assert f1[place] == pytest.approx(2 * hits / (of_class.sum() + (result.predicted == place).sum()))
    sound = [video for video, there in zip(videos, result.has_probabilities, strict=True) if there]
    assert precision_of_classes(result) == pytest.approx(
        precision_of_classes(evaluate_subset(predictions, "test", sound, labels))
    )


def test_a_diverged_model_is_scored() -> None:
    predictions, videos, labels = random_case(0, 6, 10)
    predictions.logits[:] = np.nan
    result = evaluate_subset(predictions, "test", videos, labels)
    got = class_summary(result, np.arange(10)) | accuracy_summary(result) | calibration(result, result)
    assert (got["top1"], got["macro_f1"], got["mean_average_precision"], got["num_scored"]) == (0, 0, None, 0)
    assert (got["log_loss"], got["ece"], got["temperature"], got["reliability_scaled"]) == (None,) * 4


def test_chosen_views_alone_are_averaged() -> None:
    predictions, videos, labels = random_case(5, 6, 20)
    one = evaluate_subset(predictions, "test", videos, labels, views=[1])
    assert np.array_equal(one.predicted, predictions.logits[:, 1].argmax(axis=1))
