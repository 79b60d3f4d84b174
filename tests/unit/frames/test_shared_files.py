"""Files that projects share: what their names depend on, and that nothing replaces them."""

import errno
import os
import shutil
from pathlib import Path

import pytest

from vidbench.errors import UserError
from vidbench.frames import shared_files
from vidbench.frames.shared_files import content_of_videos
from vidbench.video import Video


def video(path: Path, name: str = "a", label: str = "left") -> Video:
    return Video(name, str(path), label, "g")


def test_paths_labels_and_order_change_no_name_but_names_and_bytes_do(tmp_path: Path) -> None:
    for name, content in (("a", b"one"), ("copy", b"one"), ("b", b"two")):
        (tmp_path / name).write_bytes(content)
    a, b = video(tmp_path / "a"), video(tmp_path / "b", "b")
    content = content_of_videos([a, b])
    assert content_of_videos([b, video(tmp_path / "copy", label="right")]) == content
    changed = ([a], [a, video(tmp_path / "b", "c")], [video(tmp_path / "b"), b], [a, video(tmp_path / "no such", "b")])
    assert len({content, *map(content_of_videos, changed)}) == 5


def test_a_folder_of_images_is_its_names_and_bytes(tmp_path: Path) -> None:
    for folder in ("one", "two", "three"):
        (tmp_path / folder).mkdir()
        for name in ("0.png", "1.png"):
            (tmp_path / folder / name).write_bytes(name.encode())
    content = content_of_videos([video(tmp_path / "one")])
    assert content_of_videos([video(tmp_path / "two")]) == content
    (tmp_path / "three/1.png").rename(tmp_path / "three/2.png")
    assert content_of_videos([video(tmp_path / "three")]) != content


def test_a_file_lies_under_what_it_is_made_from(tmp_path: Path) -> None:
    path = shared_files.shared_path(tmp_path, "frames", {"a": 1, "b": [2]})
    assert path == shared_files.shared_path(tmp_path, "frames", {"b": [2], "a": 1})
    assert path.parent == tmp_path / "frames"
    assert path != shared_files.shared_path(tmp_path, "frames", {"a": 1, "b": [3]})


def test_packages_that_are_not_installed_have_no_version() -> None:
    assert shared_files.versions(["numpy", "no-such-package"]).keys() == {"numpy"}


def share(folder: Path, content: bytes) -> Path:
    """Make an output and share it; the output."""
    output = folder / "out.h5"
    output.unlink(missing_ok=True)
    output.write_bytes(content)
    shared_files.share(output, folder / "shared" / "name.h5")
    return output


def test_a_shared_file_is_linked_and_never_replaced(tmp_path: Path) -> None:
    assert share(tmp_path, b"first").read_bytes() == b"first"
    before = (tmp_path / "shared/name.h5").stat()
    output = share(tmp_path, b"later")
    assert output.is_symlink()
    assert output.read_bytes() == b"first"
    after = (tmp_path / "shared/name.h5").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert after.st_mode & 0o777 == 0o444
    assert sorted(os.listdir(tmp_path)) == ["out.h5", "shared"]
    assert os.listdir(tmp_path / "shared") == ["name.h5"]


def test_a_link_takes_the_place_of_what_is_there(tmp_path: Path) -> None:
    output, entry = tmp_path / "out.h5", tmp_path / "entry.h5"
    output.write_bytes(b"old")
    assert not shared_files.link(output, entry)
    assert output.read_bytes() == b"old"
    entry.write_bytes(b"shared")
    assert shared_files.link(output, entry)
    assert output.read_bytes() == b"shared"


def test_a_full_disk_costs_no_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(shutil, "copyfile", full)
    output = share(tmp_path, b"content")
    assert not output.is_symlink()
    assert output.read_bytes() == b"content"
    assert "cannot be shared: No space left on device" in capsys.readouterr().err
    assert os.listdir(tmp_path / "shared") == []


def test_the_shared_folder_is_named_by_its_whole_path(tmp_path: Path) -> None:
    shared_files.check_folder(str(tmp_path))
    shared_files.check_folder(None)
    for folder in ("shared", str(tmp_path / "missing")):
        with pytest.raises(UserError, match="config: shared: "):
            shared_files.check_folder(folder)


def test_links_are_removed_where_their_file_is_gone_not_where_the_folder_is(tmp_path: Path, capsys) -> None:
    shared, frames = tmp_path / "shared", tmp_path / "results/own/frames"
    shared.mkdir()
    frames.mkdir(parents=True)
    (shared / "kept.h5").touch()
    for name in ("kept", "lost"):
        (frames / f"{name}.h5").symlink_to(shared / f"{name}.h5")
    shared.rename(tmp_path / "away")
    with pytest.raises(UserError, match=f"^{shared}: shared files are not there .*: mount it"):
        shared_files.remove_lost(tmp_path / "results")
    assert sorted(os.listdir(frames)) == ["kept.h5", "lost.h5"]
    (tmp_path / "away").rename(shared)
    shared_files.remove_lost(tmp_path / "results")
    assert os.listdir(frames) == ["kept.h5"]
    assert "lost.h5: is no longer shared" in capsys.readouterr().err
