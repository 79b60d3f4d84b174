"""Which validation videos a trial had right after each of its epochs, in a CSV file beside its weights.

The choice of a trial and of its epoch can then be repeated on other draws of the same videos (optimism.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vidbench.files import read_csv, write_csv

ANSWERS = "validation_answers.csv"
COLUMNS = ("video", "group", "right")


@dataclass(frozen=True)
class TrialAnswers:
    """The answers of one training to N validation videos after each of E epochs."""

    videos: tuple[str, ...]  # N
    groups: tuple[str, ...]  # N
    right: np.ndarray  # (E, N), bool


def write_answers(folder: Path, videos: Sequence[str], groups: Mapping[str, str], epochs: Sequence[str]) -> None:
    """Write one row per video, with a 1 or a 0 per epoch; `epochs`: packed bits in hex, `groups`: by video."""
    right = [np.unpackbits(np.frombuffer(bytes.fromhex(epoch), np.uint8), count=len(videos)) for epoch in epochs]
    rows = [
        {"video": video, "group": groups[video], "right": "".join(str(epoch[place]) for epoch in right)}
        for place, video in enumerate(videos)
    ]
    write_csv(folder / ANSWERS, rows, COLUMNS)


def read_answers(folder: Path) -> TrialAnswers | None:
    """Read what write_answers() wrote; None where it is not there, or of a training that has no epoch."""
    path = folder / ANSWERS
    rows = read_csv(path) if path.exists() else []
    if not rows or not rows[0]["right"]:
        return None
    right = np.array([[digit == "1" for digit in row["right"]] for row in rows], bool).reshape(len(rows), -1)
    return TrialAnswers(tuple(row["video"] for row in rows), tuple(row["group"] for row in rows), right.T)
