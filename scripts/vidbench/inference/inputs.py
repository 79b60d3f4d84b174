"""The videos that a person names: files, folders, patterns, addresses, a list on standard input."""

import glob
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from vidbench.datasets.image_videos import video_folders
from vidbench.datasets.scanning import scan
from vidbench.datasets.skipped import Skipped, summary
from vidbench.errors import UserError
from vidbench.file_tree import find_file, reason_not_there

ADDRESS = re.compile(r"https?://", re.IGNORECASE)
LIVE = re.compile(r"(rtsps?|rtmps?|udp|rtp|srt|tcp)://|https?://[^?#]*\.m3u8([?#]|$)|/dev/video\d+$", re.IGNORECASE)
PATTERN = re.compile(r"[*?\[]")


@dataclass(frozen=True)
class Input:
    """A video to classify, or a name that leads to none."""

    name: str  # as it is reported
    path: str = ""  # of a file or a folder of images
    problem: str = ""  # why it cannot be classified

    @property
    def is_address(self) -> bool:
        """Whether it has to be fetched."""
        return ADDRESS.match(self.path) is not None and not self.is_live

    @property
    def is_live(self) -> bool:
        """Whether it is a camera, or a stream without an end."""
        return is_live(self.path)


def is_live(name: str) -> bool:
    """Return whether a name is that of a camera, or of a stream without an end."""
    return LIVE.match(name) is not None


def find_videos(names: Iterable[str]) -> Iterator[Input]:
    """Yield the videos that names stand for, in their order; a folder's are sorted by path."""
    for name in names:
        if ADDRESS.match(name) or is_live(name):
            yield Input(name, name)
            continue
        try:
            yield from _find(name)
        except (UserError, OSError, ValueError) as error:  # ValueError: a null byte in the name
            yield Input(name, problem=_shorten(str(error), name))


def read_list(lines: Iterable[str]) -> Iterator[str]:
    """Yield the names of a list: one per line.

    Empty lines are left out, a byte order mark, and comments: lines that begin with `#`, unless a file has that name.
    """
    for number, line in enumerate(lines):
        name = line.rstrip("\r\n")
        name = name if number else name.removeprefix("\ufeff")
        if name.strip() and not (name.startswith("#") and find_file(name) is None):
            yield name


def _find(name: str) -> Iterator[Input]:
    path = find_file(name)
    if path is None and PATTERN.search(name):
        matches = sorted(glob.glob(name, recursive=True))
        if not matches:
            yield Input(name, problem="no file has a name of this pattern")
        for match in matches:
            yield from _find_path(match, match if os.path.exists(match) else None)
    else:
        yield from _find_path(name, path)


def _find_path(name: str, path: str | None) -> Iterator[Input]:
    """Yield a file, or the videos below a folder; `path`: None where nothing is there."""
    if path is None:
        yield Input(name, problem=reason_not_there(name).replace("folder", "file"))
    elif os.path.isdir(path):
        yield from _find_in_folder(path)
    else:
        yield Input(name, path, _find_problem(path))


def _find_in_folder(folder: str) -> Iterator[Input]:
    """Yield the videos below a folder, which may itself be one, of images."""
    root = folder.rstrip("/") or "/"
    skipped: list[Skipped] = []
    unreadable: list[UserError] = []
    contents = list(scan(root, skipped, unreadable.append))
    paths = [os.path.join(root, content.path, name) for content in contents for name in content.videos]
    paths += [os.path.join(root, path) if path else root for path in video_folders(root, contents, skipped)]
    for error in unreadable:
        path, _, reason = str(error).partition(": ")
        yield Input(path, problem=reason)
    if not paths and not unreadable:
        left_out = f" (left out: {summary(skipped)})" if skipped else ""
        yield Input(folder, problem=f"holds no videos{left_out}")
    for path in sorted(paths):
        yield Input(path, path, _find_problem(path))


def _find_problem(path: str) -> str:
    """Return why a file cannot be opened; "" where it can, and for a folder of images."""
    if os.path.isdir(path):
        return ""
    if not os.path.exists(path):
        return "is a link that leads nowhere"
    if not os.path.isfile(path):
        return "is no file"
    try:
        with open(path, "rb"):
            return ""
    except OSError as error:
        return f"cannot be read: {error.strerror}"


def _shorten(message: str, name: str) -> str:
    """Return a message without the name that it begins with."""
    return message.removeprefix(f"{name}: ")
