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
    matches = [VIEW.fullmatch(name) for name in names]
    if not names or None in matches:
        raise UserError(f"predictions: views are called {', '.join(names)}, not clip0, clip1 ... or clip0 crop0 ...")
    clips, crops = (1 + max(int(match[part] or 0) for match in matches) for part in (1, 2))
    if clips * crops != len(names):
        raise UserError(f"predictions: {len(names)} views are not {clips} clips times {crops} crops")
    return clips, crops


def spread(count: int, of: int) -> list[int]:
    """`count` of `of` clips, in the middles of equal parts of the video."""
    return [int((place + 0.5) * of / count) for place in range(count)]


def rungs(names: Sequence[str]) -> list[Rung]:
    """1, 2, 4 ... and all clips, each with all crops and, of an odd number, with the middle one alone."""
    clips, crops = shape(names)
    counts = sorted({clips, *(2**power for power in range(clips.bit_length()) if 2**power <= clips)})
    chosen = [[crops // 2]] if crops % 2 and crops > 1 else []
    chosen.append(list(range(crops)))
    return [
        Rung(count, len(some), [clip * crops + crop for clip in spread(count, clips) for crop in some])
        for some in chosen
        for count in counts
    ]
