"""Sizes and SHA-256 of the archives of a download, trusted on first use and verified from then on."""

import threading
from pathlib import Path

from vidbench.download.addresses import HubFolder
from vidbench.download.hub import Listing
from vidbench.errors import UserError
from vidbench.files import file_sha256, read_json, write_json


class Record:
    """The file record.json in a download's folder. Unlike source.json it is no output: Snakemake never deletes it."""

    def __init__(self, path: Path, expected: dict[str, str]) -> None:
        """`expected`: SHA-256 by name, from the config."""
        self.path = path
        self.expected = expected
        self.entries: dict[str, dict] = _read_entries(path) if path.exists() else {}
        self._lock = threading.Lock()

    def sha256(self, name: str) -> str | None:
        """Return the SHA-256 that an archive must have; None where it is not known."""
        return self.expected.get(name) or self.entries.get(name, {}).get("sha256")

    def add(self, name: str, path: Path, sha256: str) -> None:
        """Record a file that is known to be right."""
        stat = path.stat()
        self._write(name, {"size": stat.st_size, "sha256": sha256, "mtime_ns": stat.st_mtime_ns})

    def verify(self, name: str, path: Path) -> None:
        """Compare a file with its known SHA-256, or record it at its first use; UserError where they differ.

        A file whose size and time are as recorded counts as unchanged: hashing Kinetics' 435 GB takes long.
        """
        entry = self.entries.get(name, {})
        stat = path.stat()
        expected = self.sha256(name)
        unchanged = (entry.get("size"), entry.get("mtime_ns")) == (stat.st_size, stat.st_mtime_ns)
        if unchanged and entry["sha256"] == expected:
            return
        sha256 = file_sha256(path)
        if expected not in (None, sha256):
            source = "download.sha256" if name in self.expected else self.path
            raise UserError(
                f"{path}: has the SHA-256 {sha256}, but {source} says {expected};"
                f" replace the file, or correct {source} if this one is right"
            )
        self.add(name, path, sha256)

    def revision(self, hub: HubFolder) -> str | None:
        """Return the commit of an earlier download from the same data set of the Hub, even of other files."""
        revisions = (entry.get("revision") for key, entry in self.entries.items() if key.startswith(f"{hub.dataset}/"))
        return next(filter(None, revisions), None)

    def pin(self, hub: HubFolder, listing: Listing) -> None:
        """Record files of a Hub before they are fetched; UserError where this commit had other files before."""
        earlier = self.entries.get(_key(hub), {})
        if earlier.get("revision") == listing.revision and earlier["sha256"] != listing.sha256:
            raise UserError(
                f"{hub.dataset}: commit {listing.revision} has other files than when {self.path} was written;"
                " name another commit in download.revision, or an archive in `archive`"
            )
        entry = {"size": listing.size, "sha256": listing.sha256, "mtime_ns": 0}
        state = {"revision": listing.revision, "files": len(listing.files), "complete": False}
        self._write(_key(hub), entry | state)

    def mark_complete(self, hub: HubFolder) -> None:
        """Record that all files of a Hub are here."""
        self._write(_key(hub), self.entries[_key(hub)] | {"complete": True})

    def check_revision(self, hub: HubFolder, revision: str | None, folder: Path) -> None:
        """Raise UserError where the files in `folder` are of another commit than the config's `revision`."""
        recorded = self.entries.get(_key(hub), {}).get("revision")
        if revision and recorded and revision != recorded:
            raise UserError(
                f"{folder}: holds commit {recorded}, but download.revision says {revision}; correct it, or move this"
                " folder away to fetch that one"
            )

    def _write(self, name: str, entry: dict) -> None:
        with self._lock:
            self.entries[name] = entry
            write_json(self.path, dict(sorted(self.entries.items())))

    def archives(self) -> list[dict]:
        """Return name, size and SHA-256 of every archive used; for a Hub's files one entry, with their commit."""
        keys = ("size", "sha256", "revision", "files")
        return [
            {"name": name} | {key: entry[key] for key in keys if key in entry}
            for name, entry in sorted(self.entries.items())
            if entry.get("complete", True)
        ]


def _key(hub: HubFolder) -> str:
    return f"{hub.dataset}/{hub.pattern}"


def _read_entries(path: Path) -> dict[str, dict]:
    entries = read_json(path)
    keys = {"size", "sha256", "mtime_ns"}
    if not isinstance(entries, dict) or not all(isinstance(e, dict) and keys <= e.keys() for e in entries.values()):
        raise UserError(
            f"{path}: is no record of archives; move it elsewhere, and the archives are trusted as they are"
        )
    return entries
