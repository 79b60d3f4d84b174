"""The videos whose maps are made: half confident errors, half confident right ones, of different classes."""

from pathlib import Path

import numpy as np
import pytest

from vidbench.errors import UserError
from vidbench.evaluation import examples
from vidbench.evaluation.predictions import Predictions

CLASSES = ["a", "b", "c"]


def write(path: Path, answers: dict[str, tuple[str, float]]) -> Path:
    """Predictions in which a model says a class with a probability."""
    logits = np.zeros((len(answers), 1, 3), np.float32)
    for row, (label, probability) in enumerate(answers.values()):
        rest = (1 - probability) / 2
        logits[row, 0] = np.log([probability if name == label else rest for name in CLASSES])
    number = len(answers)
    Predictions(list(answers), ["test"] * number, ["normal"] * number, ["clip0"], CLASSES, logits).write(path)
    return path


LABELS = {"a0": "a", "a1": "a", "b0": "b", "b1": "b", "c0": "c", "c1": "c"}
FIRST = {"a0": ("b", 0.9), "a1": ("b", 0.8), "b0": ("a", 0.6), "b1": ("b", 0.9), "c0": ("c", 0.99), "c1": ("c", 0.8)}
SECOND = {"a0": ("b", 0.5), "a1": ("b", 0.8), "b0": ("b", 0.9), "b1": ("b", 0.9), "c0": ("c", 0.9), "c1": ("c", 0.99)}


@pytest.fixture
def rows(tmp_path: Path) -> list[examples.Example]:
    paths = [write(tmp_path / "first.h5", FIRST), write(tmp_path / "second.h5", SECOND)]
    return examples.read_examples(paths, LABELS)


def test_confidence_is_the_mean_over_models_of_what_they_decided_for(rows: list[examples.Example]) -> None:
    by_kind = {(row.video, row.kind): row for row in rows}
    assert len(by_kind) == 12
    assert by_kind["a1", "error"].confidence == pytest.approx(0.8)
    assert by_kind["a0", "error"].confidence == pytest.approx(0.7)
    assert by_kind["b0", "error"].confidence == pytest.approx(0.3)
    assert by_kind["b0", "right"].confidence == pytest.approx(0.45)
    assert (by_kind["b0", "error"].models_wrong, by_kind["b0", "error"].num_models) == (1, 2)
    assert by_kind["c0", "error"].confidence == 0


def test_half_of_each_kind_and_different_classes_first(rows: list[examples.Example]) -> None:
    selected = examples.select_examples(rows, 4)
    # a0 is more confidently wrong than b0, but a has its turn already; c0 before c1, as its mean is as high and its
    # name comes first; b1 before c1, as c has had its turn.
    assert [(row.video, row.kind) for row in selected] == [
        ("a1", "error"), ("b0", "error"), ("c0", "right"), ("b1", "right")
    ]  # fmt: skip


@pytest.mark.parametrize("number", [1, 3, 5, 6, 100])
def test_too_few_of_one_kind_are_made_up_for_and_no_video_comes_twice(
    rows: list[examples.Example], number: int
) -> None:
    selected = [row.video for row in examples.select_examples(rows, number)]
    assert len(selected) == len(set(selected)) == min(number, 6)
    right_only = [row for row in rows if row.kind == "right"]
    assert len(examples.select_examples(right_only, number)) == min(number, 4)
    errors_only = [row for row in rows if row.kind == "error"]
    assert len(examples.select_examples(errors_only, number)) == min(number, 3)


def test_models_with_other_test_videos_are_refused(tmp_path: Path) -> None:
    paths = [write(tmp_path / "first.h5", FIRST), write(tmp_path / "second.h5", dict(list(SECOND.items())[:3]))]
    with pytest.raises(UserError, match=r"second\.h5: holds other test videos than .*first\.h5"):
        examples.read_examples(paths, LABELS)
