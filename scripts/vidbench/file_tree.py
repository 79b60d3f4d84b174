"""Walking folders, telling files apart and finding them by name, on any file system."""

import os
import stat
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

from vidbench.errors import UserError

# Folders and files that Windows, macOS, Synology, QNAP and programs create for themselves; in lower case.
SYSTEM_FOLDERS = frozenset([
    "$recycle.bin", "$extend", "system volume information", "found.000", "lost+found", "lost.dir", "__macosx",
    "temporary items", "network trash folder", "@eadir", "@tmp", "@recycle", "#recycle", "#snapshot",
    "@recently-snapshot", "@__thumb", "__pycache__", "node_modules",
])  # fmt: skip
SYSTEM_FILES = frozenset(["thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", "icon\r"])
SYSTEM_ENDINGS = (":zone.identifier", "@synoeastream", "@synoresource")

Identity = tuple[int, ...] | tuple[str]


def is_system_folder(name: str) -> bool:
    """Return whether a folder of this name is hidden, or one that a system or program made for itself."""
    return name.startswith(".") or name.casefold() in SYSTEM_FOLDERS


def is_system_file(name: str) -> bool:
    """Return whether a file of this name is hidden, or one that a system or program made for itself."""
    lower = name.lower()
    return name.startswith(".") or lower in SYSTEM_FILES or lower.endswith(SYSTEM_ENDINGS)


def walk(
    root: Path | str,
    skip: Callable[[str], object] = lambda path: None,
    report: Callable[[UserError], object] | None = None,
) -> Iterator[tuple[str, list[str]]]:
    """Yield each folder below `root`, itself included, and the sorted names of its files.

    Hidden files and those of systems are skipped; `skip` is called with the path of each such file and folder. Links
    are followed, but no folder is visited twice, because two links can point at each other. UserError if a folder
    cannot be read; with `report` that is called with the error instead, and the others are visited.
    """
    seen: set[Identity] = set()
    on_error = _refuse if report is None else lambda error: report(_describe_unreadable(error))
    for folder, folders, files in os.walk(root, followlinks=True, onerror=on_error):
        identity = _folder_identity(folder)
        if identity in seen:
            folders.clear()
            skip(folder)
            continue
        seen.add(identity)
        system_folders = {name for name in folders if is_system_folder(name)}
        system_files = {name for name in files if is_system_file(name)}
        for name in sorted(system_folders | system_files):
            skip(os.path.join(folder, name))
        folders[:] = sorted(set(folders) - system_folders)  # in place: os.walk descends into these alone
        yield folder, sorted(set(files) - system_files)


def _refuse(error: OSError) -> None:
    raise _describe_unreadable(error) from error


def _describe_unreadable(error: OSError) -> UserError:
    return UserError(
        f"{error.filename}: this folder cannot be read: {error.strerror}; correct its permissions, or move it away"
    )


def _folder_identity(folder: str) -> Identity:
    try:
        status = os.stat(folder)
    except OSError as error:
        _refuse(error)
    return (status.st_dev, status.st_ino) if status.st_ino else (os.path.realpath(folder),)


def identity(path: str) -> Identity | None:
    """Return a value that is equal for two names of one file or folder, as links are; None if there is no such file.

    On drives that do not number their files it is the path with links resolved. Size and time are part of it because
    some drives give several files the same number. Costs one system call per file, as there may be very many.
    """
    try:
        status = os.stat(path)
    except (OSError, ValueError):  # ValueError: a null byte in the name
        return None
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
        return None
    if not status.st_ino:
        return (os.path.realpath(path),)
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def reason_not_there(folder: str) -> str:
    """Return the reason why a path is no folder that can be read."""
    try:
        os.stat(folder)
    except FileNotFoundError:
        return "no such folder"
    except (OSError, ValueError) as error:
        return f"this folder cannot be read: {getattr(error, 'strerror', None) or error}"
    return "is no folder"


def find_file(path: str) -> str | None:
    """Return the path of a file or folder as its disk spells it; None if there is none.

    A Mac writes an accented letter as two characters (NFD), others as one (NFC), and disks tell the two apart.
    """
    if os.path.exists(path):
        return path
    return None if path.isascii() else next(_spellings(path), None)


def _spellings(path: str) -> Iterator[str]:
    """Yield the existing paths that differ from `path` only in the Unicode normal form of their characters."""
    parent, name = os.path.split(path.rstrip("/"))
    if not name:
        yield from [path] if os.path.exists(path) else []
        return
    for folder in _spellings(parent) if parent else [""]:
        simple = [os.path.join(folder, spelling) for spelling in dict.fromkeys((name, _nfc(name), _nfd(name)))]
        existing = [path for path in simple if os.path.exists(path)]
        yield from existing or [os.path.join(folder, each) for each in _names_by_nfc(folder or ".").get(_nfc(name), ())]


def _names_by_nfc(folder: str) -> dict[str, list[str]]:
    """Return the names in a folder that are not ASCII, by their normal form (NFC)."""
    try:
        return _read_names(folder, os.stat(folder).st_mtime_ns)
    except OSError:
        return {}


@lru_cache(maxsize=16)
def _read_names(folder: str, changed: int) -> dict[str, list[str]]:
    """Read them once until the folder is `changed`: a time in nanoseconds, the cache's key."""
    names: dict[str, list[str]] = {}
    for name in sorted(os.listdir(folder)):
        if not name.isascii():
            names.setdefault(_nfc(name), []).append(name)
    return names


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _nfd(text: str) -> str:
    return unicodedata.normalize("NFD", text)
