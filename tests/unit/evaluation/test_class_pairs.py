"""Classes that are not told apart: planted confusions, each beside its opposite."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vidbench.evaluation.class_pairs import find_confused
from vidbench.evaluation.predictions import Predictions
from vidbench.evaluation.runs import Run
from vidbench.evaluation.test_results import TestResults
from vidbench.files import write_csv
from vidbench.video import Video

CLASSES = "abcd"
VIDEOS = [Video(f"v{number}", f"v{number}", CLASSES[number % 4], f"g{number // 8}") for number in range(160)]


@pytest.fixture
def results_of(tmp_path: Path):
    """Results of one run whose answers are made from the number of the video and its class."""

    def make(answer, groups: int = 20) -> TestResults:
        videos = [
            Video(video.id, video.path, video.label, f"g{place * groups // 160}") for place, video in enumerate(VIDEOS)
        ]
        write_csv(tmp_path / "split1.csv", [{"video": v.id, "subset": "test"} for v in videos], ("video", "subset"))
        folder = tmp_path / "data/split1/m/seed0"
        answers = [answer(place, video.label) for place, video in enumerate(videos)]
        logits = np.array([[[float(label == said) for label in CLASSES]] for said in answers], np.float32)
        plain = ["normal"] * len(videos)
        Predictions([v.id for v in videos], ["test"] * len(videos), plain, ["clip"], list(CLASSES), logits).write(
            folder / "predictions.h5"
        )
        return TestResults.read([Run(folder)], videos, [tmp_path / "split1.csv"])

    return make


COIN = np.random.default_rng(0).random(160) < 0.5


def test_two_classes_that_are_guessed_are_a_pair(results_of) -> None:
    results = results_of(lambda place, label: "ab"[int(COIN[place])] if label in "ab" else label)
    (pair,) = find_confused(results, "m")
    assert (pair.a, pair.b, pair.videos, pair.groups) == ("a", "b", 80, 20)
    assert pair.low < 0.5 < pair.high < 0.75
    assert results.correct("m").mean() + pair.gain == pytest.approx(1)


def test_another_model_that_tells_the_pair_apart_is_named(results_of) -> None:
    guessed = results_of(lambda place, label: "ab"[int(COIN[place])] if label in "ab" else label)
    others = {
        "m": guessed.predicted("m"),
        "guesses": np.where(np.random.default_rng(1).random((1, 160)) < 0.5, guessed.predicted("m"), guessed.truth),
        "neither": np.full((1, 160), 3),
        "tells": guessed.truth[None],
    }
    results = replace(guessed)
    results._predicted.update(others)
    (pair,) = find_confused(results, "m", ["neither", "guesses", "tells"])
    assert pair.told_by == "tells"
    (pair,) = find_confused(results, "m", ["neither", "guesses"])
    assert pair.told_by == ""


def test_two_classes_that_are_told_apart_are_none(results_of) -> None:
    assert not find_confused(results_of(lambda place, label: label), "m")
    mostly = results_of(lambda place, label: "b" if label == "a" and place % 5 == 0 else label)
    assert not find_confused(mostly, "m")


def test_a_class_that_is_taken_for_all_others_is_no_pair(results_of) -> None:
    """Of each pair most are told apart."""
    assert not find_confused(results_of(lambda place, label: CLASSES[place // 4 % 4] if label == "a" else label), "m")


def test_a_class_that_is_always_taken_for_another_is_a_pair(results_of) -> None:
    (pair,) = find_confused(results_of(lambda place, label: "b" if label == "a" else label), "m")
    assert (pair.a, pair.b, pair.right, pair.gain) == ("a", "b", 0.5, 0.25)


def test_few_groups_say_nothing(results_of) -> None:
    assert not find_confused(results_of(lambda place, label: "b" if label == "a" else label, groups=8), "m")
