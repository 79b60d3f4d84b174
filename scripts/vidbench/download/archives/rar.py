"""Reading RAR archives (versions 3 to 7): their members, and all content in one pass from beginning to end.

unrar2-cffi's own RarFile opens the archive again for each member, keeps members in memory, confuses a broken header
with the end of the archive, and does not tell a link's target. Hence the library's functions are called here.
"""

import os
import struct
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from unrar.cffi import unrarlib
from unrar.cffi.unrarlib import ffi

from vidbench.download.archives.safety import (
    BY_HAND,
    FILE,
    FOLDER,
    HARDLINK,
    ODD,
    SYMLINK,
    Member,
    check_start,
    kind_of_mode,
    read_errors,
)
from vidbench.download.archives.zip_and_tar import Sink, Write
from vidbench.errors import Damaged, UserError

# Numbers of the library's manual (dll.hpp) that the package does not name.
END_OF_ARCHIVE = 10
IS_VOLUME = 0x01
HAS_ENCRYPTED_HEADERS = 0x80
SPLIT = 0x03
ENCRYPTED = 0x04
HOST_UNIX = 3
REDIRECTIONS = {0: FILE, 1: SYMLINK, 4: HARDLINK, 5: HARDLINK}  # 2 and 3 are links of Windows
STOP = -1
CONTINUE = 1
MAX_NAME_LENGTH = 4096  # characters
MAPPED = "\ufffe"  # the library puts it into a name with bytes that are no text
WIDE = f"utf-32-{sys.byteorder[0]}e"
PASSWORD = f"needs a password; {BY_HAND}"
# The library has one error code per process: a damaged archive would spoil those that other threads read.
ONE_AT_A_TIME = threading.Lock()
VOLUMES = "is one part of an archive in several; put them together by hand"


def list_rar(path: Path) -> list[Member]:
    """Return all members, from their headers."""
    check_start(path, "RAR", b"Rar!\x1a\x07")
    with read_errors(), open(path, "rb") as file:
        _check_blocks(file)
    with _open(path, unrarlib.C_RAR_OM_LIST_INCSPLIT) as archive:
        members = []
        for member in _read_headers(archive):
            members.append(member)
            _process(archive, unrarlib.C_RAR_SKIP, member)
        return members


def read_rar(path: Path, sink: Sink) -> None:
    """Hand each file's content to `sink` in chunks; Damaged where a checksum is wrong."""
    with _open(path, unrarlib.C_RAR_OM_EXTRACT) as archive:
        for member in _read_headers(archive):
            if member.kind == FILE:
                with sink(member) as write:
                    _process(archive, unrarlib.C_RAR_TEST, member, write)
            else:
                _process(archive, unrarlib.C_RAR_SKIP, member)


@contextmanager
def _open(path: Path, mode: int) -> Iterator[object]:
    with ONE_AT_A_TIME, read_errors(), open(path, "rb") as file:
        # Named by its descriptor: the library would encode a path by the locale.
        name = ffi.new("wchar_t[]", f"/dev/fd/{file.fileno()}")
        opened = ffi.new("struct RAROpenArchiveDataEx *", {"ArcNameW": name, "OpenMode": mode})
        archive = unrarlib.RAROpenArchiveEx(opened)
        _check_code(opened.OpenResult, "its beginning")
        try:
            if opened.Flags & IS_VOLUME:
                raise UserError(VOLUMES)
            if opened.Flags & HAS_ENCRYPTED_HEADERS:
                raise UserError(PASSWORD)
            yield archive
        finally:
            unrarlib.RARCloseArchive(archive)


def _read_headers(archive: object) -> Iterator[Member]:
    """Yield the members in turn; the caller processes each before it asks for the next."""
    name = ffi.new("wchar_t[]", MAX_NAME_LENGTH)
    target = ffi.new("wchar_t[]", MAX_NAME_LENGTH)
    sizes = {"FileNameExSize": MAX_NAME_LENGTH, "RedirNameSize": MAX_NAME_LENGTH}
    header = ffi.new("struct RARHeaderDataEx *", {"FileNameEx": name, "RedirName": target} | sizes)
    while (code := unrarlib.RARReadHeaderEx(archive, header)) == unrarlib.FLAGS_SUCCESS:
        yield _member(header, _decode(name), _decode(target) if header.RedirType else "")
    if code != END_OF_ARCHIVE:
        _check_code(code, "a header")


def _member(header: Any, name: str, target: str) -> Member:
    """Return a member from its header, which lacks the target of a link of RAR 3 or 4."""
    if header.Flags & SPLIT:
        raise UserError(VOLUMES)
    kind = REDIRECTIONS.get(header.RedirType, ODD)
    if header.Flags & unrarlib.FLAGS_RHDF_DIRECTORY:
        kind = FOLDER
    elif kind == FILE and header.HostOS == HOST_UNIX:
        kind = kind_of_mode(header.FileAttr)
    size = header.UnpSize + (header.UnpSizeHigh << 32)
    return Member(name, kind, size, target, bool(header.Flags & ENCRYPTED))


