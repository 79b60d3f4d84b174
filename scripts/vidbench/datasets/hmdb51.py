"""HMDB51 (Kuehne et al. 2011): 6,766 videos of 51 actions, three official splits that each use 5,100 of them."""

import re
from pathlib import Path

from vidbench.datasets.listing import Listing
from vidbench.datasets.published import Listed, list_files, listing_of, place, read_lines, warn_of_sizes
from vidbench.datasets.video import Video
from vidbench.errors import UserError

SPLITS = 3
SIZES = ((3570, 1530),) * 3  # to train and to test, as published
NUM_VIDEOS, NUM_CLASSES = 6766, 51
SUBSETS = {"0": "", "1": "train", "2": "test"}


def videos(options: dict, folder: Path | str) -> list[Video]:
    """All listed videos, sorted."""
    return listing(options, folder).videos


def listing(options: dict, folder: Path | str) -> Listing:
    """All videos of the official lists; a group is what was cut from one source, e.g. one film, whatever its class."""
    listed: dict[str, Listed] = {}
    for split in range(1, SPLITS + 1):
        ending = f"_test_split{split}.txt"
        for path in list_files(options, folder, f"*{ending}"):
            label = path.name.removesuffix(ending)
            for number, line in read_lines(path):
                where = f"{path}, line {number}"
                file, _, code = line.rpartition(" ")
                if code not in SUBSETS:
                    raise UserError(f"{where}: '{line}' ends with none of 0, 1 and 2; fetch this list again")
                entry = Listed(file, label, _source(file, label, where), {})
                place(listed, file.removesuffix(".avi"), entry, split, SUBSETS[code], where)
    warn_of_sizes(listed, SIZES)
    return listing_of(listed, SPLITS, options, folder)


def _source(file: str, label: str, where: str) -> str:
    """What stands before the class and the codes for body, camera, people, view, quality and number."""
    codes = r"[fhlu]_(?:nm|cm)_np\d+_(?:fr|ba|le|ri)_(?:bad|med|goo)_\d+"
    found = re.fullmatch(rf"(.+)_{re.escape(label)}_{codes}\.avi", file)
    if found is None:
        raise UserError(f"{where}: '{file}' names no video of HMDB51's class {label}; fetch this list again")
    return found[1]
