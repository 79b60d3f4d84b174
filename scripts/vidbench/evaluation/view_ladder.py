"""The protocol ladder: the same logits scored with fewer clips and crops of each video."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from vidbench.errors import UserError

VIEW = re.compile(r"clip(\d+)(?: crop(\d+))?")


class Rung(NamedTuple):
    """A protocol, and the views that it averages."""

    clips: int
    crops: int
    views: list[int]


def shape(names: Sequence[str]) -> tuple[int, int]:
    """Clips and crops of the views of predictions.h5, from their names: view = clip * crops + crop."""
    matches = [match for name in names if (match := VIEW.fullmatch(name))]
    if not names or len(matches) < len(names):
        raise UserError(f"predictions: views are called {', '.join(names)}, not clip0, clip1 ... or clip0 crop0 ...")
    clips, crops = (1 + max(int(match[part] or 0) for match in matches) for part in (1, 2))
    if clips * crops != len(names):
        raise UserError(f"predictions: {len(names)} views are not {clips} clips times {crops} crops")
    return clips, crops


def spread(count: int, of: int) -> list[int]:
    """`count` of `of` clips, in the middles of equal parts of the video."""
    return [int((place + 0.5) * of / count) for place in range(count)]


def steps(clips: int, crops: int) -> list[tuple[int, int]]:
    """(clips, crops) of each step: 1, 2, 4 ... and all clips, of an odd number of crops with one, and with all."""
    counts = sorted({clips, *(2**power for power in range(clips.bit_length()) if 2**power <= clips)})
    return [(count, some) for some in sorted({1, crops} if crops % 2 else {crops}) for count in counts]


def rungs(names: Sequence[str]) -> list[Rung]:
    """The steps of these views, with the views of each: one crop is the middle one."""
    clips, crops = shape(names)
    return [
        Rung(count, some, [clip * crops + crop for clip in spread(count, clips) for crop in spread(some, crops)])
        for count, some in steps(clips, crops)
    ]
