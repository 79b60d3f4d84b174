"""Walking folders and finding files on disks of all kinds."""

import os
import unicodedata
from pathlib import Path

import pytest

from vidbench.datasets import folder, own_checks
from vidbench.errors import UserError
from vidbench.file_tree import find_file, identity, walk

NFC, NFD = "caf\u00e9/\u00fc b.mp4", "cafe\u0301/u\u0308 b.mp4"


def put(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)


@pytest.fixture
def without_inodes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this disk number no files, as exFAT behind FUSE does."""
    stat = os.stat

    def unnumbered(path: str, **more: object) -> os.stat_result:
        found = list(stat(path, **more))
        found[1] = 0
        return os.stat_result(found)

    monkeypatch.setattr(os, "stat", unnumbered)


@pytest.mark.parametrize("on_disk", [NFC, NFD, "caf\u00e9/u\u0308 b.mp4", "cafe\u0301/\u00fc b.mp4"])
@pytest.mark.parametrize("asked", [NFC, NFD])
def test_a_file_is_found_whatever_the_normal_form_of_its_name(on_disk: str, asked: str, tmp_path: Path) -> None:
    put(tmp_path, on_disk, "other/x.mp4")
    assert find_file(f"{tmp_path}/{asked}") == f"{tmp_path}/{on_disk}"


def test_a_name_that_is_in_neither_form_is_found(tmp_path: Path) -> None:
    mixed = "\u00e9e\u0301.mp4"
    assert mixed not in (unicodedata.normalize("NFC", mixed), unicodedata.normalize("NFD", mixed))
    put(tmp_path, mixed)
    assert find_file(f"{tmp_path}/{unicodedata.normalize('NFD', mixed)}") == f"{tmp_path}/{mixed}"


def test_a_file_is_found_in_the_folder_that_holds_it_where_there_are_two(tmp_path: Path) -> None:
    put(tmp_path, "caf\u00e9/a.mp4", "cafe\u0301/b.mp4")
    assert find_file(f"{tmp_path}/caf\u00e9/b.mp4") == f"{tmp_path}/cafe\u0301/b.mp4"


@pytest.mark.parametrize("path", ["none.mp4", "caf\u00e9/none.mp4", "caf\u00e9", "\0\u00e9", "x.mp4/\u00e9"])
def test_what_is_not_there_is_not_found(path: str, tmp_path: Path) -> None:
    put(tmp_path, "x.mp4")
    assert find_file(f"{tmp_path}/{path}") is None
    assert find_file(f"{tmp_path}/x.mp4") == f"{tmp_path}/x.mp4"


def test_relative_paths_are_found_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, NFD)
    monkeypatch.chdir(tmp_path)
    assert find_file(NFC) == NFD


def test_a_root_in_another_form_than_the_disks_is_read(tmp_path: Path) -> None:
    put(tmp_path, "cafe\u0301/a/1.mp4", "cafe\u0301/b/1.mp4")
    videos = folder.videos({"kind": "folder", "root": f"{tmp_path}/caf\u00e9/"})
    assert [video.path for video in videos] == [f"{tmp_path}/cafe\u0301/{name}/1.mp4" for name in "ab"]


def test_a_disk_without_inodes_is_walked_whole(tmp_path: Path, without_inodes: None) -> None:
    put(tmp_path, "a/1.mp4", "a/2.mp4", "b/1.mp4", "b/deep/2.mp4")
    (tmp_path / "b/loop").symlink_to(tmp_path)
    options = {"kind": "folder", "root": str(tmp_path)}
    videos = folder.videos(options)
    assert [video.id for video in videos] == ["a/1.mp4", "a/2.mp4", "b/1.mp4", "b/deep/2.mp4"]
    own_checks.check(videos, str(tmp_path))


def test_one_file_by_two_names_is_found_out_also_without_inodes(tmp_path: Path, without_inodes: None) -> None:
    put(tmp_path, "a/1.mp4", "a/2.mp4", "b/1.mp4")
    (tmp_path / "b/2.mp4").symlink_to(tmp_path / "a/1.mp4")
    with pytest.raises(UserError, match="are the same file"):
        own_checks.check(folder.videos({"kind": "folder", "root": str(tmp_path)}), "x")


def test_files_that_a_drive_numbers_alike_are_not_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "one", "other")
    os.link(tmp_path / "one", tmp_path / "again")
    assert identity(str(tmp_path / "one")) == identity(str(tmp_path / "again"))
    stat = os.stat
    monkeypatch.setattr(os, "stat", lambda path: os.stat_result([*list(stat(path))[:1], 7, *list(stat(path))[2:]]))
    assert identity(str(tmp_path / "one")) != identity(str(tmp_path / "other"))


def test_what_the_walk_leaves_out_is_told(tmp_path: Path) -> None:
    put(tmp_path, "a/1.mp4", "a/.x", "@eaDir/y", "a/Thumbs.db", ".git/z")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    left: list[str] = []
    assert list(walk(tmp_path, left.append)) == [(str(tmp_path), []), (str(tmp_path / "a"), ["1.mp4"])]
    assert sorted(left) == [f"{tmp_path}/{name}" for name in (".git", "@eaDir", "a/.x", "a/Thumbs.db", "b")]
