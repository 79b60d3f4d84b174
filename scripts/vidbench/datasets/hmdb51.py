"""HMDB51 (Kuehne et al. 2011): 6,766 videos of 51 actions, three official splits that each use 5,100 of them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from vidbench.datasets.listing import Listing
from vidbench.datasets.official_lists import Listed, list_files, listing_of, place, read_lines, warn_of_sizes
from vidbench.errors import UserError
from vidbench.video import Video

SPLITS = 3
SIZES = ((3570, 1530),) * 3  # to train and to test, as published
NUM_VIDEOS, NUM_CLASSES = 6766, 51
ENDING, HUB_LIST = "_test_split{}.txt", "metadata_split{}.jsonl"
SUBSETS = {"0": "", "1": "train", "2": "test"}


Line = tuple[str, str, str, str]  # the video's file, its class, 0, 1 or 2, and where the list says so


def videos(options: dict, folder: Path | str) -> list[Video]:
    """All listed videos, sorted."""
    return listing(options, folder).videos


def listing(options: dict, folder: Path | str) -> Listing:
    """All videos of the official lists; a group is what was cut from one source, e.g. one film, whatever its class."""
    listed: dict[str, Listed] = {}
    lines = _lines if _has_lists(options, folder, f"*{ENDING.format(1)}") else _hub_lines
    for split in range(1, SPLITS + 1):
        for file, label, code, where in lines(options, folder, split):
            entry = Listed(file, label, _source(file, label, where), {})
            place(listed, file.removesuffix(".avi"), entry, split, SUBSETS[code], where)
    warn_of_sizes(listed, SIZES)
    return listing_of(listed, SPLITS, options, folder)


def _has_lists(options: dict, folder: Path | str, pattern: str) -> bool:
    """Whether the official lists are here in their own form; where neither form is, this one is asked for."""
    place = Path(options.get("lists") or Path(folder, "lists"))
    return any(place.rglob(pattern)) or not any(place.rglob(HUB_LIST.format(1)))


def _lines(options: dict, folder: Path | str, split: int) -> Iterator[Line]:
    """The lists as published: one a class, each line a file and a number."""
    for path in list_files(options, folder, f"*{ENDING.format(split)}"):
        for number, line in read_lines(path):
            file, _, code = line.rpartition(" ")
            if code not in SUBSETS:
                raise UserError(f"{path}, line {number}: '{line}' ends with none of 0, 1 and 2; fetch this list again")
            yield file, path.name.removesuffix(ENDING.format(split)), code, f"{path}, line {number}"


def _hub_lines(options: dict, folder: Path | str, split: int) -> Iterator[Line]:
    """The lists as the Hub has them: {"video_path": "Videos/wave/x.avi", "label": "wave", "subset": 1} on each line."""
    (path,) = list_files(options, folder, HUB_LIST.format(split))
    for number, line in read_lines(path):
        where = f"{path}, line {number}"
        try:
            row = json.loads(line)
            *_, label, file = str(row["video_path"]).split("/")
            code, said = str(row["subset"]), str(row["label"])
        except (ValueError, KeyError, TypeError) as error:
            raise UserError(f"{where}: names no video_path in a class's folder, label and subset") from error
        if code not in SUBSETS:
            raise UserError(f"{where}: the subset of '{file}' is {code}, which is none of 0, 1 and 2")
        if said != label and not said.isdecimal():  # some mirrors number the classes
            raise UserError(f"{where}: '{file}' lies in the folder {label}, but its label is {said}")
        yield file, label, code, where


def _source(file: str, label: str, where: str) -> str:
    """What stands before the class and the codes for body, camera, people, view, quality and number."""
    codes = r"[fhlu]_(?:nm|cm)_np\d+_(?:fr|ba|le|ri)_(?:bad|med|goo)_\d+"
    found = re.fullmatch(rf"(.+)_{re.escape(label)}_{codes}\.avi", file)
    if found is None:
        raise UserError(f"{where}: '{file}' names no video of HMDB51's class {label}; fetch this list again")
    return found[1]
