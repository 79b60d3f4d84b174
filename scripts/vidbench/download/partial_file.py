"""The part of a download that has arrived, and what is known of the whole file."""

import os
from dataclasses import asdict, dataclass
from pathlib import Path

import requests

from vidbench.errors import UserError
from vidbench.files import read_json, write_errors, write_json


@dataclass(frozen=True)
class Origin:
    """Where the bytes of a partial file came from, and what the server said about the whole file."""

    address: str
    etag: str | None
    last_modified: str | None
    length: int | None

    @classmethod
    def of(cls, address: str, response: requests.Response, length: int | None) -> "Origin":
        """Return what a response says; `length`: bytes of the whole file."""
        return cls(address, response.headers.get("ETag"), response.headers.get("Last-Modified"), length)

    @property
    def validator(self) -> str | None:
        """Return what identifies this version of the file; a weak ETag does not promise equal bytes."""
        return self.last_modified if not self.etag or self.etag.startswith("W/") else self.etag


UNKNOWN = Origin("", None, None, None)  # of bytes without a readable record


class PartialFile:
    """The bytes that have arrived, in `.NAME.part`, and their origin, in `.NAME.part.json`."""

    def __init__(self, path: Path) -> None:
        self.path = path.with_name(f".{path.name}.part")
        self.record = path.with_name(f".{path.name}.part.json")
        try:
            self.origin = Origin(**read_json(self.record))
        except (UserError, TypeError):
            self.origin = UNKNOWN

    @property
    def size(self) -> int:
        """Return the number of bytes that have arrived."""
        return self.path.stat().st_size if self.path.exists() else 0

    def begin(self, origin: Origin) -> None:
        """Start over. The old bytes go first: a kill in between must not leave them with the new origin."""
        with write_errors(self.path):
            self.path.write_bytes(b"")
        self.write_origin(origin)

    def write_origin(self, origin: Origin) -> None:
        """Record the origin of the bytes."""
        if origin != self.origin:
            write_json(self.record, asdict(origin))
            self.origin = origin

    def discard(self) -> None:
        """Delete the bytes and their record."""
        self.path.unlink(missing_ok=True)
        self.record.unlink(missing_ok=True)
        self.origin = UNKNOWN

    def finish(self, path: Path) -> None:
        """Give the whole file its name. The record goes last: bytes without one would be of no use after a kill."""
        with write_errors(path):
            os.replace(self.path, path)
            self.record.unlink(missing_ok=True)
