"""What the answer says of simpler explanations, on planted ones: said first where they match, else nothing."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import explained
import pytest
from planted import Model, Planted, plant

from vidbench.evaluation.explanations import ErrorCause, Explanations
from vidbench.files import write_json
from vidbench.report.conclusions import answer
from vidbench.report.dataset_results import DatasetResults, read_results
from vidbench.video import read_videos

MODELS = [Model("X", 0.921, ms=6.0, verdict="best"), Model("Z", 0.6, verdict="behind")]
REACHES = "On gestures, X reaches 92.1 % [88.1, 96.1]"
LONG = ErrorCause("duration", 0.86, 0.79, 0.93, 6.2, 0.61, 0.95)


@pytest.fixture
def results_of(tmp_path: Path):
    """Results with planted explanations of the model X."""

    def read(models: list[Model] = MODELS, groups: int = 48, **found: Any) -> DatasetResults:
        folder = plant(tmp_path, Planted("gestures", models, groups=groups))
        write_json(folder / "explanations.json", Explanations("X", **found).as_dict())
        return read_results(folder, read_videos(folder / "videos.csv"))

    return read


@pytest.fixture
def said(results_of):
    return lambda models=MODELS, **found: answer(results_of(models, **found))


def test_what_is_written_is_read_again(results_of) -> None:
    found = {
        "file_property": explained.alternative("codec", 0.9, 0.01), "errors": LONG, "confused": [explained.pair()],
        "learning": [explained.learning()],
    }  # fmt: skip
    assert results_of(**found).explanations == Explanations("X", **found)
    assert results_of().explanations == Explanations("X")


def test_a_property_that_is_surely_as_good_is_said_first(said) -> None:
    first, second, *_ = said(file_property=explained.alternative("frame rate", 0.93, -0.009))
    assert first == (
        "On gestures, the frame rate of the files alone gives the class of 93.0 % [89.0, 97.0] of the test videos, and"
        " X is at most 2.1 points better (0.9 points less [-2.1, 3.9]): it may have learned how the files were made,"
        " not what they show."
    )
    assert second.startswith(REACHES)


def test_a_property_of_which_the_test_cannot_say_comes_with_what_it_could_see(said) -> None:
    first = said(file_property=explained.alternative("duration", 0.90, 0.021, half=0.05))[0]
    assert (
        "and X was not shown to be better (2.1 points more [-2.9, 7.1]), by a test that finds 7.5 points in four"
        in first
    )


def test_a_property_that_is_better_than_the_model(said) -> None:
    first = said(file_property=explained.alternative("size", 0.97, -0.049))[0]
    assert "of the test videos, and X is no better (4.9 points less [1.9, 7.9]): it may" in first


@pytest.mark.parametrize(
    "found",
    [explained.alternative("duration", 0.6, 0.321), explained.alternative("duration", 0.27, 0.01),
     explained.alternative("duration", 0.86, 0.061)],
    ids=["the model is far better", "the property is at chance", "the model is a little better"],
)  # fmt: skip
def test_a_property_that_explains_nothing_is_not_mentioned(said, found: explained.Alternative) -> None:
    assert said(file_property=found)[0].startswith(REACHES)
    assert not [line for line in said(file_property=found) if "duration" in line]


def test_a_lead_that_may_be_chance_is_said_behind_the_answer(said) -> None:
    lines = said(file_property=explained.alternative("duration", 0.8, 0.121, half=0.14))
    assert lines[0].startswith(REACHES)
    assert (
        "The duration of the files alone gives the class of 80.0 % of the test videos: X was not shown to be better"
        " than that (12.1 points more [-1.9, 26.1])."
    ) in lines


def test_a_model_at_chance_is_explained_by_nothing(said) -> None:
    models = [replace(MODELS[0], top1=0.28), replace(MODELS[1], top1=0.25)]
    lines = said(models, file_property=explained.alternative("duration", 0.4, -0.12), errors=LONG)
    assert lines[0].startswith("On gestures, no model has learned anything")
    assert not [line for line in lines if "duration" in line]


def test_the_scene_is_enough(said) -> None:
    first, second, *_ = said(single_frame=explained.alternative("single_frame", 0.915, 0.006))
    assert first == (
        "On gestures, the scene is enough: from one frame of each video X gets 91.5 % [87.5, 95.5], and with all of"
        " them it is at most 3.6 points better (0.6 points more [-2.4, 3.6])."
    )
    assert second.startswith(REACHES)
    perhaps = said(single_frame=explained.alternative("single_frame", 0.9, 0.021, half=0.06))[0]
    assert perhaps.startswith("On gestures, the scene may be enough: from one frame of each video X gets 90.0 %")
    assert "it was not shown to be better (2.1 points more [-3.9, 8.1]), by a test that finds 9.0 points" in perhaps


def test_motion_that_is_needed_is_no_scene(said) -> None:
    assert said(single_frame=explained.alternative("single_frame", 0.4, 0.521))[0].startswith(REACHES)


def test_both_are_said_the_files_first(said) -> None:
    clue, single = explained.alternative("codec", 0.93, 0), explained.alternative("single_frame", 0.92, 0)
    first, second, third, *_ = said(file_property=clue, single_frame=single)
    assert "codec" in first
    assert "scene" in second
    assert third.startswith(REACHES)


def test_where_the_errors_lie(said) -> None:
    assert (
        "The duration explains most errors of X: a video that it gets wrong is longer than one of the same class that"
        " it gets right in 86 % [79.0, 93.0] of the pairs. Above 6.2 s 61 % are right, else 95 %."
    ) in said(errors=LONG)
    small = ErrorCause("size", 0.12, 0.05, 0.2, 76800, 0.97, 0.7)
    (line,) = [line for line in said(errors=small) if "explains most errors" in line]
    assert "is smaller than one of the same class that it gets right in 88 % [80.0, 95.0] of the pairs" in line
    assert "Above 76,800 pixels 97 % are right" in line


def test_learning_curves_of_the_best_model(said) -> None:
    overfit = explained.learning(overfit=2, val_lowest=0.4, val_end=0.7, lowest_epoch=6, train_end=0.02)
    assert (
        "X overfits: its validation loss was lowest at epoch 6 of 30 and rose from 40 % to 70 % of what guessing loses,"
        " while that of its training videos fell to 2 %."
    ) in said(learning=[overfit])
    underfit = explained.learning(underfit=3, train_end=0.83)
    assert (
        "X has not learned its own training videos: their loss ends at 83 % of what guessing loses, so it underfits."
    ) in said(learning=[underfit])


@pytest.mark.parametrize(
    "row", [explained.learning(), explained.learning(overfit=1), explained.learning("Z", overfit=3, underfit=3)]
)
def test_curves_of_another_model_or_of_few_trainings_are_not_mentioned(said, row: explained.Learning) -> None:
    assert not [line for line in said(learning=[row]) if "fits" in line]


FEW = [Model("X", 1.0, half=None, verdict="unknown"), Model("Z", 0.6, half=None, verdict="unknown")]


@pytest.fixture
def said_of_few(results_of):
    return lambda **found: answer(results_of(FEW, groups=8, **found))


def test_a_property_in_too_few_groups_for_a_test_is_said_first_all_the_same(said_of_few) -> None:
    first, second, *_ = said_of_few(file_property=explained.untested("frame rate", 1.0, 0.0))
    assert first == (
        "On gestures, the frame rate of the files alone gives the class of 100.0 % of the test videos, and X that of"
        " 100.0 %: with 8 groups, no test can tell which is better, so nothing shows that X looks at the pictures."
    )
    assert second.startswith("On gestures, X reaches 100.0 % of 96 test videos, but these come from 8 groups")


def test_all_properties_together_in_few_groups_are_said_where_no_single_one_is(said_of_few) -> None:
    together = explained.untested("file_properties", 0.97, 0.03)
    assert said_of_few(all_properties=together)[0] == (
        "On gestures, the files' properties alone (size, rate, duration, codec, bytes) give the class of 97.0 % of the"
        " test videos, and X that of 100.0 %: with 8 groups, no test can tell which is better, so nothing shows that X"
        " looks at the pictures."
    )
    first, second, *_ = said_of_few(all_properties=together, file_property=explained.untested("codec", 1.0, 0.0))
    assert "the codec of the files alone" in first
    assert second.startswith("On gestures, X reaches")


def test_one_frame_in_few_groups(said_of_few) -> None:
    assert said_of_few(single_frame=explained.untested("single_frame", 0.96, 0.04))[0] == (
        "On gestures, the scene may be enough: from one frame of each video X gets 96.0 %, and with all of them"
        " 100.0 %; with 8 groups, no test can tell whether that is more."
    )


def test_a_lead_in_few_groups_is_said_behind_the_answer(said_of_few) -> None:
    behind = explained.untested("duration", 0.8, 0.2)
    lines = said_of_few(file_property=behind, all_properties=behind, single_frame=behind)
    assert lines[0].startswith("On gestures, X reaches 100.0 %")
    assert [line for line in lines if "duration" in line or "scene" in line] == [
        "The duration of the files alone gives the class of 80.0 % of the test videos: with 8 groups, no test can tell"
        " whether X is better than that."
    ]
