"""What the workflow knows of a video before it has looked at it."""

from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

from vidbench.errors import UserError
from vidbench.files import read_csv

COLUMNS = ("video", "path", "label", "group", "subset")


@dataclass(frozen=True, slots=True)
class Video:
    """One row of videos.csv."""

    video: str  # unique within the data set
    path: str  # from the folder that Snakemake runs in
    label: str
    group: str  # videos of one group never stand in two subsets
    subset: str = ""  # official: train, val, test, or "" where there is none


def shard_of(video: str, shards: int) -> int:
    """Number of the shard that a video's frames go to; other videos do not change it."""
    return crc32(video.encode()) % shards


def read_videos(path: Path | str) -> list[Video]:
    """Read videos.csv."""
    rows = read_csv(path)
    if rows and not set(COLUMNS) <= rows[0].keys():
        raise UserError(f"{path}: lacks one of the columns {', '.join(COLUMNS)}")
    return [Video(**{column: row[column] for column in COLUMNS}) for row in rows]
