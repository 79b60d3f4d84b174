"""What the published data sets share: official lists, and videos found by their file names."""

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

REPLACEMENT = "replacement"  # Kinetics: what lies in such a folder goes before a damaged file of the same name


@dataclass
class Listed:
    """A video as the official lists have it."""

    file: str  # name of its file
    label: str
    group: str
    subsets: dict[int, str]  # by number of the split
    short: str = ""  # another name without its ending, by which no other video goes


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


def listing_of(listed: Mapping[str, Listed], splits: int, options: Mapping, folder: Path | str) -> Listing:
    """The listed videos, sorted, with the paths of their files or folders of images, and what else is there.

    A video that is not there keeps the path it should have. UserError where none is there at all.
    """
    root = str(options.get("root") or f"{folder}/videos")
    root = find_file(root) or root
    if not os.path.isdir(root):
        raise UserError(f"{root}: no such folder; correct `root`, or run with --forcerun download_data to unpack again")
    skipped: list[Skipped] = []
    candidates = _candidates(root, skipped)
    paths = _chosen(listed, candidates, skipped)
    _say_missing(root, listed, paths)
    videos = [
        Video(
            video,
            paths.get(video, f"{root}/{entry.file}"),
            entry.label,
            entry.group,
            entry.subsets.get(1, ""),
            tuple(entry.subsets.get(split, "") for split in range(2, splits + 1)),
        )
        for video, entry in sorted(listed.items())
    ]
    return Listing(videos, skipped=sorted(skipped, key=lambda each: each.path))


def _say_missing(root: str, listed: Mapping[str, Listed], paths: Mapping[str, str]) -> None:
    missing = [entry.file for video, entry in listed.items() if video not in paths]
    if len(missing) == len(listed):
        raise UserError(
            f"{root}: holds none of the {len(listed)} listed videos, e.g. {missing[0]}, neither as files nor as folders"
            " of images; correct `root`"
        )
    if missing:
        print(
            f"WARNING: {root}: lacks {len(missing)} of {len(listed)} listed videos, e.g. {missing[0]};"
            " they count as videos that cannot be decoded",
            file=sys.stderr,
        )


def _key(name: str) -> str:
    """Equal for names that differ in ending, case and normal form alone."""
    return unicodedata.normalize("NFC", stem_of(name)).lower()


def _candidates(root: str, skipped: list[Skipped]) -> dict[str, list[str]]:
    """Paths of videos and of folders of images, by _key: archives do not agree on folders and endings."""
    found: dict[str, list[str]] = {}
    for content in scan(root, skipped):
        folder = os.path.join(root, content.path).rstrip("/")
        for name in content.videos:
            found.setdefault(_key(name), []).append(f"{folder}/{name}")
        if content.images and not content.videos:
            name = os.path.basename(folder)
            if STORED_FOLDER.fullmatch(name):  # v_x/rgb/0001.jpg
                name = os.path.basename(os.path.dirname(folder))
            found.setdefault(_key(name), []).append(folder)
    return found


def _chosen(
    listed: Mapping[str, Listed], candidates: Mapping[str, list[str]], skipped: list[Skipped]
) -> dict[str, str]:
    """Path of each listed video that is there; the other files of its name, and of no listed one, go to `skipped`."""
    chosen: dict[str, str] = {}
    used: set[str] = set()
    again: list[tuple[str, str]] = []
    by_short_name = []
    for video, entry in listed.items():
        key = _key(entry.file)
        if key not in candidates and (path := _by_short_name(entry, candidates)):
            chosen[video], key = path, _key(entry.short)
            by_short_name.append(path)
        elif key in candidates:
            found = candidates[key]
            chosen[video], *others = found if len(found) == 1 else sorted(found, key=lambda path: _order(path, entry))
            again += [(path, chosen[video]) for path in others if REPLACEMENT not in chosen[video]]
            skipped += [Skipped(path, Reason.DOUBLE) for path in others]
        used.add(key)
    skipped += [Skipped(path, Reason.NOT_LISTED) for key in candidates.keys() - used for path in candidates[key]]
    if again:
        print(
            f"WARNING: {len(again)} files have a name twice, e.g. {again[0][0]}; {again[0][1]} is used", file=sys.stderr
        )
    if by_short_name:
        print(
            f"WARNING: {len(by_short_name)} videos are found by a name without their times, e.g. {by_short_name[0]};"
            " they are taken for the clips, not for what these were cut from",
            file=sys.stderr,
        )
    return chosen


def _order(path: str, entry: Listed) -> tuple[bool, bool, bool, str]:
    """Sort key of the files of one video: replacements, the official ending, other videos, folders of images."""
    name = os.path.basename(path)
    official = ending_of(name) == ending_of(entry.file)
    return REPLACEMENT not in path, not official, not is_video(name) or os.path.isdir(path), path


def _by_short_name(entry: Listed, candidates: Mapping[str, list[str]]) -> str | None:
    found = candidates.get(_key(entry.short), []) if entry.short else []
    fitting = [path for path in found if stem_of(os.path.basename(path)) == entry.short]  # in its case, too
    return min(fitting, key=lambda path: _order(path, entry)) if fitting else None
