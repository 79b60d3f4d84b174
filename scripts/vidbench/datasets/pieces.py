"""Pieces of longer videos: their times as people write them, and what becomes of those that overlap."""

import re
from collections.abc import Iterable
from decimal import Decimal

from vidbench.errors import UserError
from vidbench.video import Video

SECONDS = re.compile(r"\d+(\.\d*)?|\.\d+")
CLOCK = re.compile(r"(?:(\d+):)?(\d+):(\d\d?(?:\.\d*)?)")
FORMATS = "write seconds (72.5), mm:ss.s (1:12.5) or hh:mm:ss.s"


def seconds(text: str, comma: bool = False) -> float | None:
    """Seconds from the file's beginning of a cell; None for an empty one. `comma`: it may be the decimal sign.

    Raise ValueError, with the reason, for what is no time.

    >>> seconds("1:12.5"), seconds("1:02:03,25", comma=True)
    (72.5, 3723.25)
    """
    if not text:
        return None
    plain = text.replace(",", ".") if comma or ":" in text else text
    if SECONDS.fullmatch(plain):
        return float(plain)
    if plain.startswith("-"):
        raise ValueError(f"'{text}' is negative")
    clock = CLOCK.fullmatch(plain)
    if clock is None:
        raise ValueError(f"'{text}' is no time; {FORMATS}")
    hours, minutes, rest = clock[1], int(clock[2]), Decimal(clock[3])
    if rest >= 60 or (hours and minutes >= 60):
        raise ValueError(f"'{text}' has {'seconds' if rest >= 60 else 'minutes'} of 60 or more; {FORMATS}")
    return float(3600 * int(hours or 0) + 60 * minutes + rest)


def interval(start: str, end: str, comma: bool = False) -> tuple[float | None, float | None]:
    """Beginning and end of a piece; None for the file's own, also for a beginning at 0. ValueError as in `seconds`."""
    first, last = seconds(start, comma) or None, seconds(end, comma)
    if last is not None and last <= (first or 0):
        raise ValueError(f"the piece ends at {shown(last)} s, but begins at {shown(first or 0)} s")
    return first, last


def shown(moment: float) -> str:
    """Seconds with all their digits and no more: two moments never look alike."""
    return repr(float(moment)).removesuffix(".0")


def name_of(path: str, start: float | None, end: float | None) -> str:
    """The name of a piece.

    >>> name_of("long.mp4", 12.5, 20.0), name_of("long.mp4", 12.5, None)
    ('long.mp4 12.5-20', 'long.mp4 12.5-end')
    """
    if start is end is None:
        return path
    return f"{path} {shown(start or 0)}-{'end' if end is None else shown(end)}"


def overlap_warnings(videos: Iterable[Video]) -> list[str]:
    """A warning where pieces of a file that overlap are in several groups: the same frames may be in two subsets."""
    files: dict[str, list[Video]] = {}
    for video in videos:
        files.setdefault(video.path, []).append(video)
    parted = [pair for pieces in files.values() if len(pieces) > 1 for pair in _parted(pieces)]
    if not parted:
        return []
    first, second = parted[0]
    more = f", and {len(parted) - 1} more" if len(parted) > 1 else ""
    return [
        f"pieces of one file overlap, but are in several groups: '{first.video}' ({first.group}) and '{second.video}'"
        f" ({second.group}){more}: the same frames may be in training and test; give them one group"
    ]


def _parted(pieces: list[Video]) -> list[tuple[Video, Video]]:
    """Each piece that overlaps one of another group that begins no later, with that one."""
    found: list[tuple[Video, Video]] = []
    last: dict[str, Video] = {}  # of each group the piece that ends last so far
    for piece in sorted(pieces, key=lambda video: video.start or 0.0):
        others = [other for group, other in last.items() if group != piece.group and _end(other) > (piece.start or 0)]
        found += [(others[0], piece)] if others else []
        if piece.group not in last or _end(piece) > _end(last[piece.group]):
            last[piece.group] = piece
    return found


def _end(video: Video) -> float:
    return float("inf") if video.end is None else video.end


def check_one_spelling(first: Video, second: Video, where: str) -> None:
    """Raise UserError for one file under two names; pieces of it are in order where it is written alike."""
    if first.path == second.path and (first.is_piece or second.is_piece):
        return
    what = "write its path alike in both" if first.is_piece or second.is_piece else "keep one of the two"
    raise UserError(f"{where}: '{first.video}' and '{second.video}' are the same file; {what}")
