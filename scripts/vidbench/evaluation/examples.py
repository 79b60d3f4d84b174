"""The test videos whose activation maps are made, the same for all models: confident errors and right answers."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from vidbench.errors import UserError
from vidbench.evaluation.predictions import Predictions

EXAMPLES = ("video", "label", "kind", "models_wrong", "num_models", "confidence")


def candidates(paths: Sequence[Path], labels: dict[str, str]) -> list[dict[str, object]]:
    """Two rows a test video, one as an error and one as a right answer, with its confidence: 0 where it is none."""
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
            {"video": video, "label": labels[video], "kind": kind, "models_wrong": int(wrong[:, place].sum()),
             "num_models": len(paths), "confidence": float(confidence[place])}
            for place, video in enumerate(videos)
        ]  # fmt: skip
    return rows


def choose(rows: list[dict[str, object]], number: int) -> list[dict[str, object]]:
    """`number` videos, half errors and half right ones, or more of one kind where there are too few of the other."""
    chosen: list[dict[str, object]] = []
    for kind, wanted in (("error", (number + 1) // 2), ("right", number), ("error", number)):
        ranked = sorted(
            (row for row in rows if row["kind"] == kind and row["confidence"] > 0),
            key=lambda row: (-row["confidence"], row["video"]),
        )
        while len(chosen) < wanted:
            seen, used = {row["video"] for row in chosen}, Counter(row["label"] for row in chosen)
            left = [row for row in ranked if row["video"] not in seen]
            if not left:
                break
            chosen.append(min(left, key=lambda row: used[row["label"]]))  # the first of those of the rarest class
    return chosen
