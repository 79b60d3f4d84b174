"""What the published data sets share: official lists, and videos found by their file names."""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vidbench.datasets.video import Video
from vidbench.errors import UserError
from vidbench.files import walk

REPLACEMENT = "replacement"  # Kinetics: what lies in such a folder goes before a damaged file of the same name


@dataclass
class Listed:
    """A video as the official lists have it."""

    file: str  # name of its file
    label: str
    group: str
    subsets: dict[int, str]  # by number of the split


def as_list(archive: str | list[str] | None) -> list[str]:
    """`archive` of the config as a list."""
    return [archive] if isinstance(archive, str) else archive or []


def check(options: Mapping) -> None:
    """Raise UserError for a file or folder that the config names and that is not there; quick."""
    for entry in as_list(options["archive"]):
        if not os.path.exists(entry):
            raise UserError(f"config: archive: {entry}: no such file or folder")
    for key in ("root", "lists"):
        if options[key] and not os.path.isdir(options[key]):
            raise UserError(f"config: {key}: {options[key]}: no such folder")


def list_files(options: Mapping, folder: Path | str, pattern: str) -> list[Path]:
    """Official lists whose names fit `pattern`, in `lists` or where the download step puts them."""
    place = Path(options.get("lists") or Path(folder, "lists"))
    found = sorted(path for path in place.rglob(pattern) if not path.name.startswith("."))
    if not found:
        raise UserError(
            f"{place}: holds no {pattern}; move this folder elsewhere to fetch the official lists, or set `lists`"
        )
    names = [path.name for path in found]
    for path in found:
        if names.count(path.name) > 1:
            raise UserError(f"{place}: holds {path.name} more than once; keep one of them")
    return found


def read_lines(path: Path) -> list[tuple[int, str]]:
    """Numbers and texts of the lines that are not empty."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: cannot be read as a list of videos: {error}") from error
    return [(number, line.rstrip()) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]


def place(listed: dict[str, Listed], video: str, entry: Listed, split: int, subset: str, where: str) -> None:
    """Put a video into a subset of a split; UserError where it stands in another one already."""
    known = listed.setdefault(video, entry)
    before = known.subsets.setdefault(split, subset)
    if before != subset:
        raise UserError(f"{where}: '{video}' is in {before} and in {subset} of split{split}; correct the lists")


def warn_of_sizes(listed: Mapping[str, Listed], sizes: Sequence[tuple[int, int]]) -> None:
    """Warn where splits have not the published numbers of videos: a list may have been cut, also on purpose."""
    for split, published in enumerate(sizes, start=1):
        subsets = [entry.subsets.get(split) for entry in listed.values()]
        found = subsets.count("train"), subsets.count("test")
        if found != published:
            print(
                f"WARNING: split{split} lists {found[0]} videos to train and {found[1]} to test,"
                f" published are {published[0]} and {published[1]}; fetch the lists again if you did not cut them",
                file=sys.stderr,
            )


def found_videos(listed: Mapping[str, Listed], splits: int, options: Mapping, folder: Path | str) -> list[Video]:
    """The listed videos, sorted, with the paths of their files; a file that is not there keeps the path it should have.

    UserError where no file is there at all.
    """
    root = str(options.get("root") or f"{folder}/videos")
    if not os.path.isdir(root):
        raise UserError(f"{root}: no such folder; correct `root`, or run with --forcerun download_data to unpack again")
    files = _files_by_name(root)
    missing = [entry.file for entry in listed.values() if entry.file.lower() not in files]
    if len(missing) == len(listed):
        raise UserError(f"{root}: holds none of the {len(listed)} listed videos, e.g. {missing[0]}; correct `root`")
    if missing:
        print(
            f"WARNING: {root}: lacks {len(missing)} of {len(listed)} listed videos, e.g. {missing[0]};"
            " they count as videos that cannot be decoded",
            file=sys.stderr,
        )
    return [
        Video(
            video,
            files.get(entry.file.lower(), f"{root}/{entry.file}"),
            entry.label,
            entry.group,
            entry.subsets.get(1, ""),
            tuple(entry.subsets.get(split, "") for split in range(2, splits + 1)),
        )
        for video, entry in sorted(listed.items())
    ]


def _files_by_name(root: str) -> dict[str, str]:
    """Paths of the files below a folder, by their names in lower case: archives do not agree on their folders."""
    found: dict[str, str] = {}
    again: list[str] = []
    for folder, files in walk(root):
        preferred = REPLACEMENT in folder[len(root) :]
        for name in files:
            known = name.lower() in found
            if known and REPLACEMENT not in folder + found[name.lower()]:
                again.append(f"{folder}/{name}")
            if preferred or not known:
                found[name.lower()] = f"{folder}/{name}"
    if again:
        used = found[os.path.basename(again[0]).lower()]
        print(f"WARNING: {len(again)} files have a name twice, e.g. {again[0]}; {used} is used", file=sys.stderr)
    return found
