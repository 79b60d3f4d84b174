"""Folders as people hand them in: each case of folder_cases.py is what it says."""

import os
from collections import Counter
from pathlib import Path

import pytest
from folder_cases import CASES, COLUMNS, GOOD, Case, listed, rows

from vidbench.datasets import skipped
from vidbench.datasets.listing import listing
from vidbench.errors import UserError
from vidbench.files import read_csv


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_folder_as_people_hand_it_in(case: Case, tmp_path: Path) -> None:
    options = case.make(tmp_path)
    if case.error:
        with pytest.raises(UserError) as caught:
            listed(options)
        assert case.error in str(caught.value)
        assert "\n" not in str(caught.value)
        return
    found = listed(options)
    assert Counter(video.label for video in found.videos) == case.classes
    assert Counter(video.subset for video in found.videos if video.subset) == case.subsets
    assert case.groups is None or {video.group for video in found.videos} == case.groups
    assert skipped.summary(found.skipped) == case.skipped
    assert all(os.path.exists(video.path) for video in found.videos)


def test_the_cases_make_a_table() -> None:
    table = rows()
    assert len(table) >= 40
    assert len({name for name, _ in table}) == len(table)
    for cells in table:
        assert len(cells) == len(COLUMNS)
        assert all(cell.isprintable() for cell in cells)
        assert cells[1].startswith(("taken: ", "**refused**: "))


def test_nothing_is_lost_without_a_word(tmp_path: Path) -> None:
    """Each file is a video, a part of one, or in the table by itself or with its folder."""
    for number, case in enumerate(case for case in CASES if not case.error):
        options = case.make(tmp_path / str(number))
        found = listing(options, "")
        known = [*(video.path for video in found.videos), *(each.path for each in found.skipped)]
        for path in case.files:
            assert any(f"{options['root']}/{path}/".startswith(f"{one}/") for one in known), (case.name, path)


def test_what_is_left_out_stands_in_a_table(tmp_path: Path) -> None:
    options = Case("", [*GOOD, "run/a.dav", "run/@eaDir/x.jpg", "walk/a\nb.txt"]).make(tmp_path / "root")
    found = listing(options, "").skipped
    table = tmp_path / "skipped.csv"
    skipped.write_skipped(table, found)
    assert [(row["path"].removeprefix(f"{tmp_path}/root/"), row["reason"]) for row in read_csv(table)] == [
        ("run/@eaDir", "folder that is hidden or a system's"),
        ("run/a.dav", "file of unknown ending"),
        ("walk/a\nb.txt", "file of another kind"),
    ]
    assert "\n" not in skipped.line(found, str(table))
    before = table.stat().st_mtime_ns
    skipped.refresh(table, found)
    assert table.stat().st_mtime_ns == before
    skipped.refresh(table, [])
    assert table.read_text() == "path,reason\n"
    skipped.refresh(tmp_path / "none.csv", [])
    assert not (tmp_path / "none.csv").exists()
    skipped.refresh(tmp_path / "new.csv", found)
    assert len(read_csv(tmp_path / "new.csv")) == 3


def test_a_link_to_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    options = Case("", GOOD).make(tmp_path)
    (tmp_path / "jump").symlink_to("/mnt/unmounted/jump")
    with pytest.raises(UserError, match="/jump: leads to /mnt/unmounted/jump, which is not there; mount or correct it"):
        listing(options, "")


def test_a_root_that_is_no_folder_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for name, words in (("none", "no such folder"), ("file", "is no folder"), ("file/x", "Not a directory")):
        with pytest.raises(UserError, match=words):
            listing({"kind": "folder", "root": str(tmp_path / name)}, "")


def lock(monkeypatch: pytest.MonkeyPatch, locked: Path) -> None:
    """Let a folder be one that may not be read: root, who runs tests, may read all."""
    scandir = os.scandir

    def scan(path: str) -> object:
        if Path(path) == locked:
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", scan)


@pytest.mark.parametrize("place", ["", "walk", "walk/deep"])
def test_a_folder_that_may_not_be_read_is_an_error(place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options = Case("", [*GOOD, "walk/deep/1.mp4"]).make(tmp_path)
    lock(monkeypatch, tmp_path / place)
    with pytest.raises(UserError) as caught:
        listing(options, "")
    locked = str(tmp_path / place).rstrip("/")
    assert str(caught.value).startswith(f"{locked}: this folder cannot be read: Permission denied; correct its perm")


def test_a_system_folder_that_may_not_be_read_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options = Case("", [*GOOD, "lost+found/x"]).make(tmp_path)
    lock(monkeypatch, tmp_path / "lost+found")
    assert len(listing(options, "").videos) == len(GOOD)
