"""docs/troubleshooting.md has every message of the code, each in the section of its package."""

import re
from pathlib import Path

import describe_messages
import pytest

FILE = '''
"""A file; run nothing of this docstring."""


def check(path, key):
    parser.add_argument("--flag", help="what it is; set it, or leave it out")
    if key == "a value; use it for a comparison":
        raise UserError(f"{path}: has no {key}; add one")
    if not key:
        raise errors.UserError("nothing was given here at all" if path else f"{path} is not there")
    raise ValueError("of Python's own, for programmers")


def explain(error):
    return (
        f"the memory ({error}) is full: lower the"
        " batch size"
    )
'''


@pytest.fixture
def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The messages of FILE."""
    monkeypatch.setattr(describe_messages, "SCRIPTS", tmp_path)
    (tmp_path / "step.py").write_text(FILE)
    return describe_messages.messages_of(tmp_path / "step.py")


def test_errors_and_remedies_are_found_and_nothing_else(found: set[str]) -> None:
    assert found == {
        "…: has no …; add one",
        "nothing was given here at all",
        "… is not there",
        "the memory (…) is full: lower the batch size",
    }


@pytest.mark.parametrize(
    ("message", "cells"),
    [
        ("…: has no …; add one", ("…: has no …", "`add one`")),
        ("config: run.x: is none; set `y` or z", ("config: run.x: is none", "``set `y` or z``")),
        ("full: lower it", ("full", "`lower it`")),
        ("a class has one video; it needs two", ("a class has one video", "`it needs two`")),
        ("cannot be read: …", ("cannot be read: …", "")),
    ],
)
def test_a_message_is_cut_before_its_remedy(message: str, cells: tuple[str, str]) -> None:
    assert describe_messages.cut(message) == cells


def test_the_page_is_up_to_date() -> None:
    page = describe_messages.TARGET.read_text(encoding="utf-8")
    assert page == describe_messages.text(), "run: make docs"


def test_every_message_that_names_a_remedy_has_a_row() -> None:
    page = describe_messages.TARGET.read_text(encoding="utf-8")
    messages = set().union(*describe_messages.messages().values())
    remedies = {cells for message in messages if (cells := describe_messages.cut(message))[1]}
    assert len(remedies) >= 300
    assert [
        cells for cells in sorted(remedies) if f"| {describe_messages.code(cells[0])} | {cells[1]} |" not in page
    ] == []


def test_each_package_has_a_section() -> None:
    page = describe_messages.TARGET.read_text(encoding="utf-8")
    packages = {path.split("/")[1] for path in describe_messages.messages() if path.count("/") > 1}
    assert [name for name in sorted(packages) if f"vidbench/{name}/*" not in page] == []


def test_the_lines_of_the_page_are_those_of_the_code() -> None:
    """Those of the table that is written by hand: words of each stand in the code, those that are put in aside."""
    page = describe_messages.TARGET.read_text(encoding="utf-8")
    table = page.split("## What ends a run before its steps")[1].split("\n## ")[0]
    code = "".join(path.read_text(encoding="utf-8") for path in describe_messages.SCRIPTS.rglob("*.py"))
    lines = [line for line in table.splitlines() if line.startswith("| ") and "Snakemake's own" not in line]
    quoted = [words for line in lines[2:] for words in line.rsplit("|", 2)[1].split("`")[1::2]]
    assert len(quoted) >= 14
    for words in quoted:
        parts = re.split(r"\.\.\.|: |; |'\w+'| \([^)]*\)|/dev/shm", words)
        assert any(len(part) > 4 and part.strip(" ,?") in code for part in parts), words


def test_messages_that_differ_in_what_is_left_out_have_one_order() -> None:
    found = [{"a.py": set(each)} for each in (("…: is not there", "is not there"), ("is not there", "…: is not there"))]
    tables = {describe_messages.rows(each, ["*"], ["*"]) for each in found}
    assert tables == {"| the line says | what to do |\n| --- | --- |\n| `is not there` |  |\n| `…: is not there` |  |"}
