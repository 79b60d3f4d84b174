"""Suspicious labels on planted answers: swapped labels, none, few videos of a class, models that know nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pytest
from scipy.special import softmax

from vidbench.evaluation.label_issues import review_labels
from vidbench.evaluation.test_results import TestResults
from vidbench.video import Video

CLASSES = ["a", "b", "c", "d"]
SEEDS = {0: {}, 1: {}}


@dataclass(frozen=True)
class InMemory(TestResults):
    """Test results whose probabilities are planted instead of read."""

    planted: dict[tuple[str, int, str], np.ndarray] = field(default_factory=dict)

    def probabilities(self, model: str, seed: int, split: str) -> np.ndarray:
        return self.planted[model, seed, split]


def answers(random: np.random.Generator, classes: np.ndarray, signal: float) -> np.ndarray:
    """Probabilities (N, 4) that are right as often as they say: of classes seen in noise. No signal: all noise."""
    seen = signal * (classes[:, None] == np.arange(4)) + random.normal(size=(len(classes), 4))
    return softmax((signal or 1) * seen, axis=1)


def results(
    signals: Mapping[str, float], swapped: dict[int, int], videos: int = 160, seed: int = 0, classes: int = 4
) -> InMemory:
    """Videos in two folds; `swapped`: the classes that some are labelled with in place of theirs."""
    random = np.random.default_rng(seed)
    truth = np.arange(videos) % classes
    labels = truth.copy()
    for place, label in swapped.items():
        labels[place] = label
    listed = [Video(f"v{n:03d}", f"v{n}.mp4", CLASSES[label], f"g{n // 2}") for n, label in enumerate(labels)]
    folds = {"fold1": listed[: videos // 2], "fold2": listed[videos // 2 :]}
    numbers = {"fold1": truth[: videos // 2], "fold2": truth[videos // 2 :]}
    planted = {
        (model, number, fold): answers(random, numbers[fold], signal)
        for model, signal in signals.items()
        for number in SEEDS
        for fold in folds
    }
    runs: dict = {model: dict(SEEDS) for model in signals}
    return InMemory(folds, CLASSES, runs, planted=planted)


def test_swapped_labels_are_found_with_their_class() -> None:
    swapped = {n: (n + 1 + n % 3) % 4 for n in range(0, 160, 20)}
    review = review_labels(results({"one": 4, "two": 3.5}, swapped))
    found = review.issues[: len(swapped)]
    assert {issue.video for issue in found} < {f"v{n:03d}" for n in swapped}  # of one the models are not sure
    right = [issue for issue in found if issue.suggested == CLASSES[int(issue.video[1:]) % 4]]
    assert len(right) >= 7
    assert sum(issue.wrong > 0.8 for issue in right) >= 6
    assert review.share == pytest.approx(len(swapped) / 160, abs=0.02)
    assert abs(review.expected_wrong + review.missed - len(swapped)) < 2
    assert right[0].models_agree == "one; two"
    assert (right[0].networks_agree, right[0].num_models, right[0].class_videos) == (1.0, 2, pytest.approx(40, abs=8))


def test_without_swapped_labels_all_are_expected_to_be_false_alarms() -> None:
    reviews = [review_labels(results({"one": 2}, {}, seed=seed)) for seed in range(20)]
    assert np.mean([review.expected_wrong for review in reviews]) < 0.5
    assert any(review.issues for review in reviews)


def test_a_model_at_chance_judges_nothing() -> None:
    review = review_labels(results({"blind": 0}, {0: 1}))
    assert review.issues == [] == review.judges
    assert review.judged == 0
    assert review.left_out[0].reason == "is not clearly better than chance"


def test_a_model_at_chance_does_not_disturb_a_good_one() -> None:
    swapped = {n: (n + 1) % 4 for n in range(0, 160, 20)}
    alone, both = (review_labels(results(models, swapped)) for models in ({"good": 3}, {"good": 3, "blind": 0}))
    assert [judge.model for judge in both.judges] == ["good"]
    assert alone.issues == both.issues


def test_what_sees_no_frame_judges_no_label() -> None:
    given = results({"one": 3, "file_properties": 3}, {})
    given.__dict__["baselines"] = {"file_properties": "file_properties"}
    assert [judge.reason for judge in review_labels(given).left_out] == ["does not see the frames"]


def test_a_class_with_few_videos_is_named_and_draws_no_suspicion() -> None:
    """Two videos are of class d; the models hardly know it, so its mean probability is low."""
    review = review_labels(results({"one": 35}, {0: 3, 60: 3}, videos=120, classes=3))
    assert review.small_classes == {"d": 2}
    assert "d" not in {issue.suggested for issue in review.issues}
    assert {issue.video for issue in review.issues[:2]} == {"v000", "v060"}
    assert review.issues[0].class_videos == 2


def test_a_video_without_frames_and_a_diverged_seed_are_left_out() -> None:
    given = results({"one": 4}, {1: 3})
    given.planted["one", 0, "fold1"][:] = np.nan
    given.planted["one", 1, "fold1"][5] = np.nan
    review = review_labels(given)
    assert (review.tested, review.judged) == (160, 159)
    assert review.issues[0].video == "v001"
    assert review.issues[0].networks_agree == 1.0


def test_a_video_that_two_splits_test_is_judged_once() -> None:
    one = results({"one": 3}, {0: 2})
    splits = ("split1", "split2")
    said = {("one", seed, split): one.planted["one", seed, "fold1"] for seed in SEEDS for split in splits}
    twice = InMemory(dict.fromkeys(splits, one.tests["fold1"]), CLASSES, one.runs, planted=said)
    review = review_labels(twice)
    assert review.judged == 80
    assert [issue.video for issue in review.issues].count("v000") == 1


def test_all_that_is_said_adds_up() -> None:
    review = review_labels(results({"one": 2, "blind": 0}, {0: 2}))
    said = review.as_dict()
    assert said["suspicious"] == len(review.issues)
    assert said["expected_wrong"] + said["expected_false_alarms"] == pytest.approx(len(review.issues))
    assert [judge["model"] for judge in said["judges"]] == ["one"]
    assert said["chance"] == pytest.approx(0.25, abs=0.02)
