"""The test videos whose activation maps are made, the same for all models: confident errors and right answers."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vidbench.errors import UserError
from vidbench.evaluation.predictions import Predictions
from vidbench.evaluation.tables import columns


@dataclass(frozen=True)
class Example:
    """A row of examples.csv: a test video as an error or as a right answer."""

    video: str
    label: str
    kind: str  # error or right
    models_wrong: int
    num_models: int
    confidence: float  # mean over models of the probability of what they decided for; 0 from one of the other kind


EXAMPLES = columns(Example)


def read_examples(paths: Sequence[Path], labels: dict[str, str]) -> list[Example]:
    """Read each test video twice: as an error and as a right answer, with confidence 0 where it is no such one."""
    tables = [Predictions.read(path) for path in paths]
    found = [table.probabilities("test") for table in tables]
    videos = found[0][0]
    for path, (others, _) in zip(paths, found, strict=True):
        if others != videos:
            raise UserError(f"{path}: holds other test videos than {paths[0]}; predict both with the same split")
    truth = np.array([tables[0].classes.index(labels[video]) for video in videos])
    probabilities = np.stack([table for _, table in found])  # (models, N, K)
    wrong = probabilities.argmax(axis=2) != truth  # (models, N)
    highest = probabilities.max(axis=2)
    rows = []
    for kind, counted in (("error", wrong), ("right", ~wrong)):
        confidence = np.where(counted, highest, 0).mean(axis=0).round(6)
        rows += [
            Example(video, labels[video], kind, int(wrong[:, place].sum()), len(paths), float(confidence[place]))
            for place, video in enumerate(videos)
        ]
    return rows


def select_examples(rows: list[Example], number: int) -> list[Example]:
    """`number` videos, half errors and half right ones, or more of one kind where there are too few of the other."""
    chosen: list[Example] = []
    for kind, wanted in (("error", (number + 1) // 2), ("right", number), ("error", number)):
        ranked = sorted(
            (row for row in rows if row.kind == kind and row.confidence > 0),
            key=lambda row: (-row.confidence, row.video),
        )
        while len(chosen) < wanted:
            seen, used = {row.video for row in chosen}, Counter(row.label for row in chosen)
            left = [row for row in ranked if row.video not in seen]
            if not left:
                break
            chosen.append(min(left, key=lambda row: used[row.label]))  # the first of those of the rarest class
    return chosen