def _decode(wide: object) -> str:
    """Return a name as text; its bytes that are no text become surrogates, as os.fsdecode() makes them.

    For such a name the library inserts U+FFFE, and puts U+E000 + byte in place of each of these bytes.
    """
    # Not ffi.string: from numbers that are no characters it makes a string that breaks Python.
    name = bytes(ffi.buffer(wide)).decode(WIDE, "surrogatepass").partition("\0")[0]
    if MAPPED not in name:
        return name
    parts = (
        bytes([ord(char) - 0xE000]) if 0xE080 <= ord(char) <= 0xE0FF else char.encode("utf-8", "surrogatepass")
        for char in name.replace(MAPPED, "")
    )
    return b"".join(parts).decode("utf-8", "surrogateescape")


class _Receiver:
    """Receives a member's content, and keeps an exception raised there: none gets through the library."""

    def __init__(self, write: Write | None) -> None:
        self.write = write
        self.raised: BaseException | None = None


def _process(archive: object, operation: int, member: Member, write: Write | None = None) -> None:
    """Skip the member whose header was read last, or unpack it into `write` and compare its checksum."""
    receiver = _Receiver(write)
    handle = ffi.new_handle(receiver)
    unrarlib.RARSetCallbackPtr(archive, unrarlib.PyUNRARCALLBACKStub, handle)
    code = unrarlib.RARProcessFileW(archive, operation, ffi.NULL, ffi.NULL)
    unrarlib.RARSetCallbackPtr(archive, ffi.NULL, ffi.NULL)
    if receiver.raised:
        raise receiver.raised
    _check_code(code, repr(member.name))


def _keep_exception(_kind: type, error: BaseException, trace: TracebackType) -> None:
    ffi.from_handle(trace.tb_frame.f_locals["handle"]).raised = error


# The package's own callback lets the library continue after an exception, Ctrl-C and SIGTERM included.
@ffi.def_extern(name="PyUNRARCALLBACKStub", error=STOP, onerror=_keep_exception)
def _callback(message: int, handle: object, address: int, size: int) -> int:
    """Take a chunk of content; any other message asks for a password, the next volume or very much memory."""
    if message != unrarlib.UCM_PROCESSDATA:
        return STOP
    ffi.from_handle(handle).write(ffi.buffer(ffi.cast("char *", address), size))
    return CONTINUE


def _check_code(code: int, place: str) -> None:
    if code in (unrarlib.FLAGS_MISSING_PASSWORD, unrarlib.FLAGS_BAD_PASSWORD):
        raise UserError(PASSWORD)
    if code != unrarlib.FLAGS_SUCCESS:
        raise Damaged(f"is damaged at {place} (unrar's error {code}); fetch it again")


def _check_blocks(file: IO[bytes]) -> None:
    """Follow the blocks to the one that ends the archive.

    To the library an archive that breaks off between two blocks is whole, as RAR 1 and 2 wrote no end. It also skips
    blocks of two old types unchecked, and a flipped bit can turn a file's block into one of these.
    """
    is_rar5 = file.read(8).endswith(b"\x01\x00")
    file.seek(8 if is_rar5 else 7)
    while not (_skip_block_5(file) if is_rar5 else _skip_block_3(file)):
        pass


def _skip_block_3(file: IO[bytes]) -> bool:
    """Go to the next block of RAR 3 or 4; return whether this one was the last."""
    _crc, kind, flags, size = struct.unpack("<HBHH", _read_exactly(file, 7))
    if size < 7 or (kind in (0x76, 0x79) and flags & 0x8000):
        raise Damaged("is damaged at a header; fetch it again")
    body = _read_exactly(file, size - 7)
    low = struct.unpack_from("<I", body)[0] if flags & 0x8000 else 0
    high = struct.unpack_from("<I", body, 25)[0] if kind in (0x74, 0x7A) and flags & 0x100 else 0
    file.seek(low + (high << 32), os.SEEK_CUR)
    return kind == 0x7B


def _skip_block_5(file: IO[bytes]) -> bool:
    """Go to the next block of RAR 5; return whether this one was the last.

    A block: checksum (4 bytes), header size, then the header (type, flags, size of extra data with flag 1, size of
    content with flag 2, ...), then the content.
    """
    _read_exactly(file, 4)
    header_size = _read_number(file)
    start = file.tell()
    kind = _read_number(file)
    flags = _read_number(file)
    if flags & 1:
        _read_number(file)
    content_size = _read_number(file) if flags & 2 else 0
    file.seek(start + header_size + content_size)
    return kind == 5


def _read_number(file: IO[bytes]) -> int:
    """Read a number of RAR 5: seven bits per byte, lowest first, until a byte's highest bit is 0."""
    value = 0
    for shift in range(0, 70, 7):
        byte = _read_exactly(file, 1)[0]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value
    raise Damaged("is damaged at a header; fetch it again")


def _read_exactly(file: IO[bytes], count: int) -> bytes:
    content = file.read(count)
    if len(content) < count:
        raise Damaged("is cut short; fetch it again")
    return content
