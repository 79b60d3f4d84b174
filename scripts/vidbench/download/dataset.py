"""Getting a published data set onto the disk: lists and videos are found or fetched, verified and unpacked.

    resources/{source}/archives/...   files that were fetched, or dropped there by hand under their published names
    resources/{source}/lists/...      the official lists
    resources/{source}/videos/...     one folder per archive or data set of a Hub, there only when it is complete
    resources/{source}/record.json    sizes and SHA-256; for files of a Hub also their commit

Files that exist are used again, so this takes seconds when everything is there.
"""

import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from vidbench.datasets.official_lists import read_lines
from vidbench.download.addresses import PUBLICATIONS, Forms, HubFolder, Publication, PublishedFile
from vidbench.download.archives import unpack
from vidbench.download.checksums import Record
from vidbench.download.disk import ask_size, check_room, peak_bytes
from vidbench.download.fetch import Remote, Settings, Unreachable, fetch
from vidbench.download.http_session import Failure
from vidbench.download.hub import HubDownload, partial_folder
from vidbench.download.local_files import LocalFiles, final_path, first_ready
from vidbench.download.partial_file import UNKNOWN, PartialFile
from vidbench.download.progress import Transfer
from vidbench.errors import UserError
from vidbench.files import exclusive, make_folder

Attempt = tuple[PublishedFile | HubFolder, tuple[str, ...]]  # a form, and the addresses to ask for it


def acquire(options: dict, folder: Path) -> list[dict]:
    """Get a published data set by its complete config entry; return name, size and SHA-256 of all files used.

    Raises UserError where something is not available, is damaged, or does not fit on the disk.
    """
    with exclusive(make_folder(folder) / ".lock"):
        acquisition = _Acquisition(options, folder)
        if not options["lists"]:
            for forms in acquisition.publication.lists:
                acquisition.place(forms, folder / "lists")
        if not options["root"]:
            acquisition.get_videos()
        return acquisition.record.archives()


