"""UCF101 (Soomro et al. 2012): 13,320 videos of 101 actions, three official splits."""

import re
from pathlib import Path

from vidbench.datasets.listing import Listing
from vidbench.datasets.official_lists import Entry, assign_subset, find_lists, make_listing, read_lines, warn_of_sizes
from vidbench.errors import UserError
from vidbench.video import Video

SPLITS = 3
SIZES = ((9537, 3783), (9586, 3734), (9624, 3696))  # published numbers of videos to train and to test
NUM_VIDEOS, NUM_CLASSES = 13320, 101
# "ApplyEyeMakeup/v_ApplyEyeMakeup_g08_c01.avi 1"; only training lists have the number, the class's.
LINE = re.compile(r"(?P<label>[^/ ]+)/(?P<video>v_[^/ ]+_(?P<group>g\d+)_c\d+)\.avi(?: \d+)?")


def videos(options: dict, folder: Path | str) -> list[Video]:
    """Return all listed videos, sorted."""
    return listing(options, folder).videos


def listing(options: dict, folder: Path | str) -> Listing:
    """Return the videos of the official lists; the videos of each of a class's 25 groups share scene and people."""
    entries: dict[str, Entry] = {}
    for split in range(1, SPLITS + 1):
        for subset in ("train", "test"):
            (path,) = find_lists(options, folder, f"{subset}list{split:02d}.txt")
            for number, line in read_lines(path):
                match = LINE.fullmatch(line)
                if match is None:
                    raise UserError(f"{path}, line {number}: '{line}' names no video of UCF101; fetch this list again")
                entry = Entry(f"{match['video']}.avi", match["label"], f"{match['label']}_{match['group']}", {})
                assign_subset(entries, match["video"], entry, split, subset, f"{path}, line {number}")
    warn_of_sizes(entries, SIZES)
    return make_listing(entries, SPLITS, options, folder)
