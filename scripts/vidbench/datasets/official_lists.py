"""Reading the official lists of published data sets, and finding their videos by file names."""

import os
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vidbench.datasets.image_videos import STORED_FOLDER
from vidbench.datasets.listing import Listing
from vidbench.datasets.scanning import is_video, scan, stem_of
from vidbench.datasets.skipped import Reason, Skipped, ending_of
from vidbench.errors import UserError
from vidbench.file_tree import find_file
from vidbench.video import Video

REPLACEMENT = "replacement"  # Kinetics: a file in such a folder replaces a damaged one of the same name


@dataclass
class Entry:
    """A video as the official lists have it."""

    file: str  # name of its file
    label: str
    group: str
    subsets: dict[int, str]  # by number of the split
    short: str = ""  # another name without its ending, by which no other video goes


def as_list(archive: str | list[str] | None) -> list[str]:
    """Return `archive` of the config as a list."""
    return [archive] if isinstance(archive, str) else archive or []


def check(options: Mapping) -> None:
    """Raise UserError for a missing file or folder that the config names; quick."""
    for entry in as_list(options["archive"]):
        if not os.path.exists(entry):
            raise UserError(f"config: archive: {entry}: no such file or folder")
    for key in ("root", "lists"):
        if options[key] and not os.path.isdir(options[key]):
            raise UserError(f"config: {key}: {options[key]}: no such folder")


def find_lists(options: Mapping, folder: Path | str, pattern: str) -> list[Path]:
    """Return the official lists whose names fit `pattern`, in `lists` or where the download step puts them."""
    place = Path(options.get("lists") or Path(folder, "lists"))
    lists = sorted(path for path in place.rglob(pattern) if not path.name.startswith("."))
    if not lists:
        raise UserError(
            f"{place}: holds no {pattern}; move this folder elsewhere to fetch the official lists, or set `lists`"
        )
    names = [path.name for path in lists]
    for path in lists:
        if names.count(path.name) > 1:
            raise UserError(f"{place}: holds {path.name} more than once; keep one of them")
    return lists


