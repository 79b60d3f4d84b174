"""Files of a data set on the Hugging Face Hub: listed at one commit, fetched singly, verified by the Hub's hashes.

huggingface_hub makes the requests (hub_library.py): it handles tokens (HF_TOKEN), mirrors (HF_ENDPOINT), rate limits,
the cache of this machine and offline mode (HF_HUB_OFFLINE). Files are fetched into `.NAME.fetching`, where the next run
resumes after a kill; the folder NAME appears only when it is complete.
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
from vidbench.download.http_session import Failure
from vidbench.download.progress import Transfer
from vidbench.errors import UserError
from vidbench.files import file_sha256, make_folder, write_errors

MAX_FAILED = 8  # files; then the Hub or the network is at fault, and the other files are not tried
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
    """The files of a data set that match a pattern, at one commit, sorted by path."""

    revision: str
    files: tuple[HubFile, ...]

    @property
    def size(self) -> int:
        """Return the bytes of all files."""
        return sum(file.size for file in self.files)

    @property
    def sha256(self) -> str:
        """Return a digest of paths and hashes, and so of the content of all files."""
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
    wrong_files: set[HubFile] = field(default_factory=set)  # arrived with other content than the Hub lists

    def __post_init__(self) -> None:
        self.client = hub_library.HubClient(self.hub.dataset, self.settings, self.hub.kind)

    def list_files(self, revision: str | None) -> Listing:
        """Return the matching files at a commit, or at the newest one of a branch; None: of main. Raises Failure."""
        if self.client.offline:
            revision, entries = self.client.cached_files(revision, self.hub.pattern)
        else:
            revision = self._find_commit(revision or "main")
            entries = self._retry(lambda: self.client.list_files(revision))
        files = {path: HubFile(path, size, hash_) for path, size, hash_ in entries if self._matches(path)}
        if not COMMIT.fullmatch(revision) or not files:
            raise Failure(f"{self.hub.dataset} has no {self.hub.pattern} at revision {revision}", final=True)
        return Listing(revision, tuple(_check_file(files[path]) for path in sorted(files)))

    def _find_commit(self, revision: str) -> str:
        return revision if COMMIT.fullmatch(revision) else self._retry(lambda: self.client.newest_commit(revision))

    def _matches(self, path: str) -> bool:
        return fnmatchcase(path, self.hub.pattern) and path.count("/") == self.hub.pattern.count("/")

    def fetch(self, listing: Listing, folder: Path) -> None:
        """Fetch all files into `folder`, which appears when they are complete. The caller holds a lock.

        Raises Failure, which names a file, and UserError where the disk is too small or cannot be written.
        """
        make_folder(folder.parent)
        temporary = partial_folder(folder)
        present = {file for file in listing.files if _has_content(temporary / file.path, file)}
        if present:
            print(f"{self.hub.dataset}: {len(present)} files are here already", flush=True)
        self.transfer.expect({file.path: file.size for file in listing.files})
        missing = listing.size - sum(file.size for file in present)
        check_room(folder.parent, missing, " or name one with the videos in `root`")
        with ThreadPoolExecutor(self.parallel) as pool:
            list(pool.map(lambda file: self._try(file, listing.revision, temporary, file in present), listing.files))
        if self.failures:
            more = f" (and {len(self.failures) - 1} more files)" if len(self.failures) > 1 else ""
            raise Failure(self.failures[0] + more)
        _finish(temporary, folder, listing)

    def _try(self, file: HubFile, revision: str, folder: Path, is_present: bool) -> None:
        """Fetch a file, or add the reason to `failures`."""
        if self.stopped or len(self.failures) >= MAX_FAILED:
            return
        progress = self.transfer.progress_of(file.path)
        progress(0, file.size)  # raises where everything is stopped
        try:
            if not is_present:
                self._retry(lambda: self._receive(file, revision, folder))
        except Failure as failure:
            self.failures.append(f"{file.path}: {failure}")
        except UserError:  # of the disk: the other files would fail, too
            self.stopped = True
            raise
        else:
            progress(file.size, file.size)

    def _receive(self, file: HubFile, revision: str, folder: Path) -> None:
        """Make one attempt to fetch a file; delete it where its content is not what the Hub lists."""
        path = folder / file.path
        with write_errors(path):
            path.unlink(missing_ok=True)  # damaged, or of another commit
        self.client.fetch_file(file.path, revision, folder, use_cache=file not in self.wrong_files)
        if not _has_content(path, file):
            self.wrong_files.add(file)
            path.unlink()
            raise Failure(f"sent a file that does not have the hash {file.hash}")

    def _retry(self, ask: Callable[[], Answer]) -> Answer:
        """Return the answer of `ask`, which is called again where that may help."""
        for attempt in count(1):
            try:
                return ask()
            except Failure as failure:
                if failure.final or attempt >= self.settings.attempts:
                    raise
                time.sleep(self.settings.pause(failure, attempt))
        raise AssertionError  # for the type checker: the loop has no end


def partial_folder(folder: Path) -> Path:
    """Return the folder that holds files until all of them have arrived."""
    return folder.with_name(f".{folder.name}.fetching")


def _check_file(file: HubFile) -> HubFile:
    """Return `file`; Failure where its path would leave the folder, or its hash is unknown."""
    parts = file.path.split("/")
    if any(part in ("", ".", "..") for part in parts) or re.search(r"[\\\x00-\x1f]", file.path):
        raise Failure(f"lists the unsafe name {file.path!r}", final=True)
    if not (SHA256.fullmatch(file.hash) or COMMIT.fullmatch(file.hash)):
        raise Failure(f"gives no hash of {file.path}", final=True)
    return file


def _has_content(path: Path, file: HubFile) -> bool:
    """Return whether `path` is a file with the content that the Hub lists."""
    if path.is_symlink() or not path.is_file() or path.stat().st_size != file.size:
        return False
    if SHA256.fullmatch(file.hash):
        return file_sha256(path) == file.hash
    return hashlib.sha1(b"blob %d\0" % file.size + path.read_bytes()).hexdigest() == file.hash


def _finish(temporary: Path, folder: Path, listing: Listing) -> None:
    """Remove files that the commit does not have, e.g. those of another one, and give the folder its name."""
    listed = {temporary / file.path for file in listing.files}
    with write_errors(folder):
        for path in list(temporary.rglob("*")):
            if path not in listed and not path.is_dir():
                path.unlink()
        shutil.rmtree(temporary / ".cache", ignore_errors=True)
        os.replace(temporary, folder)
