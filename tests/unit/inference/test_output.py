"""Answers on the terminal, as CSV and as JSON."""

import csv
import io
import json
import os
import stat
from pathlib import Path

import numpy as np
import pytest
from scipy.special import softmax

from vidbench.errors import UserError
from vidbench.inference.classification import NOT_FINITE, Classification, classify_logits, fail
from vidbench.inference.model_file import Calibration
from vidbench.inference.output import CsvWriter, JsonWriter, TableWriter, Tally, open_output

CLASSES = ("left", "right", 'say "up", now')
LOGITS = np.array([[2, 1, 0], [0, 1, 0]], np.float32)  # (V, K)


def answer(threshold: float | None = None, temperature: float | None = None, message: str = "") -> Classification:
    status = "partial" if message else "ok"
    return classify_logits("a.mp4", LOGITS, CLASSES, Calibration(temperature, threshold), status, message)


BAD = fail("bad\ud800.mp4", CLASSES, "has no video stream")


def test_probabilities_are_the_mean_over_views_and_then_scaled() -> None:
    mean = softmax(LOGITS.astype(np.float64), axis=1).mean(axis=0)
    assert answer().probabilities == pytest.approx(mean)
    assert answer(temperature=2.0).probabilities == pytest.approx(softmax(np.log(mean) / 2))
    assert answer().top(2) == [("left", pytest.approx(mean[0])), ("right", pytest.approx(mean[1]))]


def test_below_the_threshold_a_video_is_unknown() -> None:
    p = answer().probability
    assert not answer(threshold=p).is_unknown
    assert answer(threshold=p + 1e-6).is_unknown
    assert not answer(threshold=None).is_unknown
    assert not BAD.is_unknown


def test_a_bound_of_the_entropy_comes_before_the_threshold() -> None:
    entropy = answer().entropy
    assert entropy == pytest.approx(-(answer().probabilities * np.log(answer().probabilities)).sum())
    for bound, unknown in ((entropy, False), (entropy - 1e-6, True)):
        each = classify_logits("a", LOGITS, CLASSES, Calibration(threshold=0.99, max_entropy=bound))
        assert each.is_unknown == unknown


def test_logits_that_are_no_numbers_are_no_answer() -> None:
    diverged = classify_logits("a", LOGITS * np.nan, CLASSES, Calibration())
    assert (diverged.is_classified, diverged.message, diverged.top(), diverged.label) == (False, NOT_FINITE, [], "")


def test_csv_has_a_column_per_class_and_empty_cells_for_what_is_not_known() -> None:
    file = io.StringIO()
    writer = CsvWriter(file, CLASSES)
    for each in (answer(threshold=0.99, message="cut, off"), answer(), BAD):
        writer.write(each)
    rows = list(csv.DictReader(io.StringIO(file.getvalue())))
    assert [row["unknown"] for row in rows] == ["True", "", ""]
    assert [row["status"] for row in rows] == ["partial", "ok", "failed"]
    assert float(rows[0]['p(say "up", now)']) == answer().probabilities[2]
    assert (rows[2]["p(left)"], rows[2]["video"]) == ("", "bad\\ud800.mp4")


def test_json_has_a_line_per_video() -> None:
    file = io.StringIO()
    writer = JsonWriter(file)
    for each in (answer(threshold=0.1), BAD):
        writer.write(each)
    first, second = map(json.loads, file.getvalue().splitlines())
    assert (first["class"], first["unknown"]) == ("left", False)
    assert sum(first["probabilities"].values()) == pytest.approx(1)
    assert (second["probabilities"], second["message"]) == (None, "has no video stream")


def test_the_table_shows_the_most_probable_classes_and_what_is_wrong() -> None:
    file = io.StringIO()
    table = TableWriter(file, CLASSES, top=2, mark_unknown=True)
    for each in (answer(threshold=0.99), answer(message="cut off"), BAD):
        table.write(each)
    head, unknown, partial, bad = file.getvalue().splitlines()
    assert head.split() == ["answer", "1.", "2.", "video"]
    assert unknown.startswith("unknown")
    assert "left" in unknown
    assert partial.startswith("left")
    assert partial.endswith("a.mp4 (in part: cut off)")
    assert bad == "bad\\ud800.mp4: not classified: has no video stream"


def test_names_cannot_break_a_line_or_command_the_terminal() -> None:
    file = io.StringIO()
    evil = fail("a\nb\x1b[31m動.mp4", CLASSES, "has no video stream")
    TableWriter(file, CLASSES, top=1, mark_unknown=False).write(evil)
    assert file.getvalue().splitlines()[1] == "a\\nb\\x1b[31m動.mp4: not classified: has no video stream"
    tally = Tally()
    tally.write(evil)
    assert "\n" not in tally.describe(mark_unknown=False)
    rows = io.StringIO()
    CsvWriter(rows, CLASSES).write(evil)
    assert next(csv.DictReader(io.StringIO(rows.getvalue(), newline="")))["video"] == evil.video, "tables keep the name"


def test_the_last_line_names_what_was_not_classified() -> None:
    tally = Tally()
    assert tally.describe(mark_unknown=False) == "0 videos: nothing to classify"
    tally.write(answer(threshold=0.99))
    assert tally.describe(mark_unknown=True) == "1 video: 1 classified, 1 of them unknown"
    for _ in range(25):
        tally.write(BAD)
    line = tally.describe(mark_unknown=False)
    assert line.startswith("26 videos: 1 classified, 25 not: bad\\ud800.mp4 (has no video stream); ")
    assert line.endswith("; and 5 more")


def test_an_output_gets_its_name_when_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with pytest.raises(RuntimeError):
        write_half(path)
    assert list(tmp_path.iterdir()) == []
    with open_output(str(path)) as file:
        file.write("whole")
    assert path.read_text() == "whole"


def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(UserError, match="is a folder"), open_output(str(tmp_path / "folder")):
        pass
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    with open_output(str(tmp_path / "pipe")) as file:
        file.write("whole")
    assert os.read(reader, 100) == b"whole"
    os.close(reader)
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def write_half(path: Path) -> None:
    with open_output(str(path)) as file:
        file.write("half")
        raise RuntimeError
