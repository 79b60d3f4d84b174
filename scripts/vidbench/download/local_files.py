"""Files of a published data set that are on the disk already."""

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from vidbench.datasets.official_lists import as_list
from vidbench.download.addresses import Forms, HubFolder, PublishedFile
from vidbench.download.archives import unpack
from vidbench.errors import UserError, did_you_mean


def stem(name: str) -> str:
    """Return an archive's name without its ending, e.g. train/part_0."""
    path = PurePosixPath(name)
    return str(path.with_name(path.name.removesuffix(path.suffix).removesuffix(".tar")))


def final_path(form: PublishedFile | HubFolder, target: Path) -> Path:
    """Return where a form is once it is ready for use: a folder, there only when it is complete, or a list as it is."""
    unpacked = isinstance(form, PublishedFile) and unpack.is_archive(form.name)
    return target / (stem(form.name) if unpacked else form.name)


def first_ready(forms: Forms, target: Path) -> PublishedFile | HubFolder | None:
    """Return the first form that is ready for use."""
    return next((form for form in forms if final_path(form, target).exists()), None)


class LocalFiles:
    """The files that the user names in `archive`, and those in the download's own folder."""

    def __init__(self, archive: str | list[str] | None, folder: Path) -> None:
        """`folder`: for files that are fetched, or dropped there by hand."""
        self.archive = archive
        self.folder = folder
        self.user_files = list_user_files(archive)

    def find(self, file: PublishedFile) -> Path | None:
        """Return the path of a published file on this disk; None where it is not here."""
        for key in (file.name, PurePosixPath(file.name).name):
            if key in self.user_files:
                return self.user_files[key]
        path = self.folder / file.name
        return path if path.is_file() else None

    def first(self, forms: Forms) -> PublishedFile | None:
        """Return the first form whose file is on this disk."""
        return next((form for form in forms if isinstance(form, PublishedFile) and self.find(form)), None)

    def check(self, names: list[str], hashes: Iterable[str]) -> None:
        """Raise UserError for a user's file, or the name of a known hash, that is none of the data set's `names`."""
        published = {PurePosixPath(name).name for name in names}
        for entry in map(Path, as_list(self.archive)):
            if entry.is_file() and entry.name not in published:
                raise UserError(
                    f"config: archive: {entry} is none of the data set's archives; give it its published name,"
                    f" {did_you_mean(entry.name, published)}"
                )
        for name in hashes:
            if name not in names:
                raise UserError(
                    f"config: download.sha256: '{name}' is none of the data set's archives, {did_you_mean(name, names)}"
                )


def list_user_files(archive: str | list[str] | None) -> dict[str, Path]:
    """Return the user's files by name; those in a folder also by their path in it, e.g. train/part_0.tar.gz."""
    user_files: dict[str, Path] = {}
    for entry in map(Path, as_list(archive)):
        if entry.is_dir():
            files = [path for path in sorted(entry.rglob("*")) if path.is_file()]
            names = [path.name for path in files]
            user_files |= {path.relative_to(entry).as_posix(): path for path in files}
            user_files |= {path.name: path for path in files if names.count(path.name) == 1}
        elif entry.is_file():
            user_files[entry.name] = entry
        else:
            raise UserError(f"config: archive: {entry}: no such file or folder")
    return user_files
