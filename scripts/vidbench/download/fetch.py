"""Downloading one file over HTTP(S): resumed after a kill, tried again, and tested before it gets its name.

HTTP does not reveal everything. These look whole: a body longer than its Content-Length, one whose server states too
small a length, one without a length whose connection ends early, and a web page sent in place of the file. Only a
known size, a known SHA-256 or the archive's own checksum finds them.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import requests

from vidbench.download.http_session import (
    MAX_WAIT,
    Failure,
    Session,
    Untrusted,
    host,
    network_errors,
    parse_content_range,
    read_chunks,
    refusal,
)
from vidbench.download.partial_file import UNKNOWN, Origin, PartialFile
from vidbench.errors import Damaged, UserError
from vidbench.files import file_sha256, make_folder, write_errors

CHANGED = "may have changed the file between two requests"

Progress = Callable[[int, int | None], None]


@dataclass(frozen=True)
class Remote:
    """A file to download: its name in messages, the publisher's address and then mirrors, and what is known of it."""

    name: str
    addresses: tuple[str, ...]
    size: int | None = None  # bytes
    sha256: str | None = None  # hex
    advice: str | None = None  # what to do where no address gives it; None: the usual advice


@dataclass(frozen=True)
class Settings:
    """Retry policy of a download. `attempts` are per address, counted again whenever bytes have arrived."""

    verify_tls: bool = True
    attempts: int = 6
    timeout: float = 60.0  # seconds without a byte
    backoff: float = 1.0  # seconds; doubles with each failed attempt

    def pause(self, failure: Failure, failures: int) -> float:
        """Return the seconds to wait after `failure`, the latest of `failures` in a row."""
        return max(min(self.backoff * 2 ** max(failures - 1, 0), MAX_WAIT), failure.wait)


class Unreachable(UserError):
    """No address gives a file; `reasons` says why each does not, on one line."""

    def __init__(self, remote: Remote, path: Path, reasons: list[str]) -> None:
        self.reasons = "; ".join(reasons) or "it has no address"
        advice = remote.advice or f"run again, put the file there by hand: {path}, or name a mirror"
        super().__init__(f"{remote.name}: cannot be downloaded ({self.reasons}); {advice}")


def fetch(remote: Remote, path: Path, settings: Settings, progress: Progress, check: Callable[[Path], None]) -> str:
    """Download to `path`, which appears only when it is whole; return the file's SHA-256 in hex.

    Bytes that have arrived stay in `.NAME.part` beside it, and the next call resumes there. The caller holds a lock:
    two processes must not fetch to one path. `progress` gets the bytes that have arrived and the total, where known.
    `check` gets the path of the whole candidate, whose name ends in `.part`, and raises Damaged.
    A file whose SHA-256 is known is also fetched over a connection that cannot be trusted.
    Raises Unreachable: one line that names `remote.name` and why each address failed; UserError for the disk.
    """
    make_folder(path.parent)
    partial = PartialFile(path)
    reasons = []
    for address in _sort_addresses(remote, partial):
        attempts = _Attempts(address, remote, settings, partial, progress, check)
        try:
            sha256 = attempts.run_trusted()
        except Failure as failure:
            reasons.append(f"{host(address)}: {failure}")
        else:
            partial.finish(path)
            return sha256
    raise Unreachable(remote, path, reasons)


