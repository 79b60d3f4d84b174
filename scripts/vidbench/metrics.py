"""Accuracies from predictions, with NumPy and scikit-learn; needs no torch.

A video that could not be decoded has no prediction. It counts as wrong: leaving it out, or putting
another one in its place, would make a model look better on a data set with more broken files.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vidbench.predictions import Predictions

TOP5_CLASSES = 6  # with five classes or fewer, top-5 is always 1
UNREADABLE = -1


@dataclass(frozen=True)
class Scored:
    """Truth and prediction of every video of a subset, unreadable ones included."""

    videos: list[str]  # N
    truth: np.ndarray  # (N,) class numbers
    ranked: np.ndarray  # (N, K) class numbers, most probable first; UNREADABLE throughout where there are none
    classes: list[str]  # K

    @property
    def predicted(self) -> np.ndarray:
        """(N,) most probable class, or UNREADABLE."""
        return self.ranked[:, 0]

    @property
    def correct(self) -> np.ndarray:
        """(N,) bool."""
        return self.predicted == self.truth


def scored(
    predictions: Predictions, subset: str, members: Sequence[str], labels: dict[str, str], condition: str = "normal"
) -> Scored:
    """Match predictions under a condition with the truth of `members`, all videos of a subset by the split."""
    number = {label: place for place, label in enumerate(predictions.classes)}
    videos, probabilities = predictions.probabilities(subset, condition)
    # A stable sort: equal probabilities keep the order of the classes on every machine.
    order = np.argsort(-probabilities, axis=1, kind="stable")
    row = {video: place for place, video in enumerate(videos)}
    ranked = np.full((len(members), len(number)), UNREADABLE)
    for place, video in enumerate(members):
        if video in row:
            ranked[place] = order[row[video]]
    truth = np.array([number[labels[video]] for video in members])
    return Scored(list(members), truth, ranked, predictions.classes)


def top_k(result: Scored, k: int) -> float:
    """Fraction of videos whose class is among the k most probable."""
    return float((result.ranked[:, :k] == result.truth[:, None]).any(axis=1).mean())


def confusion(result: Scored) -> np.ndarray:
    """(K, K + 1) counts: true class by predicted class; the last column counts unreadable videos."""
    classes = len(result.classes)
    table = np.zeros((classes, classes + 1), np.int64)
    np.add.at(table, (result.truth, result.predicted), 1)  # UNREADABLE = -1 is the last column
    return table


def summary(result: Scored) -> dict[str, object]:
    """The numbers of metrics.json."""
    table = confusion(result)
    present = table.sum(axis=1) > 0
    recall = np.diag(table)[present] / table.sum(axis=1)[present]
    per_class = dict(zip(np.array(result.classes)[present].tolist(), recall.tolist(), strict=True))
    return {
        "top1": top_k(result, 1),
        "top5": top_k(result, 5) if len(result.classes) >= TOP5_CLASSES else None,
        "mean_class_accuracy": float(recall.mean()),
        "num_videos": len(result.videos),
        "num_unreadable": int((result.predicted == UNREADABLE).sum()),
        "class_accuracy": per_class,
        "classes": result.classes,
        "confusion": table.tolist(),
    }
