"""The test videos whose activation maps are made, the same for all models: confident errors and right answers."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from vidbench.errors import UserError
from vidbench.evaluation.predictions import Predictions


@dataclass(frozen=True)
class Example:
    """A row of examples.csv: a test video as an error or as a right answer."""

    video: str
    label: str
    kind: str  # error or right
    models_wrong: int
    num_models: int
    confidence: float  # mean over models of the probability of what they decided for; 0 from one of the other kind


EXAMPLES = tuple(field.name for field in fields(Example))


def read_examples(paths: Sequence[Path], labels: dict[str, str]) -> list[Example]:
    """Read each test video twice: as an error and as a right answer, with confidence 0 where it is no such one."""
    tables = [Predictions.read(path) for path in paths]
    answers = [table.probabilities("test") for table in tables]
    videos = answers[0][0]
    for path, (names, _) in zip(paths, answers, strict=True):
        if names != videos:
            raise UserError(f"{path}: holds other test videos than {paths[0]}; predict both with the same split")
    truth = np.array([tables[0].classes.index(labels[video]) for video in videos])
    probabilities = np.stack([probability for _, probability in answers])  # (models, N, K)
    wrong = probabilities.argmax(axis=2) != truth  # (models, N)
    highest = probabilities.max(axis=2)
    rows = []
    for kind, is_kind in (("error", wrong), ("right", ~wrong)):
        confidence = np.where(is_kind, highest, 0).mean(axis=0).round(6)
        rows += [
            Example(video, labels[video], kind, int(wrong[:, index].sum()), len(paths), float(confidence[index]))
            for index, video in enumerate(videos)
        ]
    return rows


def select_examples(rows: list[Example], number: int) -> list[Example]:
    """Select `number` videos: half errors and half right answers, or more of one kind where the other has too few."""
    selected: list[Example] = []
    for kind, target in (("error", (number + 1) // 2), ("right", number), ("error", number)):
        ranked = sorted(
            (row for row in rows if row.kind == kind and row.confidence > 0),
            key=lambda row: (-row.confidence, row.video),
        )
        while len(selected) < target:
            videos = {row.video for row in selected}
            labels = Counter(row.label for row in selected)
            remaining = [row for row in ranked if row.video not in videos]
            if not remaining:
                break
            # The most confident one of a class that has been selected least often.
            selected.append(min(remaining, key=lambda row: labels[row.label]))
    return selected
