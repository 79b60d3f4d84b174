"""Checks of an archive's members before the first byte is written, and messages for what is wrong with an archive.

Messages begin with a verb or a member's name: vidbench.download.archives.unpack puts the archive's name before them.
"""

import errno
import os
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from lzma import LZMAError
from pathlib import Path, PurePosixPath, PureWindowsPath

from vidbench.errors import Damaged, UserError
from vidbench.files import reason_of

FILE, FOLDER, SYMLINK, HARDLINK = "a file", "a folder", "a symbolic link", "a hard link"
ODD = "neither a file, a folder nor a link"
BY_HAND = "unpack the archive by hand if you trust it"
DECODER_ERRORS = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    LZMAError,
    EOFError,
    ValueError,
    OverflowError,
    struct.error,
)


@dataclass(frozen=True)
class Member:
    """One entry of an archive, as its header describes it."""

    name: str
    kind: str = FILE  # FILE, FOLDER, SYMLINK, HARDLINK or ODD
    size: int = 0  # bytes of a file when unpacked
    target: str = ""  # of a link: relative to its own folder (SYMLINK) or to the archive's root (HARDLINK)
    encrypted: bool = False

    @cached_property
    def path(self) -> PurePosixPath:
        """Return the name without empty components and single dots."""
        return PurePosixPath(self.name)


def kind_of_mode(mode: int) -> str:
    """Return the kind of a member that is no folder from its Unix mode; 0: the archive has no mode."""
    return {0: FILE, stat.S_IFREG: FILE, stat.S_IFLNK: SYMLINK}.get(stat.S_IFMT(mode), ODD)


def check_members(members: Sequence[Member]) -> None:
    """Raise UserError, one line that names the member, where unpacking could do harm or lose a file."""
    kinds: dict[PurePosixPath, str] = {PurePosixPath(): FOLDER}
    for member in members:
        reason = _find_fault(member)
        if member.path in kinds and not (kinds[member.path] == member.kind == FOLDER):
            reason = reason or "is in the archive twice"
        _refuse(member, reason)
        kinds[member.path] = member.kind
    for member in members:
        around = [parent for parent in member.path.parents if kinds.setdefault(parent, FOLDER) != FOLDER]
        _refuse(member, f"is below {str(around[0])!r}, which is {kinds[around[0]]}" if around else None)
    for member in members:
        if member.kind in (SYMLINK, HARDLINK):
            reason = _find_link_fault(member, kinds)
            _refuse(member, reason and f"is a link to {member.target!r}, which {reason}")


def _refuse(member: Member, reason: str | None) -> None:
    if reason:
        raise UserError(f"{member.name!r} {reason}; {BY_HAND}")


def _find_fault(member: Member) -> str | None:
    """Return what is wrong with a member by itself; None for nothing."""
    windows = PureWindowsPath(member.name)  # it also splits at "/"
    if "\0" in member.name + member.target:
        return "has a null byte in its name"
    if windows.root:
        return "has an absolute path"
    if windows.drive:
        return "begins with a drive letter"
    if ".." in windows.parts:
        return "has '..' in its path"
    if not member.name or (not member.path.parts and member.kind != FOLDER):
        return "has an empty name"
    if not _can_be_named(member.name + member.target):
        return "has a name that cannot be written on this disk"
    if member.encrypted:
        return "needs a password"
    if member.kind not in (FILE, FOLDER, SYMLINK, HARDLINK):
        return f"is {member.kind}"
    if member.kind in (SYMLINK, HARDLINK) and not member.target:
        return "is a link whose target cannot be told"
    return None


def _can_be_named(name: str) -> bool:
    try:
        os.fsencode(name)
    except UnicodeEncodeError:
        return False
    return True


def _find_link_fault(link: Member, kinds: Mapping[PurePosixPath, str]) -> str | None:
    """Return why a link may not be made; None for no reason. `kinds`: of all members and the folders around them.

    '..' is allowed only at the beginning of a target: after a link it would start from that link's target.
    """
    start = link.path.parent.parts if link.kind == SYMLINK else ()
    parts = PurePosixPath(link.target).parts
    # For the link a/b/x to ../c/y: start is (a, b), levels_up is 1, and the target is a/c/y.
    levels_up = next((at for at, part in enumerate(parts) if part != ".."), len(parts))
    if PureWindowsPath(link.target).anchor or levels_up > len(start) or ".." in parts[levels_up:]:
        return "may lead out of the folder"
    target = PurePosixPath(*start[: len(start) - levels_up], *parts[levels_up:])
    if target == link.path or target in link.path.parents:
        return "leads back to itself"
    if link.kind == HARDLINK and kinds.get(target) != FILE:
        return "is no file of the archive"
    return None if target in kinds else "is not in the archive"


def wrong_start(kind: str, head: bytes) -> Damaged:
    """Return the error for a file that is no archive of its kind; `head`: its first bytes, e.g. a web page's tag."""
    content = f"starts with {head[:16].decode('latin-1')!r}" if head else "is empty"
    return Damaged(f"is no {kind} archive, it {content}; fetch it again")


def check_start(path: Path, kind: str, start: bytes) -> None:
    """Raise Damaged where a file does not start as its kind does."""
    with read_errors(), open(path, "rb") as file:
        head = file.read(16)
    if not head.startswith(start):
        raise wrong_start(kind, head)


@contextmanager
def read_errors() -> Iterator[None]:
    """Turn errors of reading an archive into Damaged, or UserError where the disk or the packing is the reason."""
    try:
        yield
    except NotImplementedError as error:
        # zipfile does not know this method of compression: the archive may well be whole.
        raise UserError(f"is packed in a way that cannot be read here ({reason_of(error)}); {BY_HAND}") from error
    except DECODER_ERRORS as error:
        raise Damaged(f"is damaged: {reason_of(error)}; fetch it again") from error
    except OSError as error:
        # Decoders raise OSError without a number, and a wrong offset in an archive is an invalid seek.
        if error.errno in (None, errno.EINVAL):
            raise Damaged(f"is damaged: {reason_of(error)}; fetch it again") from error
        raise UserError(f"cannot be read: {reason_of(error)}; fix this and run again") from error
