"""Kinetics-400 (Kay et al. 2017): clips of ten seconds from 400 actions; the official validation list is the test."""

from collections import Counter
from pathlib import Path

from vidbench.datasets.listing import Listing
from vidbench.datasets.official_lists import Entry, assign_subset, find_lists, make_listing, warn_of_sizes
from vidbench.errors import UserError
from vidbench.files import read_csv
from vidbench.video import Video

SPLITS = 1
SIZES = ((246534, 19906),)  # published numbers of videos to train and to test
NUM_VIDEOS, NUM_CLASSES = 266440, 400
LISTS = {"train": "train.csv", "test": "val.csv"}  # the labels of the official test list were withheld
COLUMNS = ("label", "youtube_id", "time_start", "time_end")


def videos(options: dict, folder: Path | str) -> list[Video]:
    """Return all listed videos, sorted."""
    return listing(options, folder).videos


def listing(options: dict, folder: Path | str) -> Listing:
    """Return the videos of the official training and validation lists; clips of one YouTube video are a group."""
    entries: dict[str, Entry] = {}
    for subset, name in LISTS.items():
        (path,) = find_lists(options, folder, name)
        for number, row in enumerate(read_csv(path), start=2):
            where = f"{path}, line {number}"
            try:
                label, youtube, start, end = (row[column] for column in COLUMNS)
                video = f"{youtube}_{int(start):06d}_{int(end):06d}"
            except (KeyError, ValueError, TypeError) as error:
                raise UserError(f"{where}: needs {', '.join(COLUMNS)}; fetch this list again") from error
            assign_subset(entries, video, Entry(f"{video}.mp4", label, youtube, {}), 1, subset, where)
    warn_of_sizes(entries, SIZES)
    clips = Counter(entry.group for entry in entries.values())
    for entry in entries.values():
        entry.short = entry.group if clips[entry.group] == 1 else ""
    return make_listing(entries, SPLITS, options, folder)
