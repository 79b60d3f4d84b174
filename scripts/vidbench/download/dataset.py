"""Getting a published data set onto the disk: lists and videos found or fetched, verified and unpacked.

    resources/{source}/archives/...   what was fetched, or dropped there by hand under its published name
    resources/{source}/lists/...      the official lists
    resources/{source}/videos/...     one folder an archive or a Hub's data set, there only when it is complete
    resources/{source}/record.json    sizes and SHA-256; of a Hub's files their commit

What is there is used again, so this costs seconds when everything is there.
"""

import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from vidbench.datasets.official_lists import read_lines
from vidbench.download.addresses import PUBLICATIONS, Forms, HubFolder, Publication, Source
from vidbench.download.archives import unpack
from vidbench.download.checksums import Record
from vidbench.download.disk import check_room, peak_need, remote_size
from vidbench.download.fetch import Remote, Settings, Unreachable, fetch
from vidbench.download.http_session import Failure
from vidbench.download.hub import HubDownload, partial_folder
from vidbench.download.local_files import LocalFiles, first_placed, given_files, placed, stem
from vidbench.download.partial_file import UNKNOWN, PartialFile
from vidbench.download.progress import Transfer
from vidbench.errors import UserError
from vidbench.files import exclusive, make_folder

__all__ = ["acquire", "given_files", "peak_need", "stem"]
Attempt = tuple[Source | HubFolder, tuple[str, ...]]  # a form, and the addresses that it is asked from


