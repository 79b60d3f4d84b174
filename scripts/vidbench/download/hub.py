"""Files of a data set on the Hugging Face Hub: listed at one commit, fetched one by one, held against the Hub's hashes.

huggingface_hub speaks to the Hub (hub_library.py): it knows tokens (HF_TOKEN), mirrors (HF_ENDPOINT), rate limits, the
cache of this machine and offline mode (HF_HUB_OFFLINE). Files are fetched into `.NAME.fetching`, where the next run
goes on after a kill; the folder NAME is only there when all of it is.
"""

import hashlib
import os
import re
import shutil
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from itertools import count
from pathlib import Path
from typing import TypeVar

from vidbench.download import hub_library
from vidbench.download.addresses import HubFolder
from vidbench.download.disk import check_room
from vidbench.download.fetch import Settings
from vidbench.download.http_session import MAX_WAIT, Failure
from vidbench.download.progress import Transfer
from vidbench.errors import UserError
from vidbench.files import file_sha256, make_folder, write_errors

MAX_FAILED = 8  # files; then it is the Hub or the network, and the others are not tried
COMMIT = re.compile(r"[0-9a-f]{40}")
SHA256 = re.compile(r"[0-9a-f]{64}")
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class HubFile:
    """A file as the Hub lists it. `hash` is its SHA-256 (64 digits), or git's hash of it (40) where it is small."""

    path: str
    size: int
    hash: str


@dataclass(frozen=True)
class Listing:
    """The wanted files of a data set at one commit, sorted by path."""

    revision: str
    files: tuple[HubFile, ...]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    @property
    def sha256(self) -> str:
        """A digest of paths and hashes, and so of the content of all files."""
        lines = "".join(f"{file.hash} {file.path}\n" for file in self.files)
        return hashlib.sha256(lines.encode()).hexdigest()


@dataclass
class HubDownload:
    """One download of a folder of the Hub."""

    hub: HubFolder
    settings: Settings
    parallel: int
    transfer: Transfer
    failures: list[str] = field(default_factory=list)
    stopped: bool = False
    wrong: set[HubFile] = field(default_factory=set)  # came with another content than the Hub lists

    def __post_init__(self) -> None:
        self.client = hub_library.Library(self.hub.dataset, self.settings)

    def listing(self, revision: str | None) -> Listing:
        """The wanted files at a commit; None: at the newest of the branch main. Raises Failure."""
        if self.client.offline:
            revision, entries = self.client.cached_files(revision, self.hub.pattern)
        else:
            revision = revision or self._patiently(self.client.newest_commit)
            entries = self._patiently(lambda: self.client.list_files(revision))
        files = {path: HubFile(path, size, hash_) for path, size, hash_ in entries if self._is_wanted(path)}
        if not COMMIT.fullmatch(revision) or not files:
            raise Failure(f"{self.hub.dataset} has no {self.hub.pattern} at revision {revision}", final=True)
        return Listing(revision, tuple(_checked(files[path]) for path in sorted(files)))

    def _is_wanted(self, path: str) -> bool:
        return fnmatchcase(path, self.hub.pattern) and path.count("/") == self.hub.pattern.count("/")

    def fetch(self, listing: Listing, folder: Path) -> None:
        """Bring all files to `folder`, which appears when they are complete. The caller holds a lock.

        Raises Failure, which names a file, and UserError where the disk is too small or cannot be written.
        """
        make_folder(folder.parent)
        temporary = partial_folder(folder)
        there = {file for file in listing.files if _holds(temporary / file.path, file)}
        if there:
            print(f"{self.hub.dataset}: {len(there)} files are here already", flush=True)
        self.transfer.expect({file.path: file.size for file in listing.files})
        missing = listing.size - sum(file.size for file in there)
        check_room(folder.parent, missing, " or name one with the videos in `root`")
        with ThreadPoolExecutor(self.parallel) as pool:
            list(pool.map(lambda file: self._try(file, listing.revision, temporary, file in there), listing.files))
        if self.failures:
            more = f" (and {len(self.failures) - 1} more files)" if len(self.failures) > 1 else ""
            raise Failure(self.failures[0] + more)
        _finish(temporary, folder, listing)

    def _try(self, file: HubFile, revision: str, folder: Path, there: bool) -> None:
        """Fetch a file, or note why not."""
        if self.stopped or len(self.failures) >= MAX_FAILED:
            return
        progress = self.transfer.of(file.path)
        progress(0, file.size)  # raises where everything is stopped
        try:
            if not there:
                self._patiently(lambda: self._receive(file, revision, folder))
        except Failure as failure:
            self.failures.append(f"{file.path}: {failure}")
        except UserError:  # of the disk: the other files would fare no better
            self.stopped = True
            raise
        else:
            progress(file.size, file.size)

    def _receive(self, file: HubFile, revision: str, folder: Path) -> None:
        """One attempt to get a file; what is not what the Hub lists is deleted."""
        path = folder / file.path
        with write_errors(path):
            path.unlink(missing_ok=True)  # wrong, or of another commit
        self.client.fetch_file(file.path, revision, folder, use_cache=file not in self.wrong)
        if not _holds(path, file):
            self.wrong.add(file)
            path.unlink()
            raise Failure(f"sent a file that has not the hash {file.hash}")

    def _patiently(self, ask: Callable[[], Answer]) -> Answer:
        """The answer to a question that is asked again where that may help."""
        for attempt in count(1):
            try:
                return ask()
            except Failure as failure:
                if failure.final or attempt >= self.settings.attempts:
                    raise
                delay = min(self.settings.backoff * 2 ** (attempt - 1), MAX_WAIT)
                time.sleep(max(delay, failure.wait))
        raise AssertionError  # for the type checker: the loop has no end


def partial_folder(folder: Path) -> Path:
    """Where files are until all of them are there."""
    return folder.with_name(f".{folder.name}.fetching")


def _checked(file: HubFile) -> HubFile:
    """A file whose name stays in its folder and whose hash is known; Failure for another."""
    parts = file.path.split("/")
    if any(part in ("", ".", "..") for part in parts) or re.search(r"[\\\x00-\x1f]", file.path):
        raise Failure(f"lists the unsafe name {file.path!r}", final=True)
    if not (SHA256.fullmatch(file.hash) or COMMIT.fullmatch(file.hash)):
        raise Failure(f"gives no hash of {file.path}", final=True)
    return file


def _holds(path: Path, file: HubFile) -> bool:
    """Whether a path is a file with the content that the Hub lists."""
    if path.is_symlink() or not path.is_file() or path.stat().st_size != file.size:
        return False
    if SHA256.fullmatch(file.hash):
        return file_sha256(path) == file.hash
    return hashlib.sha1(b"blob %d\0" % file.size + path.read_bytes()).hexdigest() == file.hash


def _finish(temporary: Path, folder: Path, listing: Listing) -> None:
    """Remove what the commit does not have, e.g. files of another one, and give the folder its name."""
    wanted = {temporary / file.path for file in listing.files}
    with write_errors(folder):
        for path in list(temporary.rglob("*")):
            if path not in wanted and not path.is_dir():
                path.unlink()
        shutil.rmtree(temporary / ".cache", ignore_errors=True)
        os.replace(temporary, folder)