class _Acquisition:
    """One call of `acquire`."""

    def __init__(self, options: dict, folder: Path) -> None:
        self.options = options
        self.folder = folder
        self.publication: Publication = PUBLICATIONS[options["kind"]]
        self.download: dict = options["download"]
        self.settings = Settings(*(self.download[key] for key in ("verify_tls", "attempts", "timeout")))
        self.record = Record(folder / "record.json", self.download["sha256"])
        self.local = LocalFiles(options["archive"], folder / "archives")
        self.transfer = Transfer()

    def get_videos(self) -> None:
        """Get all videos, several archives at a time; each is unpacked as soon as it is there."""
        videos = [*self.publication.videos, *((archive,) for archive in self._listed_archives())]
        lists = [*self.publication.lists, self.publication.archive_lists]
        names = [form.name for forms in [*videos, *lists] for form in forms if isinstance(form, PublishedFile)]
        self.local.check(names, self.download["sha256"])
        if self.download["revision"] and not any(isinstance(form, HubFolder) for forms in videos for form in forms):
            raise UserError("config: download.revision: no form of this data set comes from a Hub; leave it out")
        folder = self.folder / "videos"
        self._plan([forms for forms in videos if not first_ready(forms, folder)], folder)
        with ThreadPoolExecutor(self.download["parallel"]) as pool:
            tasks = [pool.submit(self.place, forms, folder) for forms in videos]
            try:
                errors = [error for task in tasks if (error := task.exception())]
            except BaseException:
                self.transfer.stop()
                pool.shutdown(cancel_futures=True)
                raise
        # One broken archive does not keep the other hundreds from coming.
        if errors:
            raise errors[0] if len(errors) == 1 else UserError(f"{errors[0]} (and {len(errors) - 1} more archives)")

    def place(self, forms: Forms, target: Path) -> None:
        """Put one of the forms into `target`, and verify its file where that still exists.

        A form that is in place already comes first, then one that the user has, then one that can be fetched.
        """
        form = first_ready(forms, target) or self.local.first(forms) or self._fetch(forms, target)
        if isinstance(form, HubFolder):
            self.record.check_revision(form, self.download["revision"], final_path(form, target))
        else:
            self._place_file(form, target)
        for unused in (other for other in forms if other != form):  # an earlier run may have begun to fetch it
            if isinstance(unused, HubFolder):
                shutil.rmtree(partial_folder(final_path(unused, target)), ignore_errors=True)
            else:
                PartialFile(self._destination(unused, target)).discard()

    def _place_file(self, file: PublishedFile, target: Path) -> None:
        path = final_path(file, target)
        local = self.local.find(file)
        if not unpack.is_archive(file.name):
            if local and not path.exists():
                make_folder(path.parent)
                shutil.copyfile(local, path)
            self.record.verify(file.name, path)
            return
        if not local:
            return  # an earlier run has unpacked it, and deleted the archive
        if not path.exists():
            if self.record.sha256(file.name):
                self.record.verify(file.name, local)
            make_folder(path.parent)
            count = unpack.unpack(local, path, nested=self.publication.nested)
            print(f"{file.name}: unpacked, {count} files", flush=True)
        self.record.verify(file.name, local)  # a new file only now: a damaged one must not become the trusted one
        self._warn_of_another(file, local)
        if not self.options["keep"]["archives"] and local == self._destination(file, target):
            local.unlink()

    def _warn_of_another(self, file: PublishedFile, local: Path) -> None:
        """Warn where the user's file is another edition than the published one; it is used all the same."""
        published = self.record.expected.get(file.name) or file.sha256
        if published and published != self.record.sha256(file.name):
            print(
                f"WARNING: {local}: is not the file that was published, whose SHA-256 is {published}; used as it is"
                " (to confirm that it is right, enter its own under download.sha256)",
                file=sys.stderr,
                flush=True,
            )

    def _destination(self, file: PublishedFile, target: Path) -> Path:
        """Return the path that a file is fetched to."""
        return (self.folder / "archives" if unpack.is_archive(file.name) else target) / file.name

    def _fetch(self, forms: Forms, target: Path) -> PublishedFile | HubFolder:
        """Fetch the first available form and return it; UserError with all reasons where there is none."""
        reasons = []
        for form, addresses in self._attempts(forms, target):
            label = f"{form.name}: " if len(forms) > 1 else ""
            print(f"{form.name}: fetching", flush=True)
            try:
                if isinstance(form, HubFolder):
                    self._fetch_hub(form, final_path(form, target))
                else:
                    self._fetch_file(form, addresses, self._destination(form, target))
            except Unreachable as error:
                reasons.append(f"{label}{error.reasons}")
            except Failure as error:
                reasons.append(str(error))
            else:
                return form
        raise UserError(self._manual_advice(forms, target.name, reasons))

    def _fetch_file(self, file: PublishedFile, addresses: tuple[str, ...], path: Path) -> None:
        check = unpack.test if unpack.is_archive(file.name) else lambda _: None
        remote = self._remote(file, addresses)
        sha256 = fetch(remote, path, self.settings, self.transfer.progress_of(file.name), check)
        self.record.add(file.name, path, sha256)

    def _fetch_hub(self, hub: HubFolder, path: Path) -> None:
        download = HubDownload(hub, self.settings, self.download["parallel"], self.transfer)
        try:
            listing = download.list_files(self.download["revision"] or self.record.revision(hub))
            self.record.pin(hub, listing)
            print(f"{hub.dataset}: {len(listing.files)} files at commit {listing.revision}", flush=True)
            download.fetch(listing, path)
        except Failure as error:
            raise Failure(f"{hub.dataset} on the Hugging Face Hub: {error}") from error
        self.record.mark_complete(hub)

    def _attempts(self, forms: Forms, target: Path) -> list[Attempt]:
        """Return the forms with the addresses to ask, in order; a download that was begun earlier comes first."""
        published: list[Attempt] = [
            (form, tuple(folder + form.name for folder in form.folders) if isinstance(form, PublishedFile) else ())
            for form in forms
            if isinstance(form, HubFolder) or form.folders
        ]
        mirrors = [mirror.rstrip("/") for mirror in self.download["mirrors"]]
        mirrored: list[Attempt] = [
            (form, tuple(f"{mirror}/{form.name}" for mirror in mirrors))
            for form in forms
            if isinstance(form, PublishedFile) and mirrors
        ]
        attempts = [*mirrored, *published] if self.download["mirrors_first"] else [*published, *mirrored]
        if len(forms) == 1:
            attempts = [(forms[0], tuple(address for _, addresses in attempts for address in addresses))]
        return sorted(attempts, key=lambda attempt: not self._is_begun(attempt, target))

    def _is_begun(self, attempt: Attempt, target: Path) -> bool:
        """Return whether a part has arrived that this attempt can continue."""
        form, addresses = attempt
        if isinstance(form, HubFolder):
            return partial_folder(final_path(form, target)).exists()
        partial = PartialFile(self._destination(form, target))
        has_hash = self._remote(form, addresses).sha256 is not None
        return partial.size > 0 and partial.origin != UNKNOWN and (has_hash or partial.origin.address in addresses)

    def _remote(self, file: PublishedFile, addresses: tuple[str, ...]) -> Remote:
        sha256 = self.record.sha256(file.name) or file.sha256
        size = file.size if sha256 == file.sha256 else None
        return Remote(file.name, addresses, size, sha256)

    def _manual_advice(self, forms: Forms, content: str, reasons: list[str]) -> str:
        """Return one line for when no form is available: why, what to fetch by hand, from where, where to put it."""
        files = " or ".join(form.name for form in forms if isinstance(form, PublishedFile))
        return (
            f"{files}: cannot be downloaded ({'; '.join(reasons) or 'it has no address'}); run again, name a mirror in"
            f" download.mirrors, or get {files} by hand ({self.publication.page}) and put it into"
            f" {self.folder / 'archives'}/ or name it in `archive`; unpacked {content} can be named in"
            f" `{'lists' if content == 'lists' else 'root'}`"
        )

    def _listed_archives(self) -> list[PublishedFile]:
        """Return the archives that the publisher's own lists of addresses name."""
        archives = []
        for archive_list in self.publication.archive_lists:
            self.place((archive_list,), self.folder / "lists")
            path = self.folder / "lists" / archive_list.name
            for number, line in read_lines(path):
                name = PurePosixPath(urlsplit(line).path).name
                if not unpack.is_archive(name):
                    raise UserError(
                        f"{path}, line {number}: '{line}' is no archive's address; move this file elsewhere"
                        " to fetch it again"
                    )
                name = str(PurePosixPath(archive_list.name).parent / name)
                archives.append(PublishedFile(name, archive_list.folders))
        return archives

    def _plan(self, missing: list[Forms], target: Path) -> None:
        """Print how much disk the archives that are not unpacked need at most; UserError where there is less."""
        local_sizes = {
            file.name: path.stat().st_size
            for forms in missing
            if (file := self.local.first(forms)) and (path := self.local.find(file))
        }
        remote = [forms for forms in missing if not self.local.first(forms)]
        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda forms: self._ask_size(forms, target), remote))
        # What will be fetched goes by the name of its first form.
        sizes = {forms[0].name: size for forms, size in zip(remote, answers, strict=True)}
        file_names = {forms[0].name for forms in remote if isinstance(forms[0], PublishedFile)}
        unknown = [name for name in file_names if sizes[name] is None]
        if unknown:
            print(
                f"disk: besides {len(unknown)} archives whose size no server tells; all archives of"
                f" {self.options['kind']} have about {self.publication.gigabytes:g} GB, and their videos as much again",
                flush=True,
            )
        known = local_sizes | {name: size for name, size in sizes.items() if size is not None}
        if known:
            need = peak_bytes(known, list(sizes), self.options["keep"]["archives"], self.download["parallel"])
            check_room(self.folder, need, " or set keep.archives: false")
        self.transfer.expect({name: size for name, size in sizes.items() if name in file_names})

    def _ask_size(self, forms: Forms, target: Path) -> int | None:
        """Return the bytes of the form that will be fetched; None where unknown, and for the Hub, asked later."""
        for form, addresses in self._attempts(forms, target):
            if isinstance(form, HubFolder):
                return None
            if size := ask_size(self._remote(form, addresses), self.settings):
                return size
        return next((form.size for form in forms if isinstance(form, PublishedFile) and form.size), None)
