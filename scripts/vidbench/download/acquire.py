"""Getting a published data set onto the disk: lists and archives found or fetched, verified and unpacked.

    resources/{source}/archives/...   what was fetched, or dropped there by hand under its published name
    resources/{source}/lists/...      the official lists
    resources/{source}/videos/...     one folder an archive, there only when it is complete
    resources/{source}/record.json    sizes and SHA-256

What is there is used again, so this costs seconds when everything is there.
"""

import shutil
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from vidbench.archives import unpack
from vidbench.datasets.addresses import PUBLICATIONS, Publication
from vidbench.datasets.published import as_list, read_lines
from vidbench.download.fetch import Remote, Settings, fetch
from vidbench.download.http_session import Failure, Session, network_errors
from vidbench.download.record import Record
from vidbench.download.transfer import Transfer
from vidbench.errors import UserError, did_you_mean
from vidbench.files import exclusive, make_folder

GIGABYTE = 1e9
LONGEST_QUESTION = 10  # seconds to wait for a file's size


def acquire(options: dict, folder: Path) -> list[dict]:
    """Get a published data set by its complete config entry; return name, size and SHA-256 of every archive.

    Raises UserError where something cannot be had, is damaged, or does not fit on the disk.
    """
    with exclusive(make_folder(folder) / ".lock"):
        job = _Acquisition(options, folder)
        if not options["lists"]:
            for name in job.publication.lists:
                job.place(name, folder / "lists")
        if not options["root"]:
            job.get_videos()
        return job.record.archives()


class _Acquisition:
    """One call of `acquire`."""

    def __init__(self, options: dict, folder: Path) -> None:
        self.options, self.folder = options, folder
        self.publication: Publication = PUBLICATIONS[options["kind"]]
        self.download: dict = options["download"]
        self.settings = Settings(*(self.download[key] for key in ("verify_tls", "attempts", "timeout")))
        self.record = Record(folder / "record.json", self.download["sha256"])
        self.given = given_files(options["archive"])
        self.transfer = Transfer()

    def get_videos(self) -> None:
        """All archives of videos, several at a time, each unpacked as soon as it is there."""
        names = [*self.publication.archives, *self._listed_archives()]
        self._check_given([*names, *self.publication.lists, *self.publication.archive_lists])
        videos = self.folder / "videos"
        missing = [name for name in names if not (videos / stem(name)).exists()]
        self._plan(missing)
        with ThreadPoolExecutor(self.download["parallel"]) as pool:
            tasks = [pool.submit(self.place, name, videos) for name in names]
            try:
                failed = [error for task in tasks if (error := task.exception())]
            except BaseException:
                self.transfer.stop()
                pool.shutdown(cancel_futures=True)
                raise
        # One broken archive does not keep the other hundreds from coming.
        if failed:
            raise failed[0] if len(failed) == 1 else UserError(f"{failed[0]} (and {len(failed) - 1} more archives)")

    def place(self, name: str, target: Path) -> None:
        """Bring what a published file holds to `target`, and verify the file where it is still there."""
        if not unpack.is_archive(name):
            if not (target / name).exists():
                self._obtain(name, target / name)
            self.record.verify(name, target / name)
            return
        unpacked, archive = target / stem(name), self._local(name)
        if not unpacked.exists():
            archive = archive or self._obtain(name, self.folder / "archives" / name)
            if self.record.sha256(name):
                self.record.verify(name, archive)
            make_folder(unpacked.parent)
            files = unpack.unpack(archive, unpacked, nested=self.publication.nested)
            print(f"{name}: unpacked, {files} files", flush=True)
        if archive:  # at its first use, only now: a damaged file must not become the one that is trusted
            self.record.verify(name, archive)
        own = self.folder / "archives" / name
        if not self.options["keep"]["archives"] and own == archive:
            own.unlink()

    def _check_given(self, names: list[str]) -> None:
        """Raise UserError for a file in `archive`, or a hash, that this data set has no use for."""
        published = {PurePosixPath(name).name for name in names}
        for entry in map(Path, as_list(self.options["archive"])):
            if entry.is_file() and entry.name not in published:
                raise UserError(
                    f"config: archive: {entry} is none of the data set's archives; give it its published name,"
                    f" {did_you_mean(entry.name, published)}"
                )
        for name in self.download["sha256"]:
            if name not in names:
                raise UserError(
                    f"config: download.sha256: '{name}' is none of the data set's archives, {did_you_mean(name, names)}"
                )

    def _local(self, name: str) -> Path | None:
        """An archive that is here already: given by the user, or in the download's own folder."""
        for key in (name, PurePosixPath(name).name):
            if key in self.given:
                return self.given[key]
        own = self.folder / "archives" / name
        return own if own.is_file() else None

    def _obtain(self, name: str, path: Path) -> Path:
        """Copy a given file to `path`, or fetch it."""
        if local := self._local(name):
            make_folder(path.parent)
            shutil.copyfile(local, path)
            return path
        print(f"{name}: fetching", flush=True)

        check = unpack.test if unpack.is_archive(name) else lambda _: None
        sha256 = fetch(self._remote(name), path, self.settings, self.transfer.of(name), check)
        self.record.add(name, path, sha256)
        return path

    def _remote(self, name: str) -> Remote:
        mirrors = [f"{mirror.rstrip('/')}/{name}" for mirror in self.download["mirrors"]]
        official = [self.publication.base + name]
        addresses = [*mirrors, *official] if self.download["mirrors_first"] else [*official, *mirrors]
        return Remote(name, tuple(addresses), sha256=self.record.sha256(name))

    def _listed_archives(self) -> list[str]:
        """Names of the archives that the publisher's own lists of addresses name."""
        names = []
        for archive_list in self.publication.archive_lists:
            self.place(archive_list, self.folder / "lists")
            base = PurePosixPath(archive_list).parent
            for number, line in read_lines(self.folder / "lists" / archive_list):
                name = PurePosixPath(urlsplit(line).path).name
                if not unpack.is_archive(name):
                    where = self.folder / "lists" / archive_list
                    raise UserError(
                        f"{where}, line {number}: '{line}' is no archive's address; move this file elsewhere"
                        " to fetch it again"
                    )
                names.append(str(base / name))
        return names

    def _plan(self, missing: list[str]) -> None:
        """Say how much disk the archives that are not unpacked need at most; UserError where that is not there."""
        if not missing:
            return
        local = {name: path.stat().st_size for name in missing if (path := self._local(name))}
        remote = [name for name in missing if name not in local]
        with ThreadPoolExecutor(16) as pool:
            found = pool.map(lambda name: remote_size(self._remote(name), self.settings), remote)
            sizes = dict(zip(remote, found, strict=True))
        known = local | {name: size for name, size in sizes.items() if size is not None}
        need = peak_need(known, remote, self.options["keep"]["archives"], self.download["parallel"])
        free = shutil.disk_usage(self.folder).free
        print(f"disk: {need / GIGABYTE:.2f} GB needed at most, {free / GIGABYTE:.2f} GB free", flush=True)
        if len(known) < len(missing):
            print(
                f"disk: besides {len(missing) - len(known)} archives whose size no server tells; all archives of"
                f" {self.options['kind']} have about {self.publication.gigabytes:g} GB, and their videos as much again",
                flush=True,
            )
        if need > free:
            raise UserError(
                f"{self.folder}: needs {need / GIGABYTE:.2f} GB, and {free / GIGABYTE:.2f} GB are free; free the disk,"
                " make this folder a link to a larger one, or set keep.archives: false"
            )
        self.transfer.expect({name: known.get(name) for name in remote})


