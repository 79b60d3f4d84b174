"""What is known of the archives of a download: sizes and SHA-256, trusted on first use and verified from then on."""

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
        self.path, self.expected = path, expected
        self.entries: dict[str, dict] = _entries(path) if path.exists() else {}
        self._lock = threading.Lock()

    def sha256(self, name: str) -> str | None:
        """What an archive's SHA-256 has to be, where that is known."""
        return self.expected.get(name) or self.entries.get(name, {}).get("sha256")

    def add(self, name: str, path: Path, sha256: str) -> None:
        """Note a file that is right."""
        stat = path.stat()
        self._write(name, {"size": stat.st_size, "sha256": sha256, "mtime_ns": stat.st_mtime_ns})

    def verify(self, name: str, path: Path) -> None:
        """Hold a file against what is known of it, or note it at its first use; UserError where it differs.

        A file with the size and time that it was noted with is taken as unchanged: Kinetics has 435 GB.
        """
        known, stat, wanted = self.entries.get(name, {}), path.stat(), self.sha256(name)
        unchanged = (known.get("size"), known.get("mtime_ns")) == (stat.st_size, stat.st_mtime_ns)
        if unchanged and known["sha256"] == wanted:
            return
        found = file_sha256(path)
        if wanted not in (None, found):
            source = "download.sha256" if name in self.expected else self.path
            raise UserError(
                f"{path}: has the SHA-256 {found}, but {source} says {wanted};"
                f" replace the file, or correct {source} if this one is right"
            )
        self.add(name, path, found)

    def revision(self, hub: HubFolder) -> str | None:
        """The commit that an earlier download from a Hub's data set began with, be it of other files."""
        found = (entry.get("revision") for name, entry in self.entries.items() if name.startswith(f"{hub.dataset}/"))
        return next(filter(None, found), None)

    def pin(self, hub: HubFolder, listing: Listing) -> None:
        """Note files of a Hub before they are fetched; UserError where the same commit had others before."""
        known = self.entries.get(_name(hub), {})
        if known.get("revision") == listing.revision and known["sha256"] != listing.sha256:
            raise UserError(
                f"{hub.dataset}: commit {listing.revision} has other files than when {self.path} was written;"
                " name another commit in download.revision, or an archive in `archive`"
            )
        entry = {"size": listing.size, "sha256": listing.sha256, "mtime_ns": 0}
        about = {"revision": listing.revision, "files": len(listing.files), "complete": False}
        self._write(_name(hub), entry | about)

    def complete(self, hub: HubFolder) -> None:
        """Note that all files of a Hub are here."""
        self._write(_name(hub), self.entries[_name(hub)] | {"complete": True})

    def check_revision(self, hub: HubFolder, wanted: str | None, folder: Path) -> None:
        """Raise UserError where the files that are here are of another commit than the config's."""
        known = self.entries.get(_name(hub), {}).get("revision")
        if wanted and known and wanted != known:
            raise UserError(
                f"{folder}: holds commit {known}, but download.revision says {wanted}; correct it, or move this folder"
                " away to fetch that one"
            )

    def _write(self, name: str, entry: dict) -> None:
        with self._lock:
            self.entries[name] = entry
            write_json(self.path, dict(sorted(self.entries.items())))

    def archives(self) -> list[dict]:
        """Name, size and SHA-256 of every archive that was used; of a Hub's files together, with their commit."""
        keys = ("size", "sha256", "revision", "files")
        return [
            {"name": name} | {key: entry[key] for key in keys if key in entry}
            for name, entry in sorted(self.entries.items())
            if entry.get("complete", True)
        ]


def _name(hub: HubFolder) -> str:
    return f"{hub.dataset}/{hub.pattern}"


def _entries(path: Path) -> dict[str, dict]:
    found = read_json(path)
    keys = {"size", "sha256", "mtime_ns"}
    if not isinstance(found, dict) or not all(isinstance(e, dict) and keys <= e.keys() for e in found.values()):
        raise UserError(f"{path}: is no record of archives; move it elsewhere, and the archives are taken as they are")
    return found
