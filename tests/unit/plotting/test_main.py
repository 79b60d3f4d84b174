"""The one main of all figures: its flags, what its readers make of files, and that bad input is one line."""

import sys
from pathlib import Path

import pandas as pd
import pytest

from vidbench.errors import UserError
from vidbench.files import write_csv
from vidbench.plotting import style
from vidbench.plotting.main import ROWS, TABLE, Reader, plot, read_table


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with two tables."""
    monkeypatch.chdir(tmp_path)
    for name in ("class_scores", "errors"):
        write_csv(tmp_path / f"{name}.csv", [{"model": "1", "low": ""}], ("model", "low"))
    return tmp_path


def called(monkeypatch: pytest.MonkeyPatch, *arguments: str, **inputs: Reader) -> dict[str, object]:
    """What `draw` is given for a command line."""
    given: dict[str, object] = {}

    def draw(**values: object) -> style.Figure:
        given.update(values)
        return style.empty_figure("nothing")

    monkeypatch.setattr(sys, "argv", ["plot_x.py", *arguments])
    plot("A figure.", draw, **inputs)
    return given


def test_each_input_is_a_flag_and_is_read_by_its_reader(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = Reader(list, "+", "some files")
    flags = ("--class-scores", "class_scores.csv", "--errors", "errors.csv", "--runs", "a", "b")
    given = called(monkeypatch, *flags, "--output", "a.svg", "a.png", class_scores=TABLE, errors=ROWS, runs=files)
    assert isinstance(given["class_scores"], pd.DataFrame)
    assert given["errors"] == [{"model": "1", "low": ""}]
    assert given["runs"] == [Path("a"), Path("b")]
    assert (folder / "a.svg").read_bytes().startswith(b"<?xml")
    assert (folder / "a.png").read_bytes().startswith(b"\x89PNG")


def test_an_input_is_required_unless_any_number_will_do(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert called(monkeypatch, "--output", "a.svg", splits=Reader(list, "*")) == {"splits": []}
    with pytest.raises(SystemExit):
        called(monkeypatch, "--output", "a.svg", class_scores=TABLE)
    assert "required: --class-scores" in capsys.readouterr().err


def test_help_names_the_tables(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        called(monkeypatch, "--help", class_scores=TABLE, runs=Reader(list, "+", "metrics.json of every run"))
    text = capsys.readouterr().out
    assert "A figure." in text
    assert "class_scores.csv" in text
    assert "metrics.json of every run" in text


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe\xfd"])
def test_what_is_no_table_is_one_line(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "a.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match=r"a\.csv: cannot be read as a table: .+") as error:
        read_table(path)
    assert "\n" not in str(error.value)


def test_a_name_is_never_taken_for_an_empty_cell(tmp_path: Path) -> None:
    names = ["NA", "nan", "None", "1", ""]
    write_csv(
        tmp_path / "a.csv", [{"model": name, "class": name, "low": ""} for name in names], ("model", "class", "low")
    )
    table = read_table(tmp_path / "a.csv")
    assert table["class"].tolist() == table["model"].tolist() == names
    assert table["low"].isna().all()
