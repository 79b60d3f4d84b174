"""A manifest of all videos of a data set with the labels that models suggest, to look through, correct and use."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from vidbench.files import write_csv
from vidbench.video import PIECE_COLUMNS, Video

SUGGESTED = "suggested"  # no name of a column that the CSV data set would read


def write_corrected(path: Path, videos: Sequence[Video], suggestions: Mapping[str, str]) -> None:
    """Write path, label and group of each video, its piece and subsets where there are any, and the suggested label.

    The file can be the manifest of a data set of kind csv as it is, wherever it is copied to: paths are absolute. The
    column `suggested` is empty where the label is not suspicious.
    """
    more = max((len(video.more_subsets) for video in videos), default=0)
    subsets = ["subset", *(f"subset{number + 2}" for number in range(more))]
    if not any(video.subset or any(video.more_subsets) for video in videos):
        subsets = []
    pieces = PIECE_COLUMNS if any(video.is_piece for video in videos) else ()
    rows = [
        {
            "path": os.path.abspath(video.path), "label": video.label, SUGGESTED: suggestions.get(video.id, ""),
            "group": video.group, **{column: getattr(video, column) for column in pieces},
            **dict(zip(subsets, (video.subset, *video.more_subsets), strict=False)),
        }
        for video in videos
    ]  # fmt: skip
    write_csv(path, rows, ("path", "label", SUGGESTED, "group", *pieces, *subsets))
