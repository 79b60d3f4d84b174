"""What the page says of the videos: the splits, what could not be decoded, what the doctor found."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from vidbench.files import read_csv
from vidbench.report.table import Cell, Column, Table, column, filled, numeral, text
from vidbench.video import Video

SUBSETS = {"train": "training", "val": "validation", "test": "test"}


def splits(folder: Path, names: list[str], videos: list[Video]) -> Table | None:
    """Return a row per split: videos, groups and classes of each subset."""
    by_name = {video.id: video for video in videos}
    columns: dict[str, list[Cell]] = {title: [] for title in SUBSETS.values()}
    for split in names:
        subset = {row["video"]: row["subset"] for row in read_csv(folder / "splits" / f"{split}.csv")}
        for key, title in SUBSETS.items():
            columns[title].append(_counts([by_name[video] for video, where in subset.items() if where == key]))
    split_column = (Column("split", "text"), [Cell(name) for name in names])
    subset_columns = [(Column(title, "text"), cells) for title, cells in columns.items()]
    return filled("splits", f"Splits of {folder.name}", [split_column, *subset_columns])


def _counts(members: list[Video]) -> Cell:
    groups, labels = (
        len({video.group for video in members}),
        len({label for video in members for label in video.labels}),
    )
    words = f"{len(members):,} videos, {groups:,} group{'s' if groups != 1 else ''}, {labels} classes"
    return Cell(words, float(len(members)))


@dataclass(frozen=True)
class Inspection:
    """How many videos there are, by class, and those that could not be decoded, or not to their end."""

    videos: int
    classes: list[tuple[str, int]]
    bad: int
    table: Table | None
    words: str


def inspection(folder: Path, videos: list[Video]) -> Inspection:
    """Read what inspect_videos.py found."""
    rows = read_csv(folder / "inspection.csv")
    bad = [row for row in rows if row["status"] != "ok"]
    counts = sorted(Counter(label for video in videos for label in video.labels).items())
    columns = [
        column(bad, "video", "video", text),
        column(bad, "status", "status", text),
        column(bad, "frames", "num_frames", numeral),
        column(bad, "ffmpeg says", "message", text),
    ]
    smallest, largest = min(counts, key=lambda item: item[1]), max(counts, key=lambda item: item[1])
    range_of = f"from {smallest[1]:,} ({smallest[0]}) to {largest[1]:,} ({largest[0]})"
    if smallest[1] == largest[1]:
        range_of = f"{smallest[1]:,}"
    counted = f"{len(rows):,} videos of {len(counts)} classes, {range_of} per class; "
    return Inspection(
        videos=len(rows),
        classes=counts,
        bad=len(bad),
        table=filled("unreadable", f"Videos of {folder.name} that could not be decoded", columns),
        words=counted + (f"{len(bad):,} could not be decoded." if bad else "all could be decoded."),
    )


def leaks(name: str, split: str, pairs: list[dict], most: int) -> Table | None:
    """Return the pairs of videos in two subsets of a split that show the same recording."""
    rows = [
        {
            "subsets": ", ".join(leak["subsets"]),
            "similarity": str(leak["similarity"]),
            "overlap": str(leak["overlap"]),
            "video": f"{leak['videos'][0]} ({leak['labels'][0]})",
            "same": f"{leak['videos'][1]} ({leak['labels'][1]}{', mirrored' if leak['mirrored'] else ''})",
        }
        for leak in pairs[:most]
    ]
    columns = [
        column(rows, "video", "video", text),
        column(rows, "same recording", "same", text),
        column(rows, "subsets", "subsets", text),
        column(rows, "similarity", "similarity"),
        column(rows, "shared (s)", "overlap"),
    ]
    notes = [f"The first {most} of {len(pairs)} pairs."] if len(pairs) > most else []
    return filled(f"leaks-{split}", f"Recordings in two subsets of {name}, {split}", columns, notes=notes)
