"""Keys and entries of Snakemake's cache between workflows (--cache), so that equal names never stand for other videos.

Snakemake's key of a job is a hash of its command's template, of the JSON of its `params`, and of its input files. Left
as it is, it holds paths of a machine, and lacks what is in the videos.
"""

import hashlib
import os
import shutil
import sys
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any

from vidbench.datasets.video import Video
from vidbench.errors import UserError, did_you_mean
from vidbench.file_tree import walk
from vidbench.files import digest, file_sha256

LOCATION = "SNAKEMAKE_OUTPUT_CACHE"
RULES = ("extract_frames", "extract_features")
READERS = 4  # files that are read at a time
UNKNOWN = object()  # no JSON: Snakemake refuses to make a key of it


class Unhashed(str):
    """A text of a command line that is empty in JSON, so no part of a key; it triggers reruns as ever, by its repr."""

    text: str

    def __new__(cls, text: object) -> "Unhashed":
        made = super().__new__(cls, "")
        made.text = str(text)
        return made

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return repr(self.text)

    def __format__(self, spec: str) -> str:
        return format(self.text, spec)


def unhashed(value: object) -> object:
    """A text, or a list of them, left out of the key."""
    return [Unhashed(item) for item in value] if isinstance(value, list) else Unhashed(value)


def content_of_videos(videos: Iterable[Video]) -> str:
    """Digest of videos' names and bytes: neither paths nor labels change it. One that cannot be read has no bytes."""
    ordered = sorted(videos, key=lambda video: video.video)
    paths = list(dict.fromkeys(video.path for video in ordered))  # pieces of a file share one
    with ThreadPoolExecutor(READERS) as pool:
        found = dict(zip(paths, pool.map(_content, paths), strict=True))
    pieces = ([video.start, video.end] if video.is_piece else [] for video in ordered)
    return digest([[video.video, found[video.path], *piece] for video, piece in zip(ordered, pieces, strict=True)])


def _content(path: str) -> str:
    """SHA-256 of a file, or of the names and bytes of a folder of images."""
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


def software(packages: Sequence[str]) -> list[str]:
    """Versions of packages, "" where one is not installed here: then the job's conda file, in the key, has them."""
    installed = {package: "" for package in packages}
    for package in packages:
        with suppress(metadata.PackageNotFoundError):
            installed[package] = metadata.version(package)
    return list(installed.values())


def check_location(location: str | None) -> None:
    """Raise UserError where the cache's folder is missing or relative: links to it would lead nowhere."""
    if not location:
        raise UserError(f"--cache: set the environment variable {LOCATION} to the cache's folder")
    if not os.path.isabs(location) or not os.path.isdir(location):
        raise UserError(f"{LOCATION}={location}: must be the whole path of a folder that is there; create it")


def check_rules(named: Collection[str] | None) -> None:
    """Raise UserError where --cache names a rule that is not cached; a module's name may stand before a rule's."""
    for name in named or []:
        if not name.endswith(RULES):
            raise UserError(f"--cache: no rule '{name}' is cached, {did_you_mean(name, RULES)}")


def check_handed_on(named: Collection[str] | None, sent_off: bool) -> None:
    """Raise UserError where --cache names no rule and jobs are sent off: Snakemake does not hand it on to them then."""
    if sent_off and not named:
        raise UserError(f"--cache: on a cluster, name the rules: --cache {' '.join(RULES)}")


def remove_lost(results: str | Path) -> None:
    """Remove links to entries that somebody has deleted: Snakemake stops at them instead of making the files again.

    Raise UserError where the whole cache is away: its links are good when it is back.
    """
    for pattern in ("*/frames/*.h5", "*/features/*/*.h5"):
        for path in Path(results).glob(pattern):
            if path.is_symlink() and _is_lost(path):
                print(f"{path}: is no longer in the cache ({os.readlink(path)}), and is made again", file=sys.stderr)
                path.unlink()


def _is_lost(link: Path) -> bool:
    """Whether the entry that a link leads to is not there, but its folder is."""
    folder = (link.parent / os.readlink(link)).parent
    try:
        folder.stat()
    except OSError as error:
        raise UserError(
            f"{folder}: the cache is not there ({error.strerror}): mount it, or move the links that lead to it,"
            f" as {link}, elsewhere, to make their files again"
        ) from error
    try:
        link.stat()
    except FileNotFoundError:
        return True
    except OSError as error:
        raise UserError(f"{link}: cannot be read from the cache: {error.strerror}; correct its permissions") from error
    return False


def keep_entries() -> None:
    """Make Snakemake's cache never replace an entry.

    Two runs that want the same file at once both make it. Were the first one's entry replaced by the second one's,
    which is equal but newer, the first run would train again what it has trained from it.
    """
    from snakemake.caching.local import OutputFileCache

    OutputFileCache.store = _store


async def _store(self: Any, job: Any) -> None:
    """As Snakemake's OutputFileCache.store. A cache that cannot be written to costs nobody's result."""
    for output, entry in await self.get_outputfiles_and_cachefiles(job):
        try:
            _add(output, entry)
        except OSError as error:
            print(f"WARNING: {entry}: not stored in the cache: {error.strerror}; {output} stays here", file=sys.stderr)
            continue
        output.unlink()
        self.symlink(entry, output, utime=False)


def know_made_files() -> None:
    """Make Snakemake's keys know what is in files that an earlier run has made.

    A key has those of the jobs before it in it. Snakemake resets the params of jobs that run only: of the others it has
    those of a time when nothing was read (UNKNOWN).
    """
    from snakemake.caching.hash import ProvenanceHashMap

    made, lock = ProvenanceHashMap._get_provenance_hash, Lock()

    async def found(self: Any, job: Any) -> str:
        if job.rule.cache and not job.dag.needrun(job):
            with lock:  # jobs that run at once have a thread each
                job.reset_params_and_resources()  # does nothing a second time
        return await made(self, job)

    ProvenanceHashMap._get_provenance_hash = found


def _add(output: Path, entry: Path) -> None:
    """Copy a file to the cache under a name that only a whole file gets, and only once; read-only, for all."""
    with TemporaryDirectory(dir=entry.parent, prefix=".storing-") as folder:
        copy = Path(folder, entry.name)
        shutil.copyfile(output, copy)
        copy.chmod(0o444)
        with suppress(FileExistsError):
            os.link(copy, entry)