@dataclass
class _Attempts:
    """The attempts to get a file from one address.

    Their number is finite: each gains bytes, or is one of at most `attempts` failures in a row, or is one of at most
    `attempts` starts from zero.
    """

    address: str
    remote: Remote
    settings: Settings
    partial: PartialFile
    progress: Progress
    check: Callable[[Path], None]
    failures: int = 0
    starts: int = 0
    gained: bool = False
    start_over: bool = False
    last_reason: str = ""
    wrong_hashes: set[str] = field(default_factory=set)  # of whole files that were refused

    def run_trusted(self) -> str:
        """Run with TLS as configured; where that is refused, without it if the file's SHA-256 is known."""
        try:
            with Session(self.settings.verify_tls) as self.session:
                return self.run()
        except Untrusted as failure:
            if not self.remote.sha256:
                raise
            place = f"{self.remote.name}: {host(self.address)}"
            print(f"{place}: {failure.cause}; fetched all the same, because its SHA-256 is known", flush=True)
        self.settings = replace(self.settings, verify_tls=False)
        with Session(verify_tls=False, loud=False) as self.session:
            return self.run()

    def run(self) -> str:
        """Complete the partial file and test it; return its SHA-256. Raises Failure when giving up."""
        while True:
            self.gained = False
            try:
                self._receive()
                return self._test()
            except Failure as failure:
                self.failures = 0 if self.gained else self.failures + 1
                if failure.final or self.failures >= self.settings.attempts:
                    raise
                self.last_reason = str(failure)
                time.sleep(self.settings.pause(failure, self.failures))

    def _receive(self) -> None:
        """Make one request and store its bytes; no request where the partial file is whole already."""
        offset = self._offset()
        if offset and offset == self._total:
            return
        with self._request(offset) as response:
            if response.status_code == 200:
                self._begin(response)
            elif offset and response.status_code == 206:
                self._continue(response, offset)
            elif offset and response.status_code == 416:
                return self._end(response, offset)
            else:
                raise refusal(response)
            self._store(response)

    @property
    def _total(self) -> int | None:
        return self.partial.origin.length if self.remote.size is None else self.remote.size

    def _offset(self) -> int:
        """Return how many bytes of the partial file this address can continue from."""
        origin = self.partial.origin
        size = self.partial.size
        if self.start_over or origin == UNKNOWN or not (self.remote.sha256 or origin.address == self.address):
            return 0
        return size if self.remote.sha256 or origin.validator or size == self._total else 0

    def _request(self, offset: int) -> requests.Response:
        headers = {"Accept-Encoding": "identity"}
        if offset:
            headers["Range"] = f"bytes={offset}-"
            if self.partial.origin.validator and self.partial.origin.address == self.address:
                headers["If-Range"] = self.partial.origin.validator
        with network_errors(self.settings.timeout):
            # verify is given here because the environment's CA bundle would override the session's own False.
            return self.session.get(
                self.address,
                headers=headers,
                stream=True,
                timeout=self.settings.timeout,
                verify=self.settings.verify_tls,
            )

    def _begin(self, response: requests.Response) -> None:
        """Prepare for the whole file."""
        length = response.raw.length_remaining
        if None not in (length, self.remote.size) and length != self.remote.size:
            raise Failure(f"sends {length} bytes instead of {self.remote.size}")
        if self.starts >= self.settings.attempts:
            raise Failure(f"began {self.starts} times; the last time: {self.last_reason}", final=True)
        self.starts += 1
        self.start_over = False
        self.partial.begin(Origin.of(self.address, response, length))

    def _continue(self, response: requests.Response, offset: int) -> None:
        """Prepare for the rest of the file; Failure where the server sends something else."""
        start, total = parse_content_range(response)
        old = self.partial.origin
        new = Origin.of(self.address, response, total)
        same_version = old.validator is not None and new.validator == old.validator
        if start != offset:
            raise self._unusable("sent another range than asked for")
        if self._contradicts(new) or not (same_version or self.remote.sha256):
            raise self._unusable(CHANGED)
        length = old.length if total is None else total
        # Bytes of two servers, or of versions without a validator, are only ever proved by the known SHA-256.
        proved = same_version and old.address == self.address
        self.partial.write_origin(replace(old, length=length) if proved else Origin(self.address, None, None, length))

    def _end(self, response: requests.Response, offset: int) -> None:
        """Accept that the server has no more bytes: the file is whole; Failure where it has changed."""
        total = parse_content_range(response)[1]
        lengths = {total, self.partial.origin.length, self.remote.size} - {None}
        if lengths != {offset} or self._contradicts(Origin.of(self.address, response, total)):
            raise self._unusable(CHANGED)

    def _contradicts(self, new: Origin) -> bool:
        """Return whether the server's statements differ from its earlier ones, or from the known size."""
        old = self.partial.origin
        pairs = [(old.length, new.length), (self.remote.size, new.length)]
        if old.address == new.address:
            pairs += [(old.etag, new.etag), (old.last_modified, new.last_modified)]
        return any(None not in pair and pair[0] != pair[1] for pair in pairs)

    def _unusable(self, reason: str) -> Failure:
        """Return a failure after which this address is asked for the whole file."""
        self.start_over = True
        return Failure(reason)

    def _store(self, response: requests.Response) -> None:
        """Append the body to the partial file."""
        total = self._total
        done = self.partial.size
        with write_errors(self.partial.path), open(self.partial.path, "ab") as file:
            for chunk in read_chunks(response, self.settings.timeout):
                file.write(chunk)
                done += len(chunk)
                self.gained = True
                self.progress(done, total)
                if total is not None and done > total:
                    raise self._unusable(f"sends more than {total} bytes")
        if total is not None and done < total:
            raise Failure(f"sent {done} of {total} bytes")

    def _test(self) -> str:
        """Return the SHA-256 of the whole candidate; delete it and raise Failure where it is wrong."""
        sha256 = file_sha256(self.partial.path)
        reason = self._find_fault(sha256)
        if reason is None:
            return sha256
        self.partial.discard()
        # The same wrong bytes a second time are no transmission error, and large files cost time.
        final = sha256 in self.wrong_hashes
        self.wrong_hashes.add(sha256)
        raise Failure(reason, final)

    def _find_fault(self, sha256: str) -> str | None:
        """Return what is wrong with the whole candidate; None for nothing."""
        if self.remote.sha256 and sha256 != self.remote.sha256.lower():
            return f"sent a file with SHA-256 {sha256} instead of {self.remote.sha256.lower()}"
        try:
            self.check(self.partial.path)
        except Damaged as error:
            return str(error)
        return None


def _sort_addresses(remote: Remote, partial: PartialFile) -> list[str]:
    """Return the addresses in their order, but first the one that alone can continue the partial file."""
    begun_at = partial.origin.address if partial.size and not remote.sha256 else None
    return sorted(remote.addresses, key=lambda address: address != begun_at)
