"""Names of videos: files, folders, patterns, addresses, and what is wrong with them."""

import os
from pathlib import Path

import pytest

from vidbench.errors import UserError
from vidbench.inference.inputs import Input, find_videos, is_live, read_list


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two videos, one of them deeper, notes, and a folder of images."""
    for name in ("b.mp4", "deep/a.MKV", "notes.txt", "frames/1.jpg", "frames/2.jpg", "with space [1].mp4"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    return tmp_path


def paths(*names: object) -> list[str]:
    return [each.path for each in find_videos(map(str, names)) if not each.problem]


def problems(*names: object) -> list[str]:
    return [each.problem for each in find_videos(map(str, names)) if each.problem]


def test_a_folder_stands_for_its_videos_and_folders_of_images(folder: Path) -> None:
    expected = ["b.mp4", "deep/a.MKV", "frames", "with space [1].mp4"]
    assert paths(folder) == [f"{folder}/{name}" for name in expected]
    assert paths(folder / "frames") == [f"{folder}/frames"]


def test_names_keep_their_order_and_may_come_twice(folder: Path) -> None:
    assert paths(folder / "deep", folder / "b.mp4", folder / "b.mp4") == [
        f"{folder}/deep/a.MKV", f"{folder}/b.mp4", f"{folder}/b.mp4",
    ]  # fmt: skip


def test_patterns_are_for_the_script_where_the_shell_leaves_them(folder: Path) -> None:
    assert paths(folder / "**" / "*.MKV") == [f"{folder}/deep/a.MKV"]
    assert paths(folder / "with space [1].mp4") == [f"{folder}/with space [1].mp4"], "a name, no pattern"
    assert "pattern" in problems(folder / "*.avi")[0]


def test_what_is_not_there_is_a_problem_of_its_own(folder: Path) -> None:
    assert problems(folder / "none.mp4", folder / "b.mp4", "a\0b") == ["no such file", problems("a\0b")[0]]
    assert "null" in problems("a\0b")[0]


def test_an_empty_folder_says_what_it_holds(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    assert problems(tmp_path) == ["holds no videos (left out: 1 file of another kind (.txt))"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read anything")
def test_a_folder_that_cannot_be_read_is_a_problem(folder: Path) -> None:
    (folder / "deep").chmod(0)
    assert "cannot be read" in problems(folder / "deep")[0]
    (folder / "deep").chmod(0o700)


def test_a_folder_that_fails_meanwhile_costs_no_other_video(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> None:
        raise UserError(f"{folder}: this folder cannot be read: Input/output error; correct its permissions")

    monkeypatch.setattr("vidbench.inference.inputs.scan", refuse)
    first, second = find_videos([str(folder), str(folder / "b.mp4")])
    assert first.problem == "this folder cannot be read: Input/output error; correct its permissions"
    assert second.path == f"{folder}/b.mp4"


def test_a_folder_within_that_cannot_be_read_costs_no_other_video(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may read anything, so the system's answer is made up."""
    scandir = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("deep"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr("os.scandir", refuse)
    (folder / "gone").symlink_to("nowhere")
    assert paths(folder) == [f"{folder}/{name}" for name in ("b.mp4", "frames", "with space [1].mp4")]
    link, unread = problems(folder)
    assert unread.startswith("this folder cannot be read: Permission denied")
    assert link.startswith("leads to nowhere")


def test_links_in_a_circle_and_to_nowhere(folder: Path) -> None:
    (folder / "deep" / "up").symlink_to("..")
    (folder / "deep" / "lost.mp4").symlink_to("nowhere.mp4")
    (folder / "deep" / "self.mp4").symlink_to("self.mp4")
    found = list(find_videos([str(folder / "deep")]))
    assert [each.problem for each in found if "lost" in each.name or "self" in each.name] == [
        "is a link that leads nowhere"
    ] * 2
    assert len({each.path for each in found}) == len(found)
    (folder / "*").symlink_to("nowhere")
    lost, in_circle = problems(folder / "deep" / "[ls]*.mp4")
    assert lost == "no such file"
    assert "symbolic links" in in_circle
    assert "no such file" in problems(folder / "*")


def test_files_that_cannot_be_opened_are_problems(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(folder / "pipe.mp4")
    assert problems(folder / "pipe.mp4") == ["is no file"]

    def refuse(*arguments: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    assert problems(folder / "b.mp4") == ["cannot be read: Permission denied"]


def test_addresses_are_told_from_streams() -> None:
    address = Input("https://example.org/a.mp4", "https://example.org/a.mp4")
    assert list(find_videos([address.name])) == [address]
    assert address.is_address
    assert not address.is_live
    assert all(map(is_live, ["rtsp://camera/1", "/dev/video0", "udp://@239.0.0.1:1234"]))
    assert not any(map(is_live, ["video.mp4", "/dev/video0.mp4", "rtsp.mp4"]))


def test_a_list_has_a_name_per_line() -> None:
    assert list(read_list(["a.mp4\n", "\n", "b c.mp4\r\n", " \n", "d"])) == ["a.mp4", "b c.mp4", "d"]
    assert list(read_list(["\ufeff-a.mp4\r\n", "\ufeffb"])) == ["-a.mp4", "\ufeffb"], "one mark, at the beginning"


def test_comments_in_a_list_are_left_out_unless_files_have_their_names(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    (folder / "#1.mp4").write_text("x")
    assert list(read_list(["#EXTM3U\n", "#1.mp4\n", "# two\n"])) == ["#1.mp4"]
