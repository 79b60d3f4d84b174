"""The ladder of test-time views: the same logits scored with fewer clips and crops per video."""

import re
from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

from vidbench.errors import UserError

VIEW = re.compile(r"clip(\d+)(?: crop(\d+))?")


class Rung(NamedTuple):
    """A number of clips and crops, and the views that are averaged."""

    clips: int
    crops: int
    views: list[int]


def count_views(names: Sequence[str]) -> tuple[int, int]:
    """Return the clips and crops of the views of predictions.h5, from their names: view = clip * crops + crop."""
    matches = [match for name in names if (match := VIEW.fullmatch(name))]
    if not names or len(matches) < len(names):
        raise UserError(f"predictions: views are called {', '.join(names)}, not clip0, clip1 ... or clip0 crop0 ...")
    clips, crops = (1 + max(int(match[part] or 0) for match in matches) for part in (1, 2))
    if clips * crops != len(names):
        raise UserError(f"predictions: {len(names)} views are not {clips} clips times {crops} crops")
    return clips, crops


def spread_evenly(count: int, of: int) -> list[int]:
    """Return the numbers of `count` of `of` clips or crops: those in the middles of equal parts."""
    return [int((index + 0.5) * of / count) for index in range(count)]


def steps(clips: int, crops: int) -> list[tuple[int, int]]:
    """Return (clips, crops) of each step: 1, 2, 4 ... and all clips, with one crop (of an odd number) and with all.

    >>> steps(5, 3)
    [(1, 1), (2, 1), (4, 1), (5, 1), (1, 3), (2, 3), (4, 3), (5, 3)]
    """
    clip_counts = sorted({clips, *(2**power for power in range(clips.bit_length()) if 2**power <= clips)})
    crop_counts = sorted({1, crops} if crops % 2 else {crops})
    return [(num_clips, num_crops) for num_crops in crop_counts for num_clips in clip_counts]


def rungs(names: Sequence[str]) -> list[Rung]:
    """Return the steps of these views, with the views of each: a single crop is the middle one."""
    clips, crops = count_views(names)
    ladder = []
    for num_clips, num_crops in steps(clips, crops):
        pairs = product(spread_evenly(num_clips, clips), spread_evenly(num_crops, crops))
        ladder.append(Rung(num_clips, num_crops, [clip * crops + crop for clip, crop in pairs]))
    return ladder
