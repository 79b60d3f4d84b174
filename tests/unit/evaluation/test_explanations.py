"""Explanations of a run as its files leave it: which model they are of, and what each part is made from."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vidbench.clips.frame_orders import NORMAL, SINGLE_FRAME
from vidbench.evaluation.explaining import Tests, explain
from vidbench.evaluation.explanations import Explanations, Standing, read_explanations
from vidbench.evaluation.file_clues import decoded
from vidbench.evaluation.predictions import Predictions
from vidbench.evaluation.runs import Run
from vidbench.files import write_csv, write_json
from vidbench.video import Video

CLASSES = ("left", "right", "up")
VIDEOS = [Video(f"v{number}", f"v{number}", CLASSES[number % 3], f"g{number // 6}") for number in range(360)]
SUBSETS = [("train", "train", "val", "test")[number // 6 % 4] for number in range(360)]
ROWS = [
    {"video": video.id, "status": "ok", "codec": "h264", "source_height": "64", "source_width": "64", "rotation": "0",
     "source_fps": str(24 + CLASSES.index(video.label)), "duration": str(3 + number % 7)}
    for number, video in enumerate(VIDEOS)
]  # fmt: skip


@pytest.fixture
def tests_of(tmp_path: Path):
    """The tests of models with these accuracies, normally and, where given, with one frame."""
    write_csv(tmp_path / "split1.csv", [{"video": video.id, "subset": subset} for video, subset in zip(
        VIDEOS, SUBSETS, strict=True)], ("video", "subset"))  # fmt: skip

    def make(baseline: str = "", status: str = "ok", single: float | None = None, **shares: float) -> Tests:
        folders = {model: tmp_path / "data/split1" / model / "seed0" for model in shares}
        for model, folder in folders.items():
            conditions = {NORMAL: shares[model]} | ({} if single is None else {SINGLE_FRAME: single})
            write_run(folder, conditions, baseline if model == "files" else "", status if model == "bad" else "ok")
        return Tests([Run(folder) for folder in folders.values()], VIDEOS, [tmp_path / "split1.csv"], "wrong")

    return make


def write_run(folder: Path, conditions: dict[str, float], baseline: str, status: str) -> None:
    """A run that is right about these shares of the test videos."""
    tested = [video for video, subset in zip(VIDEOS, SUBSETS, strict=True) if subset == "test"]
    names, of_condition, logits = [], [], []
    for seed, (condition, share) in enumerate(conditions.items()):
        right = np.random.default_rng(seed).permutation(len(tested)) < share * len(tested)
        for video, is_right in zip(tested, right, strict=True):
            truth = CLASSES.index(video.label)
            logits.append([np.eye(3, dtype=np.float32)[truth if is_right else (truth + 1) % 3]])
            names.append(video.id)
            of_condition.append(condition)
    table = Predictions(names, ["test"] * len(names), of_condition, ["clip"], list(CLASSES), np.array(logits))
    table.write(folder / "predictions.h5")
    record = {"status": status, "classes": list(CLASSES), "videos": {"train": 180, "val": 90, "test": 90}}
    if baseline:
        write_json(folder / "options.json", record | {"options": None, "baseline": {"kind": baseline}})
        return
    write_json(folder / "options.json", record | {"options": {"architecture": "cnn3d", "training": {"epochs": 2}}})
    history = [
        {"train_loss": 1.0, "val_loss": 1.05, "val_top1": 0.4},
        {"train_loss": 0.9, "val_loss": 1.0, "val_top1": 0.5},
    ]
    write_csv(folder / "history.csv", history, tuple(history[0]))


def test_a_rate_that_gives_the_class_away_and_a_frame_that_does_not(tests_of, tmp_path: Path) -> None:
    found = explain(tests_of(m=0.9, n=0.5, single=0.4), decoded(ROWS))
    assert found.model == "m"
    assert found.file_property is not None
    assert (found.file_property.name, found.file_property.top1) == ("frame rate", 1)
    assert found.file_property.standing is Standing.NO_MORE
    assert found.single_frame is not None
    assert found.single_frame.top1 == pytest.approx(0.4)
    assert found.single_frame.standing is Standing.BETTER
    assert [(row.model, row.underfit, row.train_videos, row.train_groups) for row in found.learning] == [
        ("m", 1, 180, 30), ("n", 1, 180, 30),
    ]  # fmt: skip
    write_json(tmp_path / "explanations.json", found.as_dict())
    assert read_explanations(tmp_path / "explanations.json") == found
    assert read_explanations(tmp_path / "absent.json") is None


def test_files_that_are_alike_and_no_test_of_frames_leave_it_open(tests_of) -> None:
    alike = [row | {"source_fps": "25", "duration": "3"} for row in ROWS]
    found = explain(tests_of(m=0.9), decoded(alike))
    assert (found.file_property, found.single_frame, found.errors, found.confused) == (None, None, None, [])
    assert Explanations.from_dict(found.as_dict()) == found


def test_they_are_of_the_best_model_that_is_sound_and_sees_pictures(tests_of) -> None:
    tests = tests_of(m=0.7, bad=0.9, files=0.95, baseline="file_properties", status="diverged")
    assert explain(tests, decoded(ROWS)).model == "m"
    assert [row.model for row in explain(tests, decoded(ROWS)).learning] == ["m", "bad"]
    assert explain(tests_of(bad=0.9, status="diverged"), decoded(ROWS)).model == "bad"
    assert explain(tests_of(files=0.9, baseline="file_properties"), decoded(ROWS)).model == "files"


def test_few_groups_leave_no_interval_but_say_what_tells_the_class(tests_of) -> None:
    """Eight groups are tested: the rate tells all, all properties and one frame as much as all frames."""
    few = [replace(video, group=f"g{int(video.group[1:]) % 32}") for video in VIDEOS]
    tests = replace(tests_of(m=1.0, files=1.0, baseline="file_properties", single=1.0), videos=few)
    found = explain(tests, decoded(ROWS))
    assert found.model == "m"
    for other, name in ((found.file_property, "frame rate"), (found.single_frame, SINGLE_FRAME),
                        (found.all_properties, "file_properties")):  # fmt: skip
        assert other is not None
        assert (other.name, other.top1, other.low, other.standing) == (name, 1, None, Standing.UNTESTED)
    assert Explanations.from_dict(found.as_dict()) == found


def test_a_property_of_chance_in_few_groups_is_left_out(tests_of) -> None:
    few = [replace(video, group=f"g{int(video.group[1:]) % 32}") for video in VIDEOS]
    rates = np.random.default_rng(0).choice(["24", "25", "30"], len(ROWS)).tolist()
    rows = [row | {"source_fps": rate, "duration": "3"} for row, rate in zip(ROWS, rates, strict=True)]
    tests = replace(tests_of(m=1.0, files=0.33, baseline="file_properties", single=0.33), videos=few)
    found = explain(tests, decoded(rows))
    assert (found.file_property, found.all_properties, found.single_frame) == (None, None, None)


def test_all_properties_are_left_to_the_test_of_models_where_there_is_one(tests_of) -> None:
    found = explain(tests_of(m=1.0, files=1.0, baseline="file_properties"), decoded(ROWS))
    assert found.all_properties is None
