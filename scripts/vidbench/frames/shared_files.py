"""Frames and features that several projects share: made once, and linked from the folder that the config names.

A file's name there is a digest of all that it is made from, so files of other videos or settings never collide.
"""

import hashlib
import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory

from vidbench.errors import UserError
from vidbench.file_tree import walk
from vidbench.files import digest, file_sha256
from vidbench.video import Video

READERS = 4  # files that are read at a time


def shared_path(folder: Path, kind: str, made_from: object) -> Path:
    """Return the path of a shared file by all that it is made from; `kind`: "frames" or "features"."""
    return folder / kind / f"{digest(made_from)}.h5"


def link(output: Path, entry: Path) -> bool:
    """Make `output` a link to a shared file, in place of what is there; False where nobody has made it yet."""
    if not entry.exists():
        return False
    temporary = output.with_name(f".{output.name}.{os.getpid()}.tmp")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(entry)
    os.replace(temporary, output)
    print(f"{output}: is shared already, as {entry}", flush=True)
    return True


def share(output: Path, entry: Path) -> None:
    """Move a file to the shared folder, and link it; where the folder cannot be written to, the file stays.

    Where two runs make the same file at once, the first one to finish shares its file, and the other one links to it:
    a shared file is never replaced, because those who have trained from it would have to train again.
    """
    try:
        entry.parent.mkdir(parents=True, exist_ok=True)
        _add(output, entry)
    except OSError as error:
        print(f"WARNING: {entry}: cannot be shared: {error.strerror}; {output} stays here", file=sys.stderr)
        return
    link(output, entry)


def _add(output: Path, entry: Path) -> None:
    """Copy a file to a name that only a complete file gets, and only once; read-only, for all."""
    with TemporaryDirectory(dir=entry.parent, prefix=".storing-") as folder:
        copy = Path(folder, entry.name)
        shutil.copyfile(output, copy)
        copy.chmod(0o444)
        with suppress(FileExistsError):
            os.link(copy, entry)


def content_of_videos(videos: Iterable[Video]) -> str:
    """Return a digest of videos' names and bytes; paths and labels do not matter. An unreadable one has no bytes."""
    ordered = sorted(videos, key=lambda video: video.id)
    paths = list(dict.fromkeys(video.path for video in ordered))  # pieces of a file share one
    with ThreadPoolExecutor(READERS) as pool:
        contents = dict(zip(paths, pool.map(_digest_content, paths), strict=True))
    pieces = ([video.start, video.end] if video.is_piece else [] for video in ordered)
    return digest([[video.id, contents[video.path], *piece] for video, piece in zip(ordered, pieces, strict=True)])


def _digest_content(path: str) -> str:
    """Return the SHA-256 of a file, or of the names and bytes of a folder of images; "" where it cannot be read."""
    try:
        if not os.path.isdir(path):
            return file_sha256(path)
        hashed = hashlib.sha256()
        for folder, names in walk(path):
            for name in names:
                hashed.update(f"{os.path.relpath(folder, path)}/{name}\0{file_sha256(f'{folder}/{name}')}\0".encode())
        return hashed.hexdigest()
    except OSError:
        return ""


def versions(packages: Sequence[str]) -> dict[str, str]:
    """Return the version of each package that is installed."""
    installed = {}
    for package in packages:
        with suppress(metadata.PackageNotFoundError):
            installed[package] = metadata.version(package)
    return installed


def check_folder(folder: str | None) -> None:
    """Raise UserError where the shared folder is missing or relative: links to it would lead nowhere."""
    if folder and not (os.path.isabs(folder) and os.path.isdir(folder)):
        raise UserError(f"config: shared: {folder} must be the absolute path of an existing folder; create it")


def remove_lost(results: str | Path) -> None:
    """Remove links to files that somebody has deleted: Snakemake stops at them instead of making the files again.

    Raise UserError where the whole folder is missing, e.g. not mounted: its links work again when it is back.
    """
    for pattern in ("*/frames/*.h5", "*/features/*/*.h5"):
        for path in Path(results).glob(pattern):
            if path.is_symlink() and _is_lost(path):
                print(f"{path}: is no longer shared ({os.readlink(path)}), and is made again", file=sys.stderr)
                path.unlink()


def _is_lost(link: Path) -> bool:
    """Return whether the target of a link is missing although the target's folder exists."""
    folder = (link.parent / os.readlink(link)).parent
    try:
        folder.stat()
    except OSError as error:
        raise UserError(
            f"{folder}: shared files are not there ({error.strerror}): mount it, or move the links that lead to it,"
            f" as {link}, elsewhere, to make their files again"
        ) from error
    try:
        link.stat()
    except FileNotFoundError:
        return True
    except OSError as error:
        raise UserError(f"{link}: cannot be read: {error.strerror}; correct the permissions of its target") from error
    return False