def acquire(options: dict, folder: Path) -> list[dict]:
    """Get a published data set by its complete config entry; return name, size and SHA-256 of all that was used.

    Raises UserError where something cannot be had, is damaged, or does not fit on the disk.
    """
    with exclusive(make_folder(folder) / ".lock"):
        job = _Acquisition(options, folder)
        if not options["lists"]:
            for forms in job.publication.lists:
                job.place(forms, folder / "lists")
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
        self.local = LocalFiles(options["archive"], folder / "archives")
        self.transfer = Transfer()

    def get_videos(self) -> None:
        """All videos, several archives at a time, each unpacked as soon as it is there."""
        wanted = [*self.publication.videos, *((source,) for source in self._listed_archives())]
        lists = [*self.publication.lists, self.publication.archive_lists]
        names = [form.name for forms in [*wanted, *lists] for form in forms if isinstance(form, Source)]
        self.local.check(names, self.download["sha256"])
        if self.download["revision"] and not any(isinstance(form, HubFolder) for forms in wanted for form in forms):
            raise UserError("config: download.revision: no form of this data set comes from a Hub; leave it out")
        videos = self.folder / "videos"
        self._plan([forms for forms in wanted if not first_placed(forms, videos)], videos)
        with ThreadPoolExecutor(self.download["parallel"]) as pool:
            tasks = [pool.submit(self.place, forms, videos) for forms in wanted]
            try:
                failed = [error for task in tasks if (error := task.exception())]
            except BaseException:
                self.transfer.stop()
                pool.shutdown(cancel_futures=True)
                raise
        # One broken archive does not keep the other hundreds from coming.
        if failed:
            raise failed[0] if len(failed) == 1 else UserError(f"{failed[0]} (and {len(failed) - 1} more archives)")

    def place(self, forms: Forms, target: Path) -> None:
        """Bring what one of the forms holds to `target`, and verify the file where it is still there.

        What is there already goes first, then what the user has, then what can be fetched.
        """
        form = first_placed(forms, target) or self.local.first(forms) or self._fetch(forms, target)
        if isinstance(form, HubFolder):
            self.record.check_revision(form, self.download["revision"], placed(form, target))
        else:
            self._place_file(form, target)
        for other in (other for other in forms if other != form):  # begun before, and of no use any more
            if isinstance(other, HubFolder):
                shutil.rmtree(partial_folder(placed(other, target)), ignore_errors=True)
            else:
                PartialFile(self._destination(other, target)).discard()

    def _place_file(self, source: Source, target: Path) -> None:
        name = source.name
        ready = placed(source, target)
        local = self.local.find(source)
        if not unpack.is_archive(name):
            if local and not ready.exists():
                make_folder(ready.parent)
                shutil.copyfile(local, ready)
            self.record.verify(name, ready)
            return
        if not local:
            return  # an earlier run has unpacked it, and deleted the archive
        if not ready.exists():
            if self.record.sha256(name):
                self.record.verify(name, local)
            make_folder(ready.parent)
            files = unpack.unpack(local, ready, nested=self.publication.nested)
            print(f"{name}: unpacked, {files} files", flush=True)
        self.record.verify(name, local)  # at its first use only now: a damaged file must not become the trusted one
        self._warn_of_another(source, local)
        if not self.options["keep"]["archives"] and local == self._destination(source, target):
            local.unlink()

    def _warn_of_another(self, source: Source, local: Path) -> None:
        """A file of the user's may be another edition than the published one: used, but not silently."""
        known = self.record.expected.get(source.name) or source.sha256
        if known and known != self.record.sha256(source.name):
            print(
                f"WARNING: {local}: is not the file that was published, whose SHA-256 is {known}; used as it is"
                " (download.sha256 with its own says that it is right)",
                file=sys.stderr,
                flush=True,
            )

    def _destination(self, source: Source, target: Path) -> Path:
        """Where a file is fetched to."""
        return (self.folder / "archives" if unpack.is_archive(source.name) else target) / source.name

    def _fetch(self, forms: Forms, target: Path) -> Source | HubFolder:
        """Fetch the first form that can be had and return it; UserError with all reasons where none can."""
        reasons = []
        for form, addresses in self._attempts(forms, target):
            label = f"{form.name}: " if len(forms) > 1 else ""
            print(f"{form.name}: fetching", flush=True)
            try:
                if isinstance(form, HubFolder):
                    self._fetch_hub(form, placed(form, target))
                else:
                    self._fetch_file(form, addresses, self._destination(form, target))
            except Unreachable as error:
                reasons.append(f"{label}{error.reasons}")
            except Failure as error:
                reasons.append(str(error))
            else:
                return form
        raise UserError(self._by_hand(forms, target.name, reasons))

    def _fetch_file(self, source: Source, addresses: tuple[str, ...], path: Path) -> None:
        check = unpack.test if unpack.is_archive(source.name) else lambda _: None
        remote = self._remote(source, addresses)
        self.record.add(source.name, path, fetch(remote, path, self.settings, self.transfer.of(source.name), check))

    def _fetch_hub(self, hub: HubFolder, path: Path) -> None:
        download = HubDownload(hub, self.settings, self.download["parallel"], self.transfer)
        try:
            listing = download.listing(self.download["revision"] or self.record.revision(hub))
            self.record.pin(hub, listing)
            print(f"{hub.dataset}: {len(listing.files)} files at commit {listing.revision}", flush=True)
            download.fetch(listing, path)
        except Failure as error:
            raise Failure(f"{hub.dataset} on the Hugging Face Hub: {error}") from error
        self.record.complete(hub)

    def _attempts(self, forms: Forms, target: Path) -> list[Attempt]:
        """Forms with the addresses to ask, in order; what an earlier run has begun goes first."""
        own: list[Attempt] = [
            (form, tuple(folder + form.name for folder in form.folders) if isinstance(form, Source) else ())
            for form in forms
            if isinstance(form, HubFolder) or form.folders
        ]
        mirrors = [mirror.rstrip("/") for mirror in self.download["mirrors"]]
        mirrored: list[Attempt] = [
            (form, tuple(f"{mirror}/{form.name}" for mirror in mirrors))
            for form in forms
            if isinstance(form, Source) and mirrors
        ]
        attempts = [*mirrored, *own] if self.download["mirrors_first"] else [*own, *mirrored]
        if len(forms) == 1:
            attempts = [(forms[0], tuple(address for _, addresses in attempts for address in addresses))]
        return sorted(attempts, key=lambda attempt: not self._is_begun(attempt, target))

    def _is_begun(self, attempt: Attempt, target: Path) -> bool:
        """Whether a part has arrived that can be gone on from."""
        form, addresses = attempt
        if isinstance(form, HubFolder):
            return partial_folder(placed(form, target)).exists()
        partial = PartialFile(self._destination(form, target))
        known = self._remote(form, addresses).sha256 is not None
        return partial.size > 0 and partial.source != UNKNOWN and (known or partial.source.address in addresses)

    def _remote(self, source: Source, addresses: tuple[str, ...]) -> Remote:
        sha256 = self.record.sha256(source.name) or source.sha256
        size = source.size if sha256 == source.sha256 else None
        return Remote(source.name, addresses, size, sha256)

    def _by_hand(self, forms: Forms, what: str, reasons: list[str]) -> str:
        """One line for when nothing can be had: why, what to fetch by hand, from which page, and where to put it."""
        files = " or ".join(form.name for form in forms if isinstance(form, Source))
        return (
            f"{files}: cannot be downloaded ({'; '.join(reasons) or 'it has no address'}); run again, name a mirror in"
            f" download.mirrors, or get {files} by hand ({self.publication.page}) and put it into"
            f" {self.folder / 'archives'}/ or name it in `archive`; unpacked {what} can be named in"
            f" `{'lists' if what == 'lists' else 'root'}`"
        )

    def _listed_archives(self) -> list[Source]:
        """The archives that the publisher's own lists of addresses name."""
        found = []
        for archive_list in self.publication.archive_lists:
            self.place((archive_list,), self.folder / "lists")
            where = self.folder / "lists" / archive_list.name
            for number, line in read_lines(where):
                name = PurePosixPath(urlsplit(line).path).name
                if not unpack.is_archive(name):
                    raise UserError(
                        f"{where}, line {number}: '{line}' is no archive's address; move this file elsewhere"
                        " to fetch it again"
                    )
                found.append(Source(str(PurePosixPath(archive_list.name).parent / name), archive_list.folders))
        return found

    def _plan(self, missing: list[Forms], target: Path) -> None:
        """Say how much disk the archives that are not unpacked need at most; UserError where that is not there."""
        local = {
            source.name: path.stat().st_size
            for forms in missing
            if (source := self.local.first(forms)) and (path := self.local.find(source))
        }
        remote = [forms for forms in missing if not self.local.first(forms)]
        with ThreadPoolExecutor(16) as pool:
            asked = dict(zip(remote, pool.map(lambda forms: self._size(forms, target), remote), strict=True))
        sizes = {forms[0].name: size for forms, size in asked.items()}
        known = local | {name: size for name, size in sizes.items() if size is not None}
        unknown = [forms[0] for forms, size in asked.items() if size is None and isinstance(forms[0], Source)]
        if unknown:
            print(
                f"disk: besides {len(unknown)} archives whose size no server tells; all archives of"
                f" {self.options['kind']} have about {self.publication.gigabytes:g} GB, and their videos as much again",
                flush=True,
            )
        if known:
            need = peak_need(known, list(sizes), self.options["keep"]["archives"], self.download["parallel"])
            check_room(self.folder, need, " or set keep.archives: false")
        self.transfer.expect({forms[0].name: size for forms, size in asked.items() if isinstance(forms[0], Source)})

    def _size(self, forms: Forms, target: Path) -> int | None:
        """Bytes of the form that will be fetched; None where nobody knows, and for the Hub, which is asked later."""
        for form, addresses in self._attempts(forms, target):
            if isinstance(form, HubFolder):
                return None
            if size := remote_size(self._remote(form, addresses), self.settings):
                return size
        return next((form.size for form in forms if isinstance(form, Source) and form.size), None)
