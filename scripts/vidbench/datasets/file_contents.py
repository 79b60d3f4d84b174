"""Fingerprints of the files of videos, by reading little: a replaced file changes them, a touched or copied one not.

The fingerprint of a file is made of its size and of blocks spread over it, that of a folder of images of the names and
sizes of all and the blocks of a few. It is remembered with the file's size and times: as long as these stay, nothing is
read. The memory may be deleted without harm; where it cannot be written, there is none.
"""

import hashlib
import json
import os
import stat
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from vidbench.errors import UserError
from vidbench.files import digest, write_text
from vidbench.frames.image_folder import kind_of

BLOCK = 1 << 17  # bytes of a block
BLOCKS = 8  # of a large file; a file of up to 1 MB is read completely
IMAGES = 32  # of a folder that are read
READERS = 8  # files that are read at a time
State = list[int] | str | None  # size and times of a file, or a digest of many; None where there is none


def fingerprints(paths: Iterable[str], memory: Path) -> dict[str, str]:
    """Return the fingerprint of each file or folder of images, "" where there is none; `memory`: file that keeps them.

    A file that exists, but cannot be read now, has the fingerprint that is remembered.
    """
    remembered = _read_memory(memory)
    states = {path: _read_state(path) for path in paths}
    existing = [path for path, state in states.items() if state is not None]
    changed = [path for path in existing if path not in remembered or remembered[path][0] != states[path]]
    with ThreadPoolExecutor(READERS) as pool:
        values = dict(zip(changed, pool.map(fingerprint, changed), strict=True))
    entries = {path: remembered[path] for path in existing if path in remembered}
    entries |= {path: [states[path], value] for path, value in values.items() if value is not None}
    if changed:
        with suppress(UserError, OSError):
            write_text(memory, json.dumps(entries))
    return {path: entries[path][1] if path in entries else "" for path in states}


def _read_memory(memory: Path) -> dict[str, list]:
    """Read [state, fingerprint] by path."""
    try:
        entries = json.loads(memory.read_text(encoding="utf-8"))
        return {path: [state, str(value)] for path, (state, value) in entries.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _read_state(path: str) -> State:
    """Return size and times of a file, or a digest of those of a folder's images."""
    try:
        status = os.stat(path)
        if stat.S_ISDIR(status.st_mode):
            return digest([[name, *_size_and_times(image)] for name, image in _list_images(path)])
        return _size_and_times(status)
    except (OSError, ValueError):  # ValueError: a null byte in the name
        return None


def _size_and_times(status: os.stat_result) -> list[int]:
    # The time of change, too: it tells a file that was moved to the name of an older one, whatever its own time.
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns]


def _list_images(folder: str) -> list[tuple[str, os.stat_result]]:
    with os.scandir(folder) as entries:
        return sorted((entry.name, entry.stat()) for entry in entries if kind_of(entry.name) and entry.is_file())


def fingerprint(path: str) -> str | None:
    """Return a digest of a file's size and blocks, or of a folder's images; None where something cannot be read."""
    hashed = hashlib.sha256()
    try:
        if not os.path.isdir(path):
            _add_blocks(path, hashed)
            return hashed.hexdigest()[:32]
        images = _list_images(path)
        hashed.update(json.dumps([[name, status.st_size] for name, status in images]).encode())
        for number in _spread_evenly(len(images), IMAGES):
            _add_blocks(os.path.join(path, images[number][0]), hashed)
    except OSError:
        return None
    return hashed.hexdigest()[:32]


def _add_blocks(path: str, hashed: "hashlib._Hash") -> None:
    with open(path, "rb", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        hashed.update(str(size).encode())
        if size <= BLOCKS * BLOCK:
            hashed.update(file.read(size))
            return
        for place in _spread_evenly(size - BLOCK + 1, BLOCKS):
            file.seek(place)
            hashed.update(file.read(BLOCK))


def _spread_evenly(number: int, limit: int) -> list[int]:
    """Return at most `limit` of the places 0 to number - 1, evenly spread, with the first and the last one."""
    if number <= limit:
        return list(range(number))
    return [index * (number - 1) // (limit - 1) for index in range(limit)]
