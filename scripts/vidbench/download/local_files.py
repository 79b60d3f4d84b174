"""Files of a published data set that are on the disk already."""

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from vidbench.datasets.official_lists import as_list
from vidbench.download.addresses import Forms, HubFolder, Source
from vidbench.download.archives import unpack
from vidbench.errors import UserError, did_you_mean


def stem(name: str) -> str:
    """An archive's name without its ending, e.g. train/part_0."""
    path = PurePosixPath(name)
    return str(path.with_name(path.name.removesuffix(path.suffix).removesuffix(".tar")))


def placed(form: Source | HubFolder, target: Path) -> Path:
    """Where a form lies when it is ready for use: a folder, there only when it is complete, or a list as it is."""
    unpacked = isinstance(form, Source) and unpack.is_archive(form.name)
    return target / (stem(form.name) if unpacked else form.name)


def first_placed(forms: Forms, target: Path) -> Source | HubFolder | None:
    """The form that is ready for use."""
    return next((form for form in forms if placed(form, target).exists()), None)


class LocalFiles:
    """What the user has given in `archive`, and what lies in the download's own folder."""

    def __init__(self, archive: str | list[str] | None, own: Path) -> None:
        """`own`: the folder for what is fetched or dropped there."""
        self.archive, self.own, self.given = archive, own, given_files(archive)

    def find(self, source: Source) -> Path | None:
        """The file that a form is, where it is here."""
        for key in (source.name, PurePosixPath(source.name).name):
            if key in self.given:
                return self.given[key]
        own = self.own / source.name
        return own if own.is_file() else None

    def first(self, forms: Forms) -> Source | None:
        """The first form that is here."""
        return next((form for form in forms if isinstance(form, Source) and self.find(form)), None)

    def check(self, names: list[str], hashes: Iterable[str]) -> None:
        """Raise UserError for a given file, or the name of a known hash, that the data set has no use for."""
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
