"""Tests of several splits, pooled; incomplete seeds; videos without frames: from files, as runs leave them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vidbench.errors import UserError
from vidbench.evaluation.label_tests import LabelTests
from vidbench.evaluation.metrics import NO_PREDICTION
from vidbench.evaluation.predictions import Predictions
from vidbench.evaluation.runs import Run
from vidbench.evaluation.test_results import TestResults
from vidbench.files import write_csv
from vidbench.video import Video

VIDEOS = [Video(name, name, "x" if name in "abc" else "y", name) for name in "abcd"]


def write_splits(folder: Path, **tested: str) -> list[Path]:
    """Files of splits that test these videos, a letter each."""
    paths = [folder / f"{split}.csv" for split in tested]
    for path, names in zip(paths, tested.values(), strict=True):
        write_csv(path, [{"video": name, "subset": "test"} for name in names], ("video", "subset"))
    return paths


def write_run(folder: Path, answers: dict[str, str], classes: str = "xy") -> Run:
    """A run that takes each video for a class; "?": its logits are no numbers."""
    logits = np.array([[[np.nan if c == "?" else float(c == label) for label in classes]] for c in answers.values()])
    plain = ["normal"] * len(answers)
    subsets = ["test"] * len(answers)
    predictions = Predictions(list(answers), subsets, plain, ["v"], list(classes), logits.astype(np.float32))
    predictions.write(folder / "predictions.h5")
    return Run(folder)


def test_a_video_of_two_splits_counts_once_with_its_mean(tmp_path: Path) -> None:
    splits = write_splits(tmp_path, split1="ab", split2="bc")
    runs = [
        write_run(tmp_path / "d/split1/m/seed0", {"a": "x", "b": "x"}),
        write_run(tmp_path / "d/split2/m/seed0", {"c": "x", "b": "y"}),
    ]
    results = TestResults.read(runs, VIDEOS, splits)
    assert [video.id for video in results.videos] == ["a", "b", "c"]
    assert results.test_videos == ["a", "b", "b", "c"]
    assert results.weight.tolist() == [1, 0.5, 0.5, 1]
    assert results.correct("m").tolist() == [[1, 0.5, 1]]


def test_a_seed_that_lacks_a_split_is_left_out_and_a_model_without_a_whole_one_refused(tmp_path: Path) -> None:
    splits = write_splits(tmp_path, split1="ab", split2="bc", unused="d")
    answers = {"a": "x", "b": "x", "c": "x"}
    runs = [write_run(tmp_path / f"d/{split}/m/seed0", answers) for split in ("split1", "split2")]
    runs.append(write_run(tmp_path / "d/split1/m/seed1", answers))
    results = TestResults.read(runs, VIDEOS, splits)
    assert results.seeds == {"m": [0]}
    assert list(results.tests) == ["split1", "split2"]
    with pytest.raises(UserError, match="n: no seed of it has all splits: seed 0 lacks split2"):
        TestResults.read([*runs, write_run(tmp_path / "d/split1/n/seed0", answers)], VIDEOS, splits)
    with pytest.raises(UserError, match="its split 'split2' is not among --splits"):
        TestResults.read(runs, VIDEOS, splits[:1])
    with pytest.raises(UserError, match=r"video 'b' is not in videos\.csv"):
        TestResults.read(runs, VIDEOS[:1], splits)


def test_a_video_without_frames_is_wrong_or_left_out_for_all(tmp_path: Path) -> None:
    splits = write_splits(tmp_path, split1="abc")
    runs = [
        write_run(tmp_path / "d/split1/m/seed0", {"a": "x", "b": "y"}),
        write_run(tmp_path / "d/split1/n/seed0", {"a": "x", "b": "x", "c": "x"}),
    ]
    wrong = TestResults.read(runs, VIDEOS, splits)
    assert wrong.predicted("m").tolist() == [[0, 1, NO_PREDICTION]]
    assert (wrong.correct("m").tolist(), wrong.correct("n").tolist()) == ([[1, 0, 0]], [[1, 1, 1]])
    left_out = TestResults.read(runs, VIDEOS, splits, unreadable="leave_out")
    assert [video.id for video in left_out.videos] == ["a", "b"]
    assert (left_out.left_out, left_out.correct("n").tolist()) == (1, [[1, 1]])


def test_a_diverged_network_is_wrong_and_its_videos_are_not_unreadable_for_others(tmp_path: Path) -> None:
    splits = write_splits(tmp_path, split1="abc")
    runs = [
        write_run(tmp_path / "d/split1/m/seed0", {"a": "?", "b": "?"}),
        write_run(tmp_path / "d/split1/n/seed0", {"a": "x", "b": "y"}),
    ]
    results = TestResults.read(runs, VIDEOS, splits)
    assert results.correct("m").tolist() == [[0, 0, 0]]
    assert results.answered.tolist() == [True, True, False]


def test_classes_of_splits_are_put_together(tmp_path: Path) -> None:
    """A split whose training has not met a class never predicts it."""
    splits = write_splits(tmp_path, split1="ab", split2="cd")
    runs = [
        write_run(tmp_path / "d/split1/m/seed0", {"a": "x", "b": "z"}, "xz"),
        write_run(tmp_path / "d/split2/m/seed0", {"c": "y", "d": "y"}, "xy"),
    ]
    results = TestResults.read(runs, VIDEOS, splits)
    assert results.classes == ["x", "y", "z"]
    assert results.predicted("m").tolist() == [[0, 2, 1, 1]]
    assert results.correct("m").tolist() == [[1, 0, 0, 1]]
    with pytest.raises(UserError, match="splits of one data set have other classes"):
        results.evaluate("m", 0)


def test_several_networks_answer_with_the_mean_of_their_probabilities(tmp_path: Path) -> None:
    splits = write_splits(tmp_path, split1="ab", split2="c")
    runs = [
        write_run(tmp_path / f"d/{split}/{model}/seed{seed}", {name: label for name in tested})
        for split, tested in (("split1", "ab"), ("split2", "c"))
        for model, seed, label in (("m", 0, "x"), ("m", 1, "y"), ("n", 0, "y"))
    ]
    results = TestResults.read(runs, VIDEOS, splits)
    three = results.answers((("m", 0), ("m", 1), ("n", 0)))
    assert three.predicted.tolist() == [1, 1, 1]
    low, high = 1 / (1 + np.e), np.e / (1 + np.e)
    assert three.confidence == pytest.approx([(low + 2 * high) / 3] * 3)
    assert three.truth_probability == pytest.approx([(high + 2 * low) / 3] * 3)
    assert results.mean_answers("m").predicted.tolist() == [0, 0, 0]  # of equal ones the first
    assert results.wrong("m").tolist() == [0.5] * 3


def test_a_list_of_several_labels_is_for_another_step_and_the_other_way_round() -> None:
    several = [replace(video, multi=True) for video in VIDEOS]
    with pytest.raises(UserError, match=r"--videos: its videos may have several labels each; use compare_labels\.py"):
        TestResults.read([], several, [])
    with pytest.raises(UserError, match=r"--videos: its videos have one label each; use compare_models\.py"):
        LabelTests.read([], VIDEOS, [], "wrong")