def read_lines(path: Path) -> list[tuple[int, str]]:
    """Read the numbers and texts of the lines that are not empty."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: cannot be read as a list of videos: {error}") from error
    return [(number, line.rstrip()) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]


def assign_subset(entries: dict[str, Entry], video: str, entry: Entry, split: int, subset: str, where: str) -> None:
    """Put a video into a subset of a split; UserError where it is in another one already."""
    before = entries.setdefault(video, entry).subsets.setdefault(split, subset)
    if before != subset:
        raise UserError(f"{where}: '{video}' is in {before} and in {subset} of split{split}; correct the lists")


def warn_of_sizes(entries: Mapping[str, Entry], sizes: Sequence[tuple[int, int]]) -> None:
    """Warn where splits do not have the published numbers of videos: a list may have been cut, also on purpose."""
    for split, published in enumerate(sizes, start=1):
        subsets = [entry.subsets.get(split) for entry in entries.values()]
        counts = subsets.count("train"), subsets.count("test")
        if counts != published:
            print(
                f"WARNING: split{split} lists {counts[0]} videos to train and {counts[1]} to test,"
                f" published are {published[0]} and {published[1]}; fetch the lists again if you did not cut them",
                file=sys.stderr,
            )


def make_listing(entries: Mapping[str, Entry], splits: int, options: Mapping, folder: Path | str) -> Listing:
    """Return the listed videos, sorted, with the paths of their files or folders of images, and what is left out.

    A missing video has the path where it should be. UserError where all are missing.
    """
    root = str(options.get("root") or f"{folder}/videos")
    root = find_file(root) or root
    if not os.path.isdir(root):
        raise UserError(f"{root}: no such folder; correct `root`, or run with --forcerun download_data to unpack again")
    skipped: list[Skipped] = []
    candidates = _find_candidates(root, skipped)
    paths = _select_files(entries, candidates, skipped)
    _report_missing(root, entries, paths)
    videos = [
        Video(
            video,
            paths.get(video, f"{root}/{entry.file}"),
            entry.label,
            entry.group,
            entry.subsets.get(1, ""),
            tuple(entry.subsets.get(split, "") for split in range(2, splits + 1)),
        )
        for video, entry in sorted(entries.items())
    ]
    return Listing(videos, skipped=sorted(skipped, key=lambda file: file.path))


def _report_missing(root: str, entries: Mapping[str, Entry], paths: Mapping[str, str]) -> None:
    missing = [entry.file for video, entry in entries.items() if video not in paths]
    if len(missing) == len(entries):
        raise UserError(
            f"{root}: holds none of the {len(entries)} listed videos, e.g. {missing[0]}, neither as files nor as"
            " folders of images; correct `root`"
        )
    if missing:
        print(
            f"WARNING: {root}: lacks {len(missing)} of {len(entries)} listed videos, e.g. {missing[0]};"
            " they count as videos that cannot be decoded",
            file=sys.stderr,
        )


def _key(name: str) -> str:
    """Return what names share that differ only in ending, case and Unicode normal form."""
    return unicodedata.normalize("NFC", stem_of(name)).lower()


def _find_candidates(root: str, skipped: list[Skipped]) -> dict[str, list[str]]:
    """Return the paths of videos and of folders of images by _key(): archives differ in folders and endings."""
    candidates: dict[str, list[str]] = {}
    for content in scan(root, skipped):
        folder = os.path.join(root, content.path).rstrip("/")
        for name in content.videos:
            candidates.setdefault(_key(name), []).append(f"{folder}/{name}")
        if content.images and not content.videos:
            name = os.path.basename(folder)
            if STORED_FOLDER.fullmatch(name):  # v_x/rgb/0001.jpg
                name = os.path.basename(os.path.dirname(folder))
            candidates.setdefault(_key(name), []).append(folder)
    return candidates


def _select_files(
    entries: Mapping[str, Entry], candidates: Mapping[str, list[str]], skipped: list[Skipped]
) -> dict[str, str]:
    """Return the path of each listed video that exists; its other files, and those not listed, go to `skipped`."""
    paths: dict[str, str] = {}
    used: set[str] = set()
    duplicates: list[tuple[str, str]] = []  # (path not used, path used instead)
    by_short_name = []
    for video, entry in entries.items():
        key = _key(entry.file)
        if key not in candidates and (path := _find_by_short_name(entry, candidates)):
            paths[video] = path
            key = _key(entry.short)
            by_short_name.append(path)
        elif key in candidates:
            files = candidates[key]
            paths[video], *rest = files if len(files) == 1 else sorted(files, key=lambda path: _rank(path, entry))
            duplicates += [(path, paths[video]) for path in rest if REPLACEMENT not in paths[video]]
            skipped += [Skipped(path, Reason.DOUBLE) for path in rest]
        used.add(key)
    skipped += [Skipped(path, Reason.NOT_LISTED) for key in candidates.keys() - used for path in candidates[key]]
    if duplicates:
        unused, used_instead = duplicates[0]
        print(
            f"WARNING: {len(duplicates)} files have a name twice, e.g. {unused}; {used_instead} is used",
            file=sys.stderr,
        )
    if by_short_name:
        print(
            f"WARNING: {len(by_short_name)} videos are found by a name without their times, e.g. {by_short_name[0]};"
            " they are used as the clips, not as the videos that these were cut from",
            file=sys.stderr,
        )
    return paths


def _rank(path: str, entry: Entry) -> tuple[bool, bool, bool, str]:
    """Return a sort key of the files of one video: replacements, the official ending, other videos, image folders."""
    name = os.path.basename(path)
    official = ending_of(name) == ending_of(entry.file)
    return REPLACEMENT not in path, not official, not is_video(name) or os.path.isdir(path), path


def _find_by_short_name(entry: Entry, candidates: Mapping[str, list[str]]) -> str | None:
    files = candidates.get(_key(entry.short), []) if entry.short else []
    fitting = [path for path in files if stem_of(os.path.basename(path)) == entry.short]  # in its case, too
    return min(fitting, key=lambda path: _rank(path, entry)) if fitting else None
