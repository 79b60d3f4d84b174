"""Unpacking zip, tar and RAR archives from the internet: everything is checked before the first byte is written."""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from vidbench.download.archives.rar import list_rar, read_rar
from vidbench.download.archives.safety import BY_HAND, FILE, FOLDER, HARDLINK, SYMLINK, Member, check_members
from vidbench.download.archives.zip_and_tar import Sink, Write, list_tar, list_zip, read_tar, read_zip
from vidbench.errors import Damaged, UserError
from vidbench.files import make_folder, write_errors


class _Format(NamedTuple):
    members: Callable[[Path], list[Member]]
    read: Callable[[Path, Sink], None]


TAR = _Format(list_tar, read_tar)
FORMATS = {
    ".zip": _Format(list_zip, read_zip),
    ".tar": TAR,
    ".tar.gz": TAR,
    ".tgz": TAR,
    ".rar": _Format(list_rar, read_rar),
}


def is_archive(path: Path | str) -> bool:
    """Return whether a file's name has the ending of an archive that can be unpacked, in upper or lower case."""
    return Path(path).name.lower().endswith(tuple(FORMATS))


def unpack(archive: Path, folder: Path, nested: bool = False) -> int:
    """Unpack into `folder`, which appears only when all is in it; return the number of files and links.

    With `nested`, archives inside are unpacked, too, each into its own folder, and deleted one by one; archives in
    these stay as they are. The caller holds a lock: two processes must not unpack into one folder.
    Files are streamed; leftovers of a killed run in `.NAME.unpacking` are removed first.
    Raises UserError for members that are unsafe or need a password, and where the disk is too small; Damaged for a
    damaged archive.
    """
    archive = Path(archive)
    folder = Path(folder)
    temporary = folder.with_name(f".{folder.name}.unpacking")
    with _named(archive):
        _check_vacant(folder)
        make_folder(folder.parent)
        with write_errors(folder):
            if temporary.exists():
                shutil.rmtree(temporary)
            temporary.mkdir()
        try:
            count = _unpack_into(archive, temporary, folder)
            if nested:
                count += _unpack_inner(temporary, folder)
            with write_errors(folder):
                os.replace(temporary, folder)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    return count


def test(archive: Path) -> None:
    """Read everything in an archive, whose name may still end in `.part`.

    Raises Damaged where a checksum or the structure shows damage, UserError for members that are unsafe or need a
    password.
    """
    archive = Path(archive)
    with _named(archive):
        _read(archive, _list_checked(archive), lambda _member: _nowhere())


@contextmanager
def _named(archive: Path | str) -> Iterator[None]:
    """Put the archive's name before messages; the name of an archive in another one follows the outer name."""
    try:
        yield
    except UserError as error:
        raise type(error)(f"{archive}: {error}") from error


def _check_vacant(folder: Path) -> None:
    """Raise UserError where `folder` is there and not an empty folder."""
    with write_errors(folder):
        if os.path.lexists(folder) and (folder.is_symlink() or not folder.is_dir() or any(folder.iterdir())):
            raise UserError(f"{folder} exists already; move it away to unpack again")


def _format_of(archive: Path) -> _Format:
    name = archive.name.lower().removesuffix(".part")
    for ending, archive_format in FORMATS.items():
        if name.endswith(ending):
            return archive_format
    raise UserError(f"is no archive that can be unpacked; these can: {', '.join(FORMATS)}")


def _list_checked(archive: Path) -> list[Member]:
    members = _format_of(archive).members(archive)
    check_members(members)
    return members


def _read(archive: Path, members: Sequence[Member], sink: Sink) -> None:
    """Hand the content of all files to `sink`; names and sizes must be those of `members`."""
    expected = {member for member in members if member.kind == FILE}

    @contextmanager
    def checked(member: Member) -> Iterator[Write]:
        if member not in expected:
            raise Damaged(f"is damaged: {member.name!r} is not in its list; fetch it again")
        expected.remove(member)
        with sink(member) as write, _check_size(member, write) as counted:
            yield counted

    _format_of(archive).read(archive, checked)
    if expected:
        raise Damaged(f"is damaged: {next(iter(expected)).name!r} is missing; fetch it again")


@contextmanager
def _check_size(member: Member, write: Write) -> Iterator[Write]:
    """Refuse content that is longer than the header says, before it fills the disk, or shorter."""
    remaining = member.size

    def counted(chunk: bytes) -> None:
        nonlocal remaining
        remaining -= len(chunk)
        if remaining < 0:
            raise Damaged(f"is damaged: {member.name!r} is larger than its header says; fetch it again")
        write(chunk)

    yield counted
    if remaining:
        raise Damaged(f"is damaged: {member.name!r} is smaller than its header says; fetch it again")


@contextmanager
def _nowhere() -> Iterator[Write]:
    yield lambda _chunk: None


def _unpack_into(archive: Path, root: Path, folder: Path) -> int:
    """Unpack into `root`, which becomes `folder`, the name for messages; return the number of files and links."""
    members = _list_checked(archive)
    _check_space(members, root, folder)
    _check_collisions(members, root)

    @contextmanager
    def new_file(member: Member) -> Iterator[Write]:
        path = root / member.path
        with write_errors(folder):
            path.parent.mkdir(parents=True, exist_ok=True)
            with open(path, "xb") as file:
                yield file.write

    with write_errors(folder):
        for member in members:
            if member.kind == FOLDER:
                (root / member.path).mkdir(parents=True, exist_ok=True)
    _read(archive, members, new_file)
    with write_errors(folder):
        _make_links(members, root)
    return sum(member.kind != FOLDER for member in members)


def _check_space(members: Sequence[Member], root: Path, folder: Path) -> None:
    needed = sum(member.size for member in members if member.kind == FILE)
    free = shutil.disk_usage(root).free
    if needed > free:
        raise UserError(
            f"takes {needed / 1e9:.2f} GB unpacked, but {folder.parent} has {free / 1e9:.2f} GB left;"
            " free the disk and run again"
        )


def _check_collisions(members: Sequence[Member], root: Path) -> None:
    """Refuse members that exist already, from the archive around this one."""
    for member in members:
        path = root / member.path
        if path.is_symlink() or path.is_file() or (path.exists() and member.kind != FOLDER):
            raise UserError(f"{member.name!r} is in the folder already; {BY_HAND}")
    around = {parent: member for member in members for parent in member.path.parents}
    for parent, member in around.items():
        if (root / parent).is_symlink() or (root / parent).is_file():
            raise UserError(f"{member.name!r} is below {str(parent)!r}, which is a file or a link; {BY_HAND}")


def _make_links(members: Sequence[Member], root: Path) -> None:
    """Make the links last, so that nothing is ever written through one."""
    for member in members:
        if member.kind in (SYMLINK, HARDLINK):
            path = root / member.path
            path.parent.mkdir(parents=True, exist_ok=True)
            if member.kind == SYMLINK:
                os.symlink(member.target, path)
            else:
                os.link(root / member.target, path)


def _unpack_inner(root: Path, folder: Path) -> int:
    """Unpack the archives below `root` one after another, deleting each; return by how many files there are more."""
    gained = 0
    inner = sorted(path for path in root.rglob("*") if is_archive(path) and path.is_file() and not path.is_symlink())
    for archive in inner:
        with _named(repr(str(archive.relative_to(root)))):
            gained += _unpack_into(archive, archive.parent, folder) - 1
            with write_errors(folder):
                archive.unlink()
    return gained
