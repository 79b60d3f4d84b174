"""The answer for a video that may have several labels."""

import io
import json

import numpy as np
import pytest

from vidbench.inference.label_answer import classify_labels
from vidbench.inference.model_file import Calibration
from vidbench.inference.output import CsvWriter, JsonWriter, TableWriter

THRESHOLDS = {"jump": 0.3, "run": 0.6, "sit": 0.5}
LOGITS = np.array([[0.0, 0.0, -3.0], [0.0, 0.0, -3.0]], np.float32)


def test_labels_are_those_above_their_own_thresholds() -> None:
    answer = classify_labels("a.mp4", LOGITS, THRESHOLDS, Calibration())
    assert answer.labels == ("jump",)
    assert answer.probabilities == pytest.approx([0.5, 0.5, 1 / (1 + np.exp(3))])


def test_a_temperature_calibrates_each_probability() -> None:
    answer = classify_labels("a.mp4", LOGITS, THRESHOLDS, Calibration(temperature=2.0))
    assert answer.probabilities[2] == pytest.approx(1 / (1 + np.exp(1.5)))


def test_no_finite_numbers_are_no_answer() -> None:
    answer = classify_labels("a.mp4", np.full((1, 3), np.nan, np.float32), THRESHOLDS, Calibration())
    assert not answer.is_classified
    assert answer.labels == ()


def test_outputs_name_all_labels() -> None:
    answer = classify_labels("a.mp4", np.array([[3.0, 3.0, -3.0]], np.float32), THRESHOLDS, Calibration())
    text = io.StringIO()
    CsvWriter(text, answer.classes).write(answer)
    assert text.getvalue().splitlines()[1].startswith("a.mp4,ok,jump;run,0.95")
    text = io.StringIO()
    JsonWriter(text).write(answer)
    assert json.loads(text.getvalue())["labels"] == ["jump", "run"]
    text = io.StringIO()
    TableWriter(text, answer.classes, 2, mark_unknown=False, multi=True).write(answer)
    assert "jump;run  a.mp4" in text.getvalue()
