"""Pieces of longer videos: their times as people write them, and a warning where they overlap."""

import re
from collections.abc import Iterable
from decimal import Decimal

from vidbench.errors import UserError
from vidbench.video import Video

SECONDS = re.compile(r"\d+(\.\d*)?|\.\d+")
CLOCK = re.compile(r"(?:(\d+):)?(\d+):(\d\d?(?:\.\d*)?)")
FORMATS = "write seconds (72.5), mm:ss.s (1:12.5) or hh:mm:ss.s"


def parse_seconds(text: str, comma: bool = False) -> float | None:
    """Return the seconds that a cell says; None for an empty one. `comma`: it may be the decimal sign.

    Raise ValueError, with the reason, for a text that is no time.

    >>> parse_seconds("1:12.5"), parse_seconds("1:02:03,25", comma=True)
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
    hours = clock[1]
    minutes = int(clock[2])
    rest = Decimal(clock[3])
    if rest >= 60 or (hours and minutes >= 60):
        raise ValueError(f"'{text}' has {'seconds' if rest >= 60 else 'minutes'} of 60 or more; {FORMATS}")
    return float(3600 * int(hours or 0) + 60 * minutes + rest)


def parse_interval(start: str, end: str, comma: bool = False) -> tuple[float | None, float | None]:
    """Return the first and last second of a piece, None for the file's own; ValueError as parse_seconds() raises it."""
    first = parse_seconds(start, comma) or None
    last = parse_seconds(end, comma)
    if last is not None and last <= (first or 0):
        raise ValueError(f"the piece ends at {_seconds_text(last)} s, but begins at {_seconds_text(first or 0)} s")
    return first, last


def _seconds_text(seconds: float) -> str:
    """Write seconds with all their digits and no more: two moments never look alike."""
    return repr(float(seconds)).removesuffix(".0")


def piece_name(path: str, start: float | None, end: float | None) -> str:
    """Return the name of a piece.

    >>> piece_name("long.mp4", 12.5, 20.0), piece_name("long.mp4", 12.5, None)
    ('long.mp4 12.5-20', 'long.mp4 12.5-end')
    """
    if start is end is None:
        return path
    return f"{path} {_seconds_text(start or 0)}-{'end' if end is None else _seconds_text(end)}"


def overlap_warnings(videos: Iterable[Video]) -> list[str]:
    """Return a warning where overlapping pieces of a file are in several groups, so that subsets may share frames."""
    files: dict[str, list[Video]] = {}
    for video in videos:
        files.setdefault(video.path, []).append(video)
    pairs = [pair for pieces in files.values() if len(pieces) > 1 for pair in _find_overlaps(pieces)]
    if not pairs:
        return []
    first, second = pairs[0]
    more = f", and {len(pairs) - 1} more" if len(pairs) > 1 else ""
    return [
        f"pieces of one file overlap, but are in several groups: '{first.id}' ({first.group}) and '{second.id}'"
        f" ({second.group}){more}: the same frames may be in training and test; give them one group"
    ]


def _find_overlaps(pieces: list[Video]) -> list[tuple[Video, Video]]:
    """Return each piece that overlaps a piece of another group that begins no later, together with that piece."""
    pairs: list[tuple[Video, Video]] = []
    last: dict[str, Video] = {}  # the piece of each group that ends last so far
    for piece in sorted(pieces, key=lambda video: video.start or 0.0):
        before = [other for group, other in last.items() if group != piece.group and _end(other) > (piece.start or 0)]
        pairs += [(before[0], piece)] if before else []
        if piece.group not in last or _end(piece) > _end(last[piece.group]):
            last[piece.group] = piece
    return pairs


def _end(video: Video) -> float:
    return float("inf") if video.end is None else video.end


def check_one_spelling(first: Video, second: Video, where: str) -> None:
    """Raise UserError for one file under two names; pieces of it may share one path, written alike."""
    if first.path == second.path and (first.is_piece or second.is_piece):
        return
    advice = "write its path alike in both" if first.is_piece or second.is_piece else "keep one of the two"
    raise UserError(f"{where}: '{first.id}' and '{second.id}' are the same file; {advice}")
