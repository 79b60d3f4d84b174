"""Right or wrong of each model's test videos, pooled over splits and seeds: what intervals and tests are made from."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from vidbench.datasets.video import Video
from vidbench.errors import UserError
from vidbench.files import read_csv
from vidbench.metrics import scored
from vidbench.predictions import Predictions
from vidbench.results import Run, in_order


@dataclass
class Pooled:
    """Right or wrong of one model's videos, pooled over splits: seed -> video -> results."""

    seeds: dict[int, dict[str, list[float]]] = field(default_factory=dict)

    def add(self, seed: int, videos: list[str], correct: np.ndarray) -> None:
        results = self.seeds.setdefault(seed, {})
        for video, value in zip(videos, correct.tolist(), strict=True):
            results.setdefault(video, []).append(value)

    def matrix(self, videos: list[str]) -> np.ndarray:
        """(S, N) mean over splits of each seed's result on each video."""
        return np.array([[np.mean(results[video]) for video in videos] for results in self.seeds.values()])


def pool(
    found: list[Run], videos: dict[str, Video], splits: list[Path], condition: str = "normal"
) -> tuple[dict[str, Pooled], list[str]]:
    """Results of every model over all splits under a condition, and the videos that were tested."""
    members = {
        path.stem: [row["video"] for row in read_csv(path) if row["subset"] == "test"] for path in splits
    }  # fmt: skip
    labels = {name: video.label for name, video in videos.items()}
    pooled: dict[str, Pooled] = {}
    for run in found:
        if run.split not in members:
            raise UserError(f"{run.folder}: its split '{run.split}' is not among --splits")
        predictions = Predictions.read(run.folder / "predictions.h5")
        result = scored(predictions, "test", members[run.split], labels, condition)
        pooled.setdefault(run.model, Pooled()).add(run.seed, result.videos, result.correct)
    return pooled, in_order([video for test in members.values() for video in test])
