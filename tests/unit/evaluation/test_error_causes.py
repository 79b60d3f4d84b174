"""Where a model's errors lie: planted causes and their opposites, and the share of pairs against counting."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from vidbench.evaluation.alternatives import Sample
from vidbench.evaluation.error_causes import clustered_auc, find_error_cause

GROUPS = np.repeat(np.arange(40), 6)
CLASSES = np.tile(np.arange(3), 80)
SAMPLE = Sample(GROUPS, CLASSES)
RANDOM = np.random.default_rng(0)
DURATION = RANDOM.lognormal(1, 0.5, 240)


def wrong_where(probability: np.ndarray) -> np.ndarray:
    """Right or wrong of each video, wrong with its probability."""
    return (np.random.default_rng(1).random(240) >= probability).astype(float)


def test_errors_of_long_videos_are_found() -> None:
    correct = wrong_where(np.where(np.quantile(DURATION, 0.7) < DURATION, 0.8, 0.05))
    cause = find_error_cause(correct, {"frame rate": RANDOM.choice([25, 30], 240), "duration": DURATION}, SAMPLE)
    assert cause is not None
    assert cause.name == "duration"
    assert cause.low > 0.75
    assert cause.above < 0.6 < 0.9 < cause.below


def test_errors_of_short_videos_are_found() -> None:
    correct = wrong_where(np.where(np.quantile(DURATION, 0.3) > DURATION, 0.8, 0.05))
    cause = find_error_cause(correct, {"duration": DURATION}, SAMPLE)
    assert cause is not None
    assert cause.auc < 0.25
    assert cause.above > cause.below


def test_errors_anywhere_have_no_cause() -> None:
    assert find_error_cause(wrong_where(np.full(240, 0.3)), {"duration": DURATION}, SAMPLE) is None


def test_a_hard_class_of_long_videos_is_no_cause() -> None:
    """Within each class duration tells nothing."""
    longer = DURATION + 20.0 * (CLASSES == 2)
    assert find_error_cause(wrong_where(np.where(CLASSES == 2, 0.7, 0.05)), {"duration": longer}, SAMPLE) is None


def test_errors_of_one_group_are_no_cause() -> None:
    """A single recording that is long and difficult says nothing of other long ones."""
    longer = np.where(GROUPS < 3, 60.0, DURATION)
    correct = np.where(GROUPS < 3, 0.0, 1.0)
    assert find_error_cause(correct, {"duration": longer}, SAMPLE) is None


@pytest.mark.parametrize("errors", [0, 6, 240])
def test_too_few_errors_or_right_videos_say_nothing(errors: int) -> None:
    correct = np.ones(240)
    correct[np.argsort(-DURATION)[:errors]] = 0
    assert find_error_cause(correct, {"duration": DURATION}, SAMPLE) is None


def test_a_constant_property_or_few_groups_say_nothing() -> None:
    correct = wrong_where(np.where(DURATION > 3, 0.9, 0.0))
    assert find_error_cause(correct, {"duration": np.full(240, 3.0)}, SAMPLE) is None
    assert find_error_cause(correct, {"duration": DURATION}, Sample(np.arange(240) // 40, CLASSES)) is None


@pytest.mark.parametrize("seed", range(20))
def test_the_share_of_pairs_is_the_area_under_the_curve(seed: int) -> None:
    random = np.random.default_rng(seed)
    wrong, values = (random.random(60) < 0.4).astype(float), random.integers(0, 12, 60).astype(float)
    auc, parts = clustered_auc(wrong, values, np.zeros(60))
    assert auc == pytest.approx(roc_auc_score(wrong, values))
    assert parts.sum() == pytest.approx(0, abs=1e-12)


def test_videos_of_several_classes_and_seeds_are_counted_in_pairs() -> None:
    random = np.random.default_rng(3)
    wrong, values = random.choice([0, 1 / 3, 2 / 3, 1], 30), random.integers(0, 9, 30).astype(float)
    classes = random.integers(0, 3, 30)
    won = pairs = 0.0
    for i in range(30):
        for j in set(np.flatnonzero(classes == classes[i])) - {i}:
            pairs += wrong[i] * (1 - wrong[j])
            won += wrong[i] * (1 - wrong[j]) * (1 if values[i] > values[j] else 0.5 if values[i] == values[j] else 0)
    assert clustered_auc(wrong, values, classes)[0] == pytest.approx(won / pairs)
