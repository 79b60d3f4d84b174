"""Pairs of videos that show the same recording: the tables that find_duplicates.py writes and other steps read."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from vidbench.errors import UserError
from vidbench.files import read_csv, write_csv


@dataclass(frozen=True)
class Pair:
    """Two videos that show the same recording, one row of duplicates.csv; video_a < video_b."""

    video_a: str
    video_b: str
    mirrored: bool  # one shows the other with left and right exchanged
    offset: float  # seconds by which b's content starts later than a's
    overlap: float  # seconds that both show
    similarity: float  # 0 to 1


COLUMNS = tuple(field.name for field in fields(Pair))
NOT_COMPARED_COLUMNS = ("video", "reason")
FLAT = "dark or of one color"  # reasons why a video is not compared
SHORT = "too short"
NO_FRAME = "no frame"


def write_pairs(path: Path | str, pairs: Iterable[Pair]) -> None:
    """Write duplicates.csv: most similar first, then by name; numbers with four decimals."""
    ordered = sorted(pairs, key=lambda pair: (-round(pair.similarity, 4), pair.video_a, pair.video_b))
    numbers = ("offset", "overlap", "similarity")
    # Adding 0.0 makes 0 of -0.
    rows = [asdict(pair) | {name: f"{round(getattr(pair, name), 4) + 0.0:.4f}" for name in numbers} for pair in ordered]
    write_csv(path, rows, COLUMNS)


def read_pairs(path: Path | str) -> list[Pair]:
    """Read the pairs of duplicates.csv in their order; UserError where it is no such file."""
    rows = read_csv(path)
    try:
        return [_parse_pair(row) for row in rows]
    except (KeyError, TypeError, ValueError) as error:
        reason = f"wants the columns {', '.join(COLUMNS)}: {error}"
        raise UserError(f"{path}: is no table of duplicates ({reason}); make it with find_duplicates.py") from error


def _parse_pair(row: dict[str, str]) -> Pair:
    if row["mirrored"] not in ("True", "False"):
        raise ValueError(f"mirrored is '{row['mirrored']}', neither True nor False")
    numbers = {name: float(row[name]) for name in ("offset", "overlap", "similarity")}
    return Pair(row["video_a"], row["video_b"], row["mirrored"] == "True", **numbers)


def write_not_compared(path: Path | str, reasons: Iterable[tuple[str, str]]) -> None:
    """Write not_compared.csv: the videos that could not be compared with others, and why, by name."""
    rows = [{"video": video, "reason": reason} for video, reason in sorted(reasons)]
    write_csv(path, rows, NOT_COMPARED_COLUMNS)


def read_not_compared(path: Path | str) -> dict[str, str]:
    """Read the reasons of not_compared.csv by video; UserError where it is no such file."""
    rows = read_csv(path)
    if any(set(row) != set(NOT_COMPARED_COLUMNS) for row in rows):
        raise UserError(f"{path}: wants the columns {', '.join(NOT_COMPARED_COLUMNS)}; make it with find_duplicates.py")
    return {row["video"]: row["reason"] for row in rows}


def clusters(pairs: Iterable[Pair]) -> list[set[str]]:
    """Return the sets of videos that pairs connect, directly or through others, ordered by their first names."""
    cluster_of: dict[str, set[str]] = {}
    for pair in pairs:
        joined = [cluster_of.setdefault(video, {video}) for video in (pair.video_a, pair.video_b)]
        smaller, larger = sorted(joined, key=len)
        if smaller is not larger:
            larger |= smaller
            cluster_of.update(dict.fromkeys(smaller, larger))
    return sorted({id(cluster): cluster for cluster in cluster_of.values()}.values(), key=min)
