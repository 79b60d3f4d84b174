"""What to do next, on planted results: each rule beside the case in which it must be silent."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import explained
import pytest
from planted import Model, Planted, plant

from vidbench.evaluation.explanations import Explanations, Narrowing
from vidbench.files import read_csv, write_csv, write_json
from vidbench.report.dataset_results import read_results
from vidbench.report.findings import MoreGroups, NextStep
from vidbench.report.next_steps import find_next_steps, lines
from vidbench.video import read_videos

BEST, TIED = Model("X", 0.921, verdict="best"), Model("Y", 0.91, verdict="tied")
BEHIND = Model("Z", 0.6, verdict="behind")


@pytest.fixture
def steps(tmp_path: Path):
    """The steps of planted results."""

    def find(models: list[Model] | None = None, labels: list[float] | None = None, **found: Any) -> list[NextStep]:
        folder = plant(tmp_path, Planted("gestures", models or [BEST, BEHIND]))
        write_json(folder / "explanations.json", Explanations("X", **found).as_dict())
        if labels is not None:
            rows = [{"video": f"v{place}", "wrong": wrong} for place, wrong in enumerate(labels)]
            write_csv(folder / "label_issues.csv", rows, ("video", "wrong"))
        return find_next_steps(read_results(folder, read_videos(folder / "videos.csv")), folder)

    return find


@pytest.fixture
def tie(tmp_path: Path):
    """The steps where X and Y are tied, by a test of 48 groups that needs this many to find 5 points."""

    def find(detectable: float, groups: float, narrowing: Narrowing | None = None) -> list[NextStep]:
        folder = plant(tmp_path, Planted("gestures", [replace(BEST, verdict="tied"), TIED]))
        rows = [row | {"detectable": detectable, "groups_for_5": groups} for row in read_csv(folder / "pairwise.csv")]
        write_csv(folder / "pairwise.csv", rows, tuple(rows[0]))
        write_json(folder / "explanations.json", Explanations("X", narrowing=narrowing).as_dict())
        return find_next_steps(read_results(folder, read_videos(folder / "videos.csv")), folder)

    return find


def titles(found: list[NextStep]) -> list[str]:
    return [step.title for step in found]


def test_where_all_is_well_there_is_nothing_to_do(steps) -> None:
    found = steps(
        file_property=explained.alternative("duration", 0.4, 0.52), learning=[explained.learning()], labels=[],
    )  # fmt: skip
    assert not found
    assert not lines(found)


def test_a_run_of_an_earlier_version_has_no_explanations(tmp_path: Path) -> None:
    folder = plant(tmp_path, Planted("gestures", [BEST, BEHIND]))
    assert not find_next_steps(read_results(folder, read_videos(folder / "videos.csv")), folder)


def test_files_that_give_the_class_away(steps) -> None:
    (step,) = steps(file_property=explained.alternative("frame rate", 0.93, 0.0))
    assert step.title == "Make the frame rate of the files the same in all classes"
    assert step.reason.startswith(
        "It gives 93.0 % of the classes away, so no accuracy shows that X looks at the pictures"
    )
    assert not steps(file_property=explained.alternative("frame rate", 0.7, 0.22))
    assert not steps(file_property=explained.alternative("frame rate", 0.8, 0.12, half=0.2))  # it may be chance


def test_suspicious_labels(steps) -> None:
    (step,) = steps(labels=[1.0, 0.9, 0.2])
    assert step.title == "Check 3 labels"
    assert step.reason == (
        "label_issues.csv lists them (3.1 % of the tested videos): models that were not trained on them say another"
        " class. About 2 can be expected to be wrong."
    )
    assert titles(steps(labels=[1.0])) == ["Check 1 label"]
    assert not steps(labels=[])
    assert not steps(labels=[0.0, 0.0, 0.3])  # all can be expected to be false alarms


def test_trainings_that_were_still_improving(steps) -> None:
    late = {"improving": 2, "val_before_end": 0.6, "val_end": 0.5}
    rows = [explained.learning("X", **late), explained.learning("Z", **late | {"val_end": 0.4})]
    (step,) = steps(learning=rows)
    assert step.title == "Train Z and X longer"
    assert step.reason == (
        "The validation loss of Z still fell at the end of 30 epochs, in the last fifth from 60 to 40 % of what"
        " guessing loses: raise training.epochs."
    )
    assert not steps(learning=[explained.learning("X", improving=1)])
    diverged = [BEST, replace(BEHIND, status="diverged")]
    assert not steps(diverged, learning=[rows[1]])


def test_a_model_that_does_not_learn_its_training_videos(steps) -> None:
    row = explained.learning("X", underfit=3, train_end=0.8, val_lowest=0.8)
    assert titles(steps(learning=[row])) == ["Let X learn its training videos"]
    assert titles(steps(learning=[replace(row, improving=3)])) == ["Train X longer"]
    assert not steps(learning=[replace(row, underfit=1)])
    assert not steps(learning=[replace(row, model="Z")])  # a model that is behind anyway


def test_a_model_that_overfits_in_a_run_without_a_frozen_network(steps) -> None:
    row = explained.learning("X", overfit=3, lowest_epoch=6, train_end=0.2)
    (step,) = steps(learning=[row])
    assert step.title == "Add a model with a frozen pretrained backbone"
    assert "X overfits after epoch 6 of 30, with 50 training videos per class" in step.reason
    assert not steps(learning=[row, explained.learning("Z", frozen=True)])
    assert not steps(learning=[replace(row, overfit=1)])


def test_two_classes_that_are_not_told_apart(steps) -> None:
    (step,) = steps(confused=[explained.pair(), explained.pair(a="up")])
    assert step.title == "Say better how left and right differ, or merge them if it does not matter"
    assert "55 % [45.0, 65.0] get the right one" in step.reason
    assert "as one class top-1 would be 98.1 % in place of 92.1 %. Where they differ in direction" in step.reason
    assert not steps(confused=[])


def test_merging_comes_after_all_that_may_separate_the_two(steps) -> None:
    """Another model, one that sees the order of frames, a training that ends later, more groups."""
    (step,) = steps(confused=[explained.pair(told_by="Z")])
    assert step.title == "Look at Z for left and right"
    assert step.reason.startswith(
        "Of their videos that X takes for one of the two, 55 % [45.0, 65.0] get the right one, and 50 % would be"
        " guessing; of those of Z, surely more than 75 % are right"
    )
    for late in ({"improving": 2}, {"underfit": 2, "train_end": 0.8}):
        found = titles(steps(confused=[explained.pair()], learning=[explained.learning("X", **late)]))
        assert len(found) == 1
        assert "merge" not in found[0]
    few = replace(BEST, half=None, verdict="unknown")
    assert [title[:4] for title in titles(steps([few], confused=[explained.pair()]))] == ["Test", "Say "]


def test_two_classes_of_models_that_do_not_use_the_order_of_frames(steps) -> None:
    blind = [replace(BEST, shuffled=0.921), replace(BEHIND, shuffled=0.6)]
    (step,) = steps(blind, confused=[explained.pair()])
    assert step.title == "Try a model that sees the order of frames, for left and right"
    assert "no model of this run was found to use the order of frames" in step.reason
    seeing = [replace(BEST, shuffled=0.921), replace(BEHIND, shuffled=0.3)]  # one that sees it has not helped
    assert titles(steps(seeing, confused=[explained.pair()])) == [
        "Say better how left and right differ, or merge them if it does not matter"
    ]


def test_a_model_that_knows_its_training_videos_alone(steps) -> None:
    row = explained.learning("X", train_end=0.02, val_lowest=0.6)
    (step,) = steps(learning=[row])
    assert step.title == "Train on more groups, not on more videos of the same"
    assert "X knows its 200 training videos of 60 groups (their loss ends at 2 %" in step.reason
    assert not steps(learning=[replace(row, val_lowest=0.3)])
    assert not steps(learning=[replace(row, train_end=0.4)])


def test_a_tie_that_more_groups_would_decide(tie) -> None:
    (step,) = tie(0.12, 277.0, Narrowing(6, 0.05, 0.293))
    assert step.title == "Test on more groups (about 280 in place of 48), not more videos of the same"
    assert step.reason == (
        "The best models are tied, and this test finds differences above 12 points only; 5 points would need that many"
        " groups. Twice the videos of the same groups would narrow intervals by 5 %, twice the groups by 29 %."
    )
    assert titles(tie(0.12, 277.0)) == ["Test on more groups (about 280 in place of 48)"]
    assert not tie(0.04, 31.0)  # it finds 5 points
    assert not tie(0.055, 58.0)  # and nearly so
    assert not tie(0.12, "")  # the seeds alone hide 5 points, with any number of groups


def test_a_winner_needs_no_more_groups(steps) -> None:
    assert not steps([BEST, BEHIND])


def test_too_few_groups_for_any_test(steps) -> None:
    (step,) = steps([replace(BEST, half=None, verdict="unknown")])
    assert isinstance(step, MoreGroups)
    assert step.title == "Test on more groups (at least 10 in place of 48), not more videos of the same"


def test_the_terminal_has_the_first_three(steps) -> None:
    found = steps(
        file_property=explained.alternative("codec", 0.93, 0.0), labels=[1.0], confused=[explained.pair()],
        learning=[explained.learning("X", train_end=0.02, val_lowest=0.6)],
    )  # fmt: skip
    assert len(found) == 4
    text = lines(found)
    assert text[0] == "  What to do next:"
    assert text[1].startswith("  1. Make the codec of the files the same in all classes. It gives")
    assert [line[5:9] for line in text[1:]] == ["Make", "Chec", "Trai"]
