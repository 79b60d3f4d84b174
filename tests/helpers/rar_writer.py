"""A writer of RAR 4 archives that stores without packing: no free tool makes RAR archives."""

import stat
import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

SIGNATURE = b"Rar!\x1a\x07\x00"
MAIN, FILE, END = 0x73, 0x74, 0x7B
LONG_BLOCK, UNICODE_NAME, FOLDER, ENCRYPTED = 0x8000, 0x0200, 0x00E0, 0x0004
VOLUME, ENCRYPTED_HEADERS = 0x0001, 0x0080  # flags of the main block
UNIX, STORED, VERSION = 3, 0x30, 20


@dataclass(frozen=True)
class Entry:
    """One member. `size` and `crc` are those of the header; other values than the content's make it lie."""

    name: str
    content: bytes = b""
    mode: int = stat.S_IFREG | 0o644
    encrypted: bool = False
    size: int | None = None
    crc: int | None = None


def folder(name: str) -> Entry:
    """A folder; those that no entry names come with their files."""
    return Entry(name, mode=stat.S_IFDIR | 0o755)


def symlink(name: str, target: str) -> Entry:
    """A symbolic link as RAR 3 and 4 keep it: a file whose content is the target."""
    return Entry(name, target.encode(), mode=stat.S_IFLNK | 0o777)


def write_rar(path: Path, entries: Iterable[Entry], flags: int = 0, end: bool = True) -> None:
    """Write an archive; `flags` are those of its main block, e.g. VOLUME; `end`: with the mark that ends it."""
    with open(path, "wb") as file:
        file.write(SIGNATURE + _block(MAIN, flags, bytes(6)))
        for entry in entries:
            file.write(_file_block(entry) + entry.content)
        if end:
            file.write(_block(END, 0x4000, b""))


def _file_block(entry: Entry) -> bytes:
    name = entry.name.replace("/", "\\").encode("utf-8", "surrogateescape")
    flags = LONG_BLOCK | UNICODE_NAME
    flags |= FOLDER if stat.S_ISDIR(entry.mode) else 0
    flags |= ENCRYPTED if entry.encrypted else 0
    size = len(entry.content) if entry.size is None else entry.size
    crc = zlib.crc32(entry.content) if entry.crc is None else entry.crc
    time = 0
    sizes = struct.pack("<II", len(entry.content), size)
    rest = struct.pack("<BIIBBHI", UNIX, crc, time, VERSION, STORED, len(name), entry.mode)
    return _block(FILE, flags, sizes + rest + name)


def _block(kind: int, flags: int, body: bytes) -> bytes:
    head = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
    return struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head
