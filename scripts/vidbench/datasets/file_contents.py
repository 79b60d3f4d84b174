"""What is in the files of videos, told by little reading: a replaced file is noticed, a touched or copied one is not.

A fingerprint is made of a file's size and of blocks spread over it, of a folder of images from the names and sizes of
all and the blocks of a few. It is remembered with the file's size and times: as long as these stay, nothing is read.
The memory may be deleted without harm, and where it cannot be written there is none.
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

BLOCK, BLOCKS = 1 << 17, 8  # bytes of a block, and blocks of a large file; one up to 1 MB is read whole
IMAGES = 32  # of a folder that are read
READERS = 8  # files that are read at a time
State = list[int] | str | None  # what changes when a file is written to; None where there is none


def fingerprints(paths: Iterable[str], memory: Path) -> dict[str, str]:
    """Fingerprint of each file or folder of images, "" where there is none; `memory`: file to remember them in.

    One that is there, but cannot be read just now, keeps the fingerprint that is remembered.
    """
    known = _remembered(memory)
    states = {path: state_of(path) for path in paths}
    there = [path for path, state in states.items() if state is not None]
    unknown = [path for path in there if path not in known or known[path][0] != states[path]]
    with ThreadPoolExecutor(READERS) as pool:
        read = dict(zip(unknown, pool.map(fingerprint, unknown), strict=True))
    kept = {path: known[path] for path in there if path in known}
    kept |= {path: [states[path], value] for path, value in read.items() if value is not None}
    if unknown:
        with suppress(UserError, OSError):
            write_text(memory, json.dumps(kept))
    return {path: kept[path][1] if path in kept else "" for path in states}


def _remembered(memory: Path) -> dict[str, list]:
    """Path -> [state, fingerprint]."""
    try:
        found = json.loads(memory.read_text(encoding="utf-8"))
        return {path: [state, str(value)] for path, (state, value) in found.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def state_of(path: str) -> State:
    """Size and times of a file, or a digest of those of a folder's images."""
    try:
        found = os.stat(path)
        if stat.S_ISDIR(found.st_mode):
            return digest([[name, *_state(status)] for name, status in _images(path)])
        return _state(found)
    except (OSError, ValueError):  # ValueError: a null byte in the name
        return None


def _state(status: os.stat_result) -> list[int]:
    """With the time of change, which a file gets that is renamed to the name of another one, whatever its own time."""
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns]


def _images(folder: str) -> list[tuple[str, os.stat_result]]:
    with os.scandir(folder) as entries:
        return sorted((entry.name, entry.stat()) for entry in entries if kind_of(entry.name) and entry.is_file())


def fingerprint(path: str) -> str | None:
    """Digest of a file's size and blocks, or of a folder's images; None where something cannot be read."""
    hashed = hashlib.sha256()
    try:
        if not os.path.isdir(path):
            _add_blocks(path, hashed)
            return hashed.hexdigest()[:32]
        images = _images(path)
        hashed.update(json.dumps([[name, status.st_size] for name, status in images]).encode())
        for number in _spread(len(images), IMAGES):
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
        for place in _spread(size - BLOCK + 1, BLOCKS):
            file.seek(place)
            hashed.update(file.read(BLOCK))


def _spread(number: int, most: int) -> list[int]:
    """At most `most` of the places 0 to number - 1, evenly spread, with the first and the last one."""
    if number <= most:
        return list(range(number))
    return [place * (number - 1) // (most - 1) for place in range(most)]
