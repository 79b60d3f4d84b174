"""UCF101 (Soomro et al. 2012): 13,320 videos of 101 actions, three official splits."""

import re
from pathlib import Path

from vidbench.datasets.listing import Listing
from vidbench.datasets.official_lists import Listed, list_files, listing_of, place, read_lines, warn_of_sizes
from vidbench.errors import UserError
from vidbench.video import Video

SPLITS = 3
SIZES = ((9537, 3783), (9586, 3734), (9624, 3696))  # to train and to test, as published
NUM_VIDEOS, NUM_CLASSES = 13320, 101
# "ApplyEyeMakeup/v_ApplyEyeMakeup_g08_c01.avi 1"; the number, the class's, stands in training lists only.
LINE = re.compile(r"(?P<label>[^/ ]+)/(?P<video>v_[^/ ]+_(?P<group>g\d+)_c\d+)\.avi(?: \d+)?")


def videos(options: dict, folder: Path | str) -> list[Video]:
    """All listed videos, sorted."""
    return listing(options, folder).videos


def listing(options: dict, folder: Path | str) -> Listing:
    """All videos of the official lists; the 25 groups of a class share scene and people."""
    listed: dict[str, Listed] = {}
    for split in range(1, SPLITS + 1):
        for subset in ("train", "test"):
            (path,) = list_files(options, folder, f"{subset}list{split:02d}.txt")
            for number, line in read_lines(path):
                found = LINE.fullmatch(line)
                if found is None:
                    raise UserError(f"{path}, line {number}: '{line}' names no video of UCF101; fetch this list again")
                entry = Listed(f"{found['video']}.avi", found["label"], f"{found['label']}_{found['group']}", {})
                place(listed, found["video"], entry, split, subset, f"{path}, line {number}")
    warn_of_sizes(listed, SIZES)
    return listing_of(listed, SPLITS, options, folder)