def remote_size(remote: Remote, settings: Settings) -> int | None:
    """Bytes that a server says a file has; None where none does."""
    timeout = min(settings.timeout, LONGEST_QUESTION)
    with Session(settings.verify_tls) as session:
        for address in remote.addresses:
            try:
                with network_errors(timeout):
                    answer = session.head(address, allow_redirects=True, timeout=timeout, verify=settings.verify_tls)
            except Failure:
                continue
            if answer.ok and answer.headers.get("Content-Length", "").isdecimal():
                return int(answer.headers["Content-Length"])
    return None


def peak_need(sizes: dict[str, int], remote: Iterable[str], keep_archives: bool, parallel: int) -> int:
    """Bytes needed at most for archives of these sizes: videos do not get smaller by packing.

    `remote`: those that have to be fetched first.
    """
    fetched = sorted((sizes[name] for name in remote if name in sizes), reverse=True)
    return sum(sizes.values()) + sum(fetched if keep_archives else fetched[:parallel])


def stem(name: str) -> str:
    """An archive's name without its ending, e.g. train/part_0."""
    path = PurePosixPath(name)
    return str(path.with_name(path.name.removesuffix(path.suffix).removesuffix(".tar")))


def given_files(archive: str | list[str] | None) -> dict[str, Path]:
    """The user's own files by name, those in a folder also by their path in it, e.g. train/part_0.tar.gz."""
    found: dict[str, Path] = {}
    for entry in map(Path, as_list(archive)):
        if entry.is_dir():
            files = [path for path in sorted(entry.rglob("*")) if path.is_file()]
            names = [path.name for path in files]
            found |= {path.relative_to(entry).as_posix(): path for path in files}
            found |= {path.name: path for path in files if names.count(path.name) == 1}
        elif entry.is_file():
            found[entry.name] = entry
        else:
            raise UserError(f"config: archive: {entry}: no such file or folder")
    return found
