"""Fingerprints tell that a video's file was replaced, and that it was only touched or copied."""

import json
import os
import random
import shutil
from pathlib import Path

import pytest

from vidbench.datasets import file_contents
from vidbench.datasets.file_contents import BLOCK, BLOCKS, fingerprints

LARGE = 3 * BLOCK * BLOCKS + 7


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    return tmp_path / "memory" / "0.json"


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that were read."""
    found, read = [], file_contents.fingerprint
    monkeypatch.setattr(file_contents, "fingerprint", lambda path: found.append(path) or read(path))
    return found


def make(path: Path, size: int, seed: int = 0) -> str:
    path.write_bytes(random.Random(seed).randbytes(size))
    return str(path)


def of(path: Path | str, memory: Path) -> str:
    return fingerprints([str(path)], memory)[str(path)]


@pytest.mark.parametrize("size", [0, 1, 5000, BLOCK * BLOCKS, BLOCK * BLOCKS + 1, LARGE])
def test_touched_copied_and_moved_over_itself_it_is_the_same(size: int, tmp_path: Path, memory: Path) -> None:
    path = tmp_path / "a.mp4"
    make(path, size)
    first = of(path, memory)
    os.utime(path, ns=(1, 1))
    assert of(path, memory) == first
    shutil.copy(path, tmp_path / "copy")
    os.replace(tmp_path / "copy", path)
    assert of(path, memory) == first
    memory.unlink()
    assert of(path, memory) == first


@pytest.mark.parametrize("size", [1, 5000, LARGE])
@pytest.mark.parametrize("place", [0, 0.5, 1])
def test_another_file_of_the_same_size_and_time_is_another_one(
    size: int, place: float, tmp_path: Path, memory: Path
) -> None:
    path, other = tmp_path / "a.mp4", tmp_path / "b.mp4"
    make(path, size)
    content = bytearray(path.read_bytes())
    start, end = (0, BLOCK) if place == 0 else (BLOCK, size - BLOCK) if place == 0.5 else (size - BLOCK, size)
    for index in range(max(0, start), max(1, end)) if size == LARGE else [round(place * (size - 1))]:
        content[index] ^= 255
    other.write_bytes(content)
    times = path.stat()
    first = of(path, memory)
    os.utime(other, ns=(times.st_atime_ns, times.st_mtime_ns))
    os.replace(other, path)
    assert of(path, memory) != first


def test_another_size_is_another_file(tmp_path: Path, memory: Path) -> None:
    first = of(make(tmp_path / "a.mp4", LARGE), memory)
    with open(tmp_path / "a.mp4", "ab") as file:
        file.write(b"x")
    assert of(tmp_path / "a.mp4", memory) != first


def test_what_is_remembered_is_not_read(tmp_path: Path, memory: Path, reads: list[str]) -> None:
    paths = [make(tmp_path / f"{number}.mp4", 100, number) for number in range(5)]
    first = fingerprints(paths, memory)
    assert len(set(first.values())) == 5
    assert sorted(reads) == paths
    reads.clear()
    assert fingerprints(paths, memory) == first
    assert reads == []
    os.utime(paths[2], ns=(5, 5))
    assert fingerprints(paths, memory) == first
    assert reads == [paths[2]]
    reads.clear()
    assert fingerprints(paths, memory) == first
    assert reads == []


@pytest.mark.parametrize("content", ["", "[]", "3", '{"a": 1}', '{"a": [1, 2, 3]}', "\0"])
def test_a_memory_that_is_damaged_or_cannot_be_written_is_none(content: str, tmp_path: Path, memory: Path) -> None:
    path = make(tmp_path / "a.mp4", 10)
    wanted = of(path, memory)
    memory.write_text(content)
    assert of(path, memory) == wanted
    (tmp_path / "file").touch()
    assert of(path, tmp_path / "file" / "0.json") == wanted


def test_missing_files_and_impossible_names_have_none(tmp_path: Path, memory: Path) -> None:
    assert set(fingerprints([str(tmp_path / "none.mp4"), "a\0b"], memory).values()) == {""}


def test_a_file_that_cannot_be_read_just_now_keeps_what_is_remembered(
    tmp_path: Path, memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make(tmp_path / "a.mp4", 10)
    first = of(path, memory)
    os.utime(path, ns=(5, 5))
    with monkeypatch.context() as patched:
        patched.setattr(file_contents, "fingerprint", lambda _: None)
        assert of(path, memory) == first
        assert of(make(tmp_path / "b.mp4", 10), tmp_path / "other.json") == ""
    assert of(path, memory) == first
    assert path in json.loads(memory.read_text())


def test_a_folder_of_images(tmp_path: Path, memory: Path, reads: list[str]) -> None:
    folder = tmp_path / "video"
    folder.mkdir()
    for number in range(20):
        make(folder / f"{number}.jpg", 50, number)
    first = of(folder, memory)
    for path in folder.iterdir():
        os.utime(path)
    (folder / "Thumbs.db").touch()
    assert of(folder, memory) == first
    reads.clear()
    assert of(folder, memory) == first
    assert reads == []
    make(folder / "0.jpg", 50, 99)  # of the same size
    replaced = of(folder, memory)
    make(folder / "7.jpg", 51)
    larger = of(folder, memory)
    (folder / "7.jpg").rename(folder / "20.jpg")
    renamed = of(folder, memory)
    (folder / "20.jpg").unlink()
    assert len({first, replaced, larger, renamed, of(folder, memory)}) == 5
