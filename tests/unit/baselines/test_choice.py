"""The choice of a setting: on validation alone, from planted data in which another choice would be another setting."""

import numpy as np
import pytest

from vidbench.baselines import choice, logistic
from vidbench.baselines.choice import Examples
from vidbench.baselines.options import BaselineOptions
from vidbench.models.options import ModelOptions, NetworkOptions

FEATURES = ModelOptions(network=NetworkOptions(architecture="cnn2d", trained_stages=0))
LOGISTIC = BaselineOptions(kind="logistic", strengths=(1e-4, 1.0), features=FEATURES)


def line(values: list[float], targets: list[int]) -> Examples:
    return Examples(np.array(values)[:, None], np.array(targets))


def noisy(num_rows: int, seed: int, signal: float = 0.5) -> Examples:
    """One of 60 features tells the class."""
    random = np.random.default_rng(seed)
    targets = np.arange(num_rows) % 2
    x = random.normal(size=(num_rows, 60))
    x[:, 0] += 2 * signal * (2 * targets - 1)
    return Examples(x, targets)


def test_the_setting_is_the_best_on_validation() -> None:
    options = BaselineOptions(kind="knn", neighbours=(1, 3), metrics=("euclidean",), features=FEATURES)
    train = line([0, 1, 2, 10, 11, 1.4], [0, 0, 0, 1, 1, 1])  # the last one is mislabelled
    fitted = choice.fit(options, train, line([1.5, 10.5], [0, 1]), np.array([[1.39]]), 2)
    assert fitted.chosen.setting == {"k": 3, "metric": "euclidean"}
    assert [candidate.val_top1 for candidate in fitted.candidates] == [1.0, 0.5]
    fitted = choice.fit(options, train, line([1.4, 10.5], [1, 1]), np.array([[1.39]]), 2)
    assert fitted.chosen.setting["k"] == 1


def test_the_test_videos_choose_nothing() -> None:
    train, val = noisy(40, 0), noisy(20, 1)
    one = choice.fit(LOGISTIC, train, val, noisy(9, 2).x, 2)
    other = choice.fit(LOGISTIC, train, val, -noisy(9, 3).x, 2)
    assert one.candidates == other.candidates
    assert one.chosen == other.chosen
    assert np.array_equal(one.val, other.val)


def test_strengths_are_chosen_by_log_loss_and_neighbours_by_accuracy() -> None:
    sharp = choice.Candidate({}, val_top1=0.9, val_loss=1.0)
    sure = choice.Candidate({}, val_top1=0.8, val_loss=0.3)
    assert max((sharp, sure), key=lambda one: choice.rank(one, "logistic")) is sure
    assert max((sharp, sure), key=lambda one: choice.rank(one, "file_properties")) is sure
    assert max((sharp, sure), key=lambda one: choice.rank(one, "knn")) is sharp


def test_equal_accuracies_are_told_apart_by_their_loss() -> None:
    fitted = choice.fit(LOGISTIC, line([-3, -2, 2, 3], [0, 0, 1, 1]), line([-2, 2], [0, 1]), np.zeros((1, 1)), 2)
    first, second = fitted.candidates
    assert first.val_top1 == second.val_top1 == 1
    assert fitted.chosen == min(fitted.candidates, key=lambda candidate: candidate.val_loss)


def test_validation_is_predicted_without_itself_and_the_test_with_it() -> None:
    train, val, test = noisy(40, 0), noisy(20, 1), noisy(30, 2)
    fitted = choice.fit(LOGISTIC, train, val, test.x, 2)
    strength = float(fitted.chosen.setting["strength"])
    (of_train,) = logistic.predict_each([strength], train.x, train.targets, val.x, 2)
    assert np.array_equal(fitted.val, of_train)
    both = train.and_(val)
    (of_both,) = logistic.predict_each([strength], both.x, both.targets, test.x, 2)
    assert np.array_equal(fitted.test, of_both)


def test_the_order_of_the_list_changes_nothing() -> None:
    options = BaselineOptions(kind="logistic", strengths=(1.0, 1e-4), features=FEATURES)
    data = noisy(40, 0), noisy(20, 1), noisy(30, 2).x
    assert np.array_equal(choice.fit(options, *data, 2).test, choice.fit(LOGISTIC, *data, 2).test)


@pytest.mark.parametrize("kind", ["logistic", "knn"])
def test_one_video_per_class_and_classes_that_only_the_test_has(kind: str) -> None:
    options = BaselineOptions(kind=kind, strengths=(0.1,), neighbours=(1,), metrics=("cosine",), features=FEATURES)
    train = Examples(np.eye(3), np.array([0, 1, 2]))
    fitted = choice.fit(options, train, Examples(np.eye(3)[:1], np.array([0])), np.eye(3), 5)
    assert fitted.test.shape == (3, 5)
    assert np.isfinite(fitted.test).all()
    assert fitted.test.argmax(axis=1).tolist() == [0, 1, 2]
