"""What files declare of themselves, read without running them; what of it is wrong is one line."""

from pathlib import Path

import pytest

from vidbench.declared import declared
from vidbench.errors import UserError
from vidbench.models.families import described
from vidbench.plotting import catalogue


def test_a_file_is_read_and_not_run(tmp_path: Path) -> None:
    (tmp_path / "b.py").write_text("raise SystemExit\nFACTS = {'one': 1, 'more': ('a', None)}\n")
    (tmp_path / "a.py").write_text("'''No facts.'''\n\nOTHER = 1\n")
    assert declared(list(tmp_path.glob("*.py")), "FACTS") == {"b": {"one": 1, "more": ("a", None)}}


def test_more_than_plain_values_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "b.py").write_text("import os\n\nFACTS = {'one': os.sep}\n")
    with pytest.raises(UserError, match=r"b\.py: FACTS holds more than plain values; write text, numbers, lists"):
        declared([tmp_path / "b.py"], "FACTS")


def test_a_wrong_field_of_a_network_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "odd.py").write_text('"""Odd."""\n\nDESCRIPTION = {"takes_clip": True}\n')
    monkeypatch.setattr(described, "FOLDER", tmp_path)
    described._networks.cache_clear()
    try:
        with pytest.raises(UserError, match=r"odd\.py: DESCRIPTION: .*'takes_clip'.*has the fields"):
            described.names()
    finally:
        described._networks.cache_clear()


def test_a_wrong_field_of_a_figure_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "plot_odd.py").write_text('"""Odd."""\n\nFIGURE = {"titel": "Odd"}\n')
    monkeypatch.setattr(catalogue, "SCRIPTS", tmp_path)
    with pytest.raises(UserError, match=r"plot_odd\.py: FIGURE: .*'titel'.*has the fields"):
        catalogue._add_figures()
