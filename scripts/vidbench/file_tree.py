"""Walking folders, telling files apart and finding them by name, on whatever disk they lie."""

import os
import stat
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

from vidbench.errors import UserError

# What Windows, macOS, Synology, QNAP and programs put beside the files of people; in lower case.
SYSTEM_FOLDERS = frozenset([
    "$recycle.bin", "$extend", "system volume information", "found.000", "lost+found", "lost.dir", "__macosx",
    "temporary items", "network trash folder", "@eadir", "@tmp", "@recycle", "#recycle", "#snapshot",
    "@recently-snapshot", "@__thumb", "__pycache__", "node_modules",
])  # fmt: skip
SYSTEM_FILES = frozenset(["thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", "icon\r"])
SYSTEM_ENDINGS = (":zone.identifier", "@synoeastream", "@synoresource")

Identity = tuple[int, ...] | tuple[str]


def is_system_folder(name: str) -> bool:
    """Whether a folder of this name is hidden, or made by a system or program for itself."""
    return name.startswith(".") or name.casefold() in SYSTEM_FOLDERS


def is_system_file(name: str) -> bool:
    """As is_system_folder, of a file."""
    lower = name.lower()
    return name.startswith(".") or lower in SYSTEM_FILES or lower.endswith(SYSTEM_ENDINGS)


def walk(root: Path | str, left_out: Callable[[str], object] = lambda path: None) -> Iterator[tuple[str, list[str]]]:
    """Each folder below `root`, itself included, and the names of its files, sorted.

    Hidden files and those of systems are left out; `left_out` is called with the path of each file and folder that is.
    Links are followed, but no folder is shown twice: two links can point at each other. UserError where a folder
    cannot be read.
    """
    seen: set[Identity] = set()
    for folder, folders, files in os.walk(root, followlinks=True, onerror=_refuse):
        identity = _folder_identity(folder)
        if identity in seen:
            folders.clear()
            left_out(folder)
            continue
        seen.add(identity)
        left = {name for name in folders if is_system_folder(name)}, {name for name in files if is_system_file(name)}
        for name in sorted(left[0] | left[1]):
            left_out(os.path.join(folder, name))
        folders[:] = sorted(name for name in folders if name not in left[0])
        yield folder, sorted(name for name in files if name not in left[1])


def _refuse(error: OSError) -> None:
    raise UserError(
        f"{error.filename}: this folder cannot be read: {error.strerror}; correct its permissions, or move it away"
    ) from error


def _folder_identity(folder: str) -> Identity:
    try:
        found = os.stat(folder)
    except OSError as error:
        _refuse(error)
    return (found.st_dev, found.st_ino) if found.st_ino else (os.path.realpath(folder),)


def identity(path: str) -> Identity | None:
    """What is equal for two names of one file or folder, as links are; None where there is none.

    Some drives number no files: there the path counts, without links. Size and time are in it because others number
    several files alike. One call a file: there may be very many.
    """
    try:
        found = os.stat(path)
    except (OSError, ValueError):  # ValueError: a null byte in the name
        return None
    if not (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)):
        return None
    if not found.st_ino:
        return (os.path.realpath(path),)
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def reason_not_there(folder: str) -> str:
    """Why a path is no folder that can be read."""
    try:
        os.stat(folder)
    except FileNotFoundError:
        return "no such folder"
    except (OSError, ValueError) as error:
        return f"this folder cannot be read: {getattr(error, 'strerror', None) or error}"
    return "is no folder"


def find_file(path: str) -> str | None:
    """The path of a file or folder as its disk spells it; None where there is none.

    A Mac writes an accented letter as two characters (NFD), others as one (NFC), and disks tell the two apart.
    """
    if os.path.exists(path):
        return path
    return None if path.isascii() else next(_spellings(path), None)


def _spellings(path: str) -> Iterator[str]:
    """All paths that are there and differ from `path` in the normal form of its characters alone."""
    parent, name = os.path.split(path.rstrip("/"))
    if not name:
        yield from [path] if os.path.exists(path) else []
        return
    for folder in _spellings(parent) if parent else [""]:
        simple = [os.path.join(folder, each) for each in dict.fromkeys((name, _nfc(name), _nfd(name)))]
        known = [each for each in simple if os.path.exists(each)]
        yield from known or [os.path.join(folder, each) for each in _mixed(folder or ".").get(_nfc(name), ())]


def _mixed(folder: str) -> dict[str, list[str]]:
    """Names in a folder by their normal form."""
    try:
        return _names(folder, os.stat(folder).st_mtime_ns)
    except OSError:
        return {}


@lru_cache(maxsize=16)
def _names(folder: str, changed: int) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in sorted(os.listdir(folder)):
        if not name.isascii():
            found.setdefault(_nfc(name), []).append(name)
    return found


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _nfd(text: str) -> str:
    return unicodedata.normalize("NFD", text)
