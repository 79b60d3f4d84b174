"""Downloading one file over HTTP(S): continued after a kill, tried again, and tested before it gets its name.

HTTP cannot tell everything: a body longer than its Content-Length looks whole, so does one whose server lies that it
is shorter, one without a length whose connection ends early, and a web page sent in place of the file. Only a known
size, a known SHA-256 or the archive's own checksum finds these.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import requests

from vidbench.download.http_session import (
    MAX_WAIT,
    Failure,
    Session,
    Untrusted,
    chunks,
    content_range,
    host,
    network_errors,
    refusal,
)
from vidbench.download.partial_file import UNKNOWN, PartialFile, Source
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
    advice: str | None = None  # what to do where no address gives it, in place of the usual words


@dataclass(frozen=True)
class Settings:
    """How patient a download is. `attempts` are per address, counted anew whenever bytes were gained."""

    verify_tls: bool = True
    attempts: int = 6
    timeout: float = 60.0  # seconds without a byte
    backoff: float = 1.0  # seconds; doubles with each failed attempt


class Unreachable(UserError):
    """No address gives a file; `reasons` says why each does not, on one line."""

    def __init__(self, remote: Remote, path: Path, reasons: list[str]) -> None:
        self.reasons = "; ".join(reasons) or "it has no address"
        advice = remote.advice or f"run again, put the file there by hand: {path}, or name a mirror"
        super().__init__(f"{remote.name}: cannot be downloaded ({self.reasons}); {advice}")


def fetch(remote: Remote, path: Path, settings: Settings, progress: Progress, check: Callable[[Path], None]) -> str:
    """Download to `path`, which appears only when it is whole; return the file's SHA-256 in hex.

    What has arrived stays in `.NAME.part` beside it, and the next call goes on from there. The caller holds a lock:
    two processes must not fetch to one path. `progress` gets the bytes that are here and the total, where known.
    `check` gets the path of the whole candidate, whose name ends in `.part`, and raises Damaged.
    A file whose SHA-256 is known is also fetched over a way that cannot be trusted.
    Raises Unreachable: one line that names `remote.name` and why each address failed; UserError for the disk.
    """
    make_folder(path.parent)
    partial, reasons = PartialFile(path), []
    for address in _in_order(remote, partial):
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

    There is an end to them: each gains bytes, or is one of at most `attempts` failures in a row, or is one of at most
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

    def __post_init__(self) -> None:
        self.wrong: set[str] = set()

    def run_trusted(self) -> str:
        """As `run`; where the way cannot be trusted, without trust in it if the file's SHA-256 is known."""
        try:
            with Session(self.settings.verify_tls) as self.session:
                return self.run()
        except Untrusted as failure:
            if not self.remote.sha256:
                raise
            where = f"{self.remote.name}: {host(self.address)}"
            print(f"{where}: {failure.cause}; fetched all the same, because its SHA-256 is known", flush=True)
        self.settings = replace(self.settings, verify_tls=False)
        with Session(verify_tls=False, loud=False) as self.session:
            return self.run()

    def run(self) -> str:
        """Bring the partial file to its end and test it; return its SHA-256. Raises Failure when giving up."""
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
                delay = self.settings.backoff * 2 ** max(self.failures - 1, 0)
                time.sleep(max(min(delay, MAX_WAIT), failure.wait))

    def _receive(self) -> None:
        """One request, and its bytes; none where the partial file is whole already."""
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
        return self.partial.source.length if self.remote.size is None else self.remote.size

    def _offset(self) -> int:
        """How many bytes of the partial file are good to go on from at this address."""
        source, size = self.partial.source, self.partial.size
        if self.start_over or source == UNKNOWN or not (self.remote.sha256 or source.address == self.address):
            return 0
        return size if self.remote.sha256 or source.validator or size == self._total else 0

    def _request(self, offset: int) -> requests.Response:
        headers = {"Accept-Encoding": "identity"}
        if offset:
            headers["Range"] = f"bytes={offset}-"
            if self.partial.source.validator and self.partial.source.address == self.address:
                headers["If-Range"] = self.partial.source.validator
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
        """The whole file is coming."""
        length = response.raw.length_remaining
        if None not in (length, self.remote.size) and length != self.remote.size:
            raise Failure(f"sends {length} bytes instead of {self.remote.size}")
        if self.starts >= self.settings.attempts:
            raise Failure(f"began {self.starts} times; at last: {self.last_reason}", final=True)
        self.starts += 1
        self.start_over = False
        self.partial.begin(Source.of(self.address, response, length))

    def _continue(self, response: requests.Response, offset: int) -> None:
        """The rest of the file is coming, if the server kept to what was asked for."""
        start, total = content_range(response)
        source, now = self.partial.source, Source.of(self.address, response, total)
        same = source.validator is not None and now.validator == source.validator
        if start != offset:
            raise self._unusable("sent another range than asked for")
        if self._contradicts(now) or not (same or self.remote.sha256):
            raise self._unusable(CHANGED)
        length = source.length if total is None else total
        # Bytes of two sources, or of none that can be told from others, are only ever proved by the known SHA-256.
        sure = same and source.address == self.address
        self.partial.note(replace(source, length=length) if sure else Source(self.address, None, None, length))

    def _end(self, response: requests.Response, offset: int) -> None:
        """The server has no more bytes: the file is whole, or another one than it was."""
        total = content_range(response)[1]
        lengths = {total, self.partial.source.length, self.remote.size} - {None}
        if lengths != {offset} or self._contradicts(Source.of(self.address, response, total)):
            raise self._unusable(CHANGED)

    def _contradicts(self, now: Source) -> bool:
        """Whether what the server says now differs from what it said before, or from what is known."""
        before = self.partial.source
        pairs = [(before.length, now.length), (self.remote.size, now.length)]
        if before.address == now.address:
            pairs += [(before.etag, now.etag), (before.last_modified, now.last_modified)]
        return any(None not in pair and pair[0] != pair[1] for pair in pairs)

    def _unusable(self, reason: str) -> Failure:
        """A failure after which this address is asked for the whole file."""
        self.start_over = True
        return Failure(reason)

    def _store(self, response: requests.Response) -> None:
        """Append the body to the partial file."""
        total, done = self._total, self.partial.size
        with write_errors(self.partial.path), open(self.partial.path, "ab") as file:
            for chunk in chunks(response, self.settings.timeout):
                file.write(chunk)
                done += len(chunk)
                self.gained = True
                self.progress(done, total)
                if total is not None and done > total:
                    raise self._unusable(f"sends more than {total} bytes")
        if total is not None and done < total:
            raise Failure(f"sent {done} of {total} bytes")

    def _test(self) -> str:
        """The SHA-256 of the whole candidate; delete it and raise Failure where it is wrong."""
        sha256 = file_sha256(self.partial.path)
        reason = self._complaint(sha256)
        if reason is None:
            return sha256
        self.partial.discard()
        # The same wrong bytes a second time are no accident of the way here, and large files are dear.
        final = sha256 in self.wrong
        self.wrong.add(sha256)
        raise Failure(reason, final)

    def _complaint(self, sha256: str) -> str | None:
        if self.remote.sha256 and sha256 != self.remote.sha256.lower():
            return f"sent a file with SHA-256 {sha256} instead of {self.remote.sha256.lower()}"
        try:
            self.check(self.partial.path)
        except Damaged as error:
            return str(error)
        return None


def _in_order(remote: Remote, partial: PartialFile) -> list[str]:
    """The addresses as given; but where only one can go on with the partial file, that one first."""
    begun_at = partial.source.address if partial.size and not remote.sha256 else None
    return sorted(remote.addresses, key=lambda address: address != begun_at)
