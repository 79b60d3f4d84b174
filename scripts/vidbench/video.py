"""A video as videos.csv lists it, before it has been decoded."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import count, takewhile
from pathlib import Path
from zlib import crc32

from vidbench.errors import UserError
from vidbench.files import read_csv, write_csv

COLUMNS = ("video", "path", "label", "group", "subset")
PIECE_COLUMNS = ("start", "end")  # only if some video is a piece of a longer file
MULTI_COLUMN = "labels"  # only where a video may have several labels; each row then says MULTI
MULTI = "multi"
SEPARATOR = ";"  # between the labels of a video


@dataclass(frozen=True, slots=True)
class Video:
    """One row of videos.csv."""

    id: str  # unique within the data set; the column `video`
    path: str  # from the folder that Snakemake runs in; a file, or a folder of images
    label: str
    group: str  # videos of one group are never in two subsets
    subset: str = ""  # the official one in split1: train, val, test, or "" if it has none
    more_subsets: tuple[str, ...] = ()  # those of split2, split3 ...
    start: float | None = None  # of a piece of a longer file: seconds from its beginning; None: the beginning
    end: float | None = None  # of a piece: seconds to the first moment after it; None: the file's end
    multi: bool = False  # whether `label` may hold several labels, sorted, with SEPARATOR between them

    @property
    def labels(self) -> tuple[str, ...]:
        """Return all its labels: one, unless the data set is of several labels per video."""
        return tuple(self.label.split(SEPARATOR)) if self.multi else (self.label,)

    @property
    def is_piece(self) -> bool:
        """Return whether the video is a piece of a longer file."""
        return self.start is not None or self.end is not None

    def official(self, split: int) -> str:
        """Return the official subset in a split; splits count from 1."""
        return (self.subset, *self.more_subsets)[split - 1]


def shard_of(video_id: str, shards: int) -> int:
    """Return the number of the shard that stores a video's frames; it does not depend on other videos."""
    return crc32(video_id.encode()) % shards


def further_subset_columns(columns: Iterable[str]) -> list[str]:
    """Return which of subset2, subset3 ... are among `columns`, up to the first gap."""
    present = set(columns)
    names = (f"subset{number}" for number in count(2))
    return list(takewhile(present.__contains__, names))


def write_videos(path: Path | str, videos: list[Video]) -> None:
    """Write videos.csv: COLUMNS, and if any video has them, PIECE_COLUMNS, subset2, subset3 ... and MULTI_COLUMN."""
    more = [f"subset{number + 2}" for number in range(max((len(video.more_subsets) for video in videos), default=0))]
    pieces = PIECE_COLUMNS if any(video.is_piece for video in videos) else ()
    multi = [MULTI_COLUMN] if any(video.multi for video in videos) else []
    rows = []
    for video in videos:
        values = {column: getattr(video, column) for column in (*COLUMNS[1:], *pieces)}  # csv writes floats in full
        values |= dict.fromkeys(multi, MULTI)
        rows.append({"video": video.id, **values, **dict(zip(more, video.more_subsets, strict=True))})
    write_csv(path, rows, (*COLUMNS, *pieces, *more, *multi))


def read_videos(path: Path | str) -> list[Video]:
    """Read videos.csv; UserError if it lacks a column."""
    rows = read_csv(path)
    if rows and not set(COLUMNS) <= rows[0].keys():
        raise UserError(f"{path}: lacks one of the columns {', '.join(COLUMNS)}")
    more = further_subset_columns(rows[0]) if rows else []
    return [
        Video(
            row["video"],
            row["path"],
            row["label"],
            row["group"],
            row["subset"],
            tuple(row[column] for column in more),
            *(float(row[column]) if row.get(column) else None for column in PIECE_COLUMNS),
            multi=row.get(MULTI_COLUMN) == MULTI,
        )
        for row in rows
    ]


def lost_classes(labels: Mapping[str, str | tuple[str, ...]], decoded: Collection[str]) -> list[str]:
    """Return the classes of which no video could be decoded; `labels`: the class of each video, or its labels."""
    of_video = {video: (label,) if isinstance(label, str) else label for video, label in labels.items()}
    decoded_classes = {label for video, names in of_video.items() if video in decoded for label in names}
    return sorted({label for names in of_video.values() for label in names} - decoded_classes)
