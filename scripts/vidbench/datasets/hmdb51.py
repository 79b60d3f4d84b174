"""HMDB51 (Kuehne et al. 2011): 6,766 videos of 51 actions, three official splits that each use 5,100 of them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from vidbench.datasets.listing import Listing
from vidbench.datasets.official_lists import Entry, assign_subset, find_lists, make_listing, read_lines, warn_of_sizes
from vidbench.errors import UserError
from vidbench.video import Video

SPLITS = 3
SIZES = ((3570, 1530),) * 3  # published numbers of videos to train and to test
NUM_VIDEOS, NUM_CLASSES = 6766, 51
ENDING = "_test_split{}.txt"  # of the published lists
HUB_LIST = "metadata_split{}.jsonl"
SUBSETS = {"0": "", "1": "train", "2": "test"}


Line = tuple[str, str, str, str]  # the video's file, its class, 0, 1 or 2, and where the list says so


def videos(options: dict, folder: Path | str) -> list[Video]:
    """Return all listed videos, sorted."""
    return listing(options, folder).videos


def listing(options: dict, folder: Path | str) -> Listing:
    """Return the videos of the official lists; those cut from one source, e.g. a film, are a group, of all classes."""
    entries: dict[str, Entry] = {}
    read = _read_lists if _has_lists(options, folder, f"*{ENDING.format(1)}") else _read_hub_lists
    for split in range(1, SPLITS + 1):
        for file, label, code, where in read(options, folder, split):
            entry = Entry(file, label, _source(file, label, where), {})
            assign_subset(entries, file.removesuffix(".avi"), entry, split, SUBSETS[code], where)
    warn_of_sizes(entries, SIZES)
    return make_listing(entries, SPLITS, options, folder)


def _has_lists(options: dict, folder: Path | str, pattern: str) -> bool:
    """Return whether the lists are there as published, or in no form: then the published one is asked for."""
    place = Path(options.get("lists") or Path(folder, "lists"))
    return any(place.rglob(pattern)) or not any(place.rglob(HUB_LIST.format(1)))


def _read_lists(options: dict, folder: Path | str, split: int) -> Iterator[Line]:
    """Read the lists as published: one per class, with a file and a number on each line."""
    for path in find_lists(options, folder, f"*{ENDING.format(split)}"):
        for number, line in read_lines(path):
            file, _, code = line.rpartition(" ")
            if code not in SUBSETS:
                raise UserError(f"{path}, line {number}: '{line}' ends with none of 0, 1 and 2; fetch this list again")
            yield file, path.name.removesuffix(ENDING.format(split)), code, f"{path}, line {number}"


def _read_hub_lists(options: dict, folder: Path | str, split: int) -> Iterator[Line]:
    """Read the Hub's lists: {"video_path": "Videos/wave/x.avi", "label": "wave", "subset": 1} on each line."""
    (path,) = find_lists(options, folder, HUB_LIST.format(split))
    for number, line in read_lines(path):
        where = f"{path}, line {number}"
        try:
            row = json.loads(line)
            *_, label, file = str(row["video_path"]).split("/")
            code = str(row["subset"])
            given_label = str(row["label"])
        except (ValueError, KeyError, TypeError) as error:
            raise UserError(f"{where}: names no video_path in a class's folder, label and subset") from error
        if code not in SUBSETS:
            raise UserError(f"{where}: the subset of '{file}' is {code}, which is none of 0, 1 and 2")
        if given_label != label and not given_label.isdecimal():  # some mirrors number the classes
            raise UserError(f"{where}: '{file}' is in the folder {label}, but its label is {given_label}")
        yield file, label, code, where


def _source(file: str, label: str, where: str) -> str:
    """Return the name of a file before its class and the codes for body, camera, people, view, quality and number."""
    codes = r"[fhlu]_(?:nm|cm)_np\d+_(?:fr|ba|le|ri)_(?:bad|med|goo)_\d+"
    match = re.fullmatch(rf"(.+)_{re.escape(label)}_{codes}\.avi", file)
    if match is None:
        raise UserError(f"{where}: '{file}' names no video of HMDB51's class {label}; fetch this list again")
    return match[1]
