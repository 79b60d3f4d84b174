"""Reading zip, tar and tar.gz archives: their members, and all content from beginning to end."""

import gzip
import struct
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from io import BufferedReader
from pathlib import Path
from typing import IO

from vidbench.download.archives.safety import (
    FILE,
    FOLDER,
    HARDLINK,
    ODD,
    SYMLINK,
    Member,
    check_start,
    kind_of_mode,
    read_errors,
    wrong_start,
)
from vidbench.errors import Damaged

GZIP_START = b"\x1f\x8b"
MAX_END_BYTES = (1 << 16) + 22  # bytes of a zip's end record with the longest comment
IN_ZIP64 = 0xFFFF  # more entries than the end record can count
CHUNK = 1 << 20  # bytes
MAX_TARGET_LENGTH = 4096  # bytes of a link's target, the longest path of Linux

Write = Callable[[bytes], object]
Sink = Callable[[Member], AbstractContextManager[Write]]


def list_zip(path: Path) -> list[Member]:
    """Return all members, from the table at the archive's end; targets of links from their content."""
    with _open_zip(path) as archive:
        return [_zip_member(archive, info) for info in archive.infolist()]


def read_zip(path: Path, sink: Sink) -> None:
    """Hand each file's content to `sink` in chunks; Damaged where a checksum is wrong."""
    with _open_zip(path) as archive:
        for info in archive.infolist():
            member = _zip_member(archive, info)
            # Folders, too: opening compares the name in the table with the one in front of the content.
            with archive.open(info) as source:
                if member.kind == FILE:
                    with sink(member) as write:
                        _copy(source, write)


@contextmanager
def _open_zip(path: Path) -> Iterator[zipfile.ZipFile]:
    check_start(path, "zip", b"PK")
    with read_errors(), zipfile.ZipFile(path) as archive:
        _check_count(path, len(archive.infolist()))
        yield archive


def _check_count(path: Path, count: int) -> None:
    """Compare `count` with the end record: zipfile does not notice entries hidden by a damaged length in its table."""
    with open(path, "rb") as file:
        file.seek(max(path.stat().st_size - MAX_END_BYTES, 0))
        end = file.read()
    (expected,) = struct.unpack_from("<H", end, end.rindex(b"PK\x05\x06") + 10)
    if expected not in (count & 0xFFFF, IN_ZIP64):
        raise Damaged(f"is damaged: its table has {count} entries instead of {expected}; fetch it again")


def _zip_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Member:
    encrypted = bool(info.flag_bits & 1)
    kind = kind_of_mode(info.external_attr >> 16)
    target = ""
    if info.filename.endswith("/"):  # is_dir() fails on an empty name
        kind = ODD if info.file_size else FOLDER
    elif kind == SYMLINK and not encrypted and info.file_size <= MAX_TARGET_LENGTH:
        target = archive.read(info).decode("utf-8", "surrogateescape")
    # zipfile cuts a name at a null byte; orig_filename has all of it.
    return Member(info.orig_filename, kind, info.file_size, target, encrypted)


def list_tar(path: Path) -> list[Member]:
    """Return all members. A tar.gz is decompressed to its end for this, and its checksum compared."""
    with _open_tar(path) as archive:
        return [_tar_member(info) for info in archive]


def read_tar(path: Path, sink: Sink) -> None:
    """Hand each file's content to `sink` in chunks; Damaged where the checksum of a tar.gz is wrong."""
    with _open_tar(path) as archive:
        for info in archive:
            member = _tar_member(info)
            content = archive.extractfile(info) if member.kind == FILE else None
            if content is not None:
                with sink(member) as write:
                    _copy(content, write)


class _StrictHeader(tarfile.TarInfo):
    """A header that is an error where it is damaged or missing, which tarfile confuses with the archive's end."""

    @classmethod
    def fromtarfile(cls, archive: tarfile.TarFile) -> tarfile.TarInfo:
        try:
            header = super().fromtarfile(archive)
        except tarfile.EOFHeaderError:  # pyright: ignore[reportAttributeAccessIssue] - typeshed lacks this class
            raise  # a block of zeros: the mark that ends an archive
        except tarfile.HeaderError as error:
            if archive.offset == 0:
                archive.fileobj.seek(0)
                raise wrong_start("tar", archive.fileobj.read(16)) from error
            raise Damaged(f"is damaged: {error} at byte {archive.offset}; fetch it again") from error
        if header.size < 0:  # tarfile would read the same header forever
            raise tarfile.ReadError(f"{header.name!r} has a negative size")
        return header


@contextmanager
def _open_tar(path: Path) -> Iterator[tarfile.TarFile]:
    """Open an archive to be read forwards only, and to the end of the file: a tar.gz has its checksum there."""
    with read_errors(), _open_stream(path) as stream, tarfile.TarFile(fileobj=stream, tarinfo=_StrictHeader) as archive:
        yield archive
        while block := stream.read(CHUNK):
            if block.strip(b"\0"):
                raise Damaged("is damaged: something follows its end; fetch it again")


def _open_stream(path: Path) -> gzip.GzipFile | BufferedReader:
    with open(path, "rb") as file:
        packed = file.read(len(GZIP_START)) == GZIP_START
    return gzip.open(path, "rb") if packed else open(path, "rb")


def _tar_member(info: tarfile.TarInfo) -> Member:
    kinds = {tarfile.DIRTYPE: FOLDER, tarfile.SYMTYPE: SYMLINK, tarfile.LNKTYPE: HARDLINK}
    kind = FILE if info.isreg() else kinds.get(info.type, ODD)
    return Member(info.name, kind, info.size if kind == FILE else 0, info.linkname)


def _copy(source: IO[bytes], write: Write) -> None:
    while True:
        with read_errors():  # only around this: errors of `write` are the other disk's
            chunk = source.read(CHUNK)
        if not chunk:
            return
        write(chunk)
