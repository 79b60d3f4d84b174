"""Accuracies and losses from predictions, with NumPy; needs no torch.

A video that could not be decoded has no prediction. It counts as wrong: leaving it out, or putting
another one in its place, would make a model look better on a data set with more broken files.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vidbench.clips.frame_orders import NORMAL
from vidbench.errors import UserError
from vidbench.evaluation.log_loss import MIN_PROBABILITY
from vidbench.evaluation.predictions import Predictions

TOP5_CLASSES = 6  # with five classes or fewer, top-5 is always 1
UNREADABLE = -1


@dataclass(frozen=True)
class Scored:
    """Truth and prediction of every video of a subset, unreadable ones included unless they are left out."""

    videos: list[str]  # N
    truth: np.ndarray  # (N,) class numbers
    ranked: np.ndarray  # (N, K) class numbers, most probable first; UNREADABLE throughout where there are none
    classes: list[str]  # K
    log_probabilities: np.ndarray  # (N, K); NaN throughout where there are none
    unreadable: list[str]  # videos that could not be decoded, named also where they are left out

    @property
    def predicted(self) -> np.ndarray:
        """(N,) most probable class, or UNREADABLE."""
        return self.ranked[:, 0]

    @property
    def correct(self) -> np.ndarray:
        """(N,) bool."""
        return self.predicted == self.truth

    @property
    def probabilities(self) -> np.ndarray:
        """(N, K), rounded so far that values which differ by the order of additions alone are ties."""
        return np.round(np.exp(self.log_probabilities), 12)

    @property
    def has_probabilities(self) -> np.ndarray:
        """(N,) bool: decoded, and with logits that are numbers."""
        return self.predicted != UNREADABLE


def scored(
    predictions: Predictions,
    subset: str,
    members: Sequence[str],
    labels: dict[str, str],
    condition: str = NORMAL,
    *,
    views: Sequence[int] | None = None,
    unreadable: str = "wrong",
) -> Scored:
    """Match predictions under a condition with the truth of `members`, all videos of a subset by the split.

    `unreadable`: "wrong" keeps videos without a prediction and counts them as wrong, "leave_out" drops them.
    Logits that are no numbers are wrong in either case: they are the model's own doing.
    """
    number = {label: place for place, label in enumerate(predictions.classes)}
    videos, probabilities = predictions.probabilities(subset, condition, views)
    _, logarithms = predictions.log_probabilities(subset, condition, views)
    # A stable sort: equal probabilities keep the order of the classes on every machine.
    order = np.argsort(-probabilities, axis=1, kind="stable")
    order[np.isnan(probabilities).any(axis=1)] = UNREADABLE
    row = {video: place for place, video in enumerate(videos)}
    kept = [video for video in members if video in row or unreadable == "wrong"]
    ranked = np.full((len(kept), len(number)), UNREADABLE)
    log_probabilities = np.full((len(kept), len(number)), np.nan)
    places = [place for place, video in enumerate(kept) if video in row]
    rows = [row[kept[place]] for place in places]
    ranked[places], log_probabilities[places] = order[rows], logarithms[rows]
    truth = np.array([number[labels[video]] for video in kept], int)
    missing = [video for video in members if video not in row]
    return Scored(kept, truth, ranked, predictions.classes, log_probabilities, missing)


def join(parts: Sequence[Scored]) -> Scored:
    """The results of several splits, one after another; UserError where these have other classes."""
    if any(part.classes != parts[0].classes for part in parts):
        raise UserError("predictions: splits of one data set have other classes; predict them again")
    arrays = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in ("truth", "ranked", "log_probabilities")
    }
    videos, unreadable = ([video for part in parts for video in getattr(part, key)] for key in ("videos", "unreadable"))
    return Scored(videos=videos, classes=parts[0].classes, unreadable=list(dict.fromkeys(unreadable)), **arrays)


def top_k(result: Scored, k: int) -> float:
    """Fraction of videos whose class is among the k most probable."""
    return float(in_top_k(result, k).mean())


def in_top_k(result: Scored, k: int) -> np.ndarray:
    """(N,) bool: whether a video's class is among the k most probable."""
    return (result.ranked[:, :k] == result.truth[:, None]).any(axis=1)


def confusion(result: Scored) -> np.ndarray:
    """(K, K + 1) counts: true class by predicted class; the last column counts videos without a prediction."""
    classes = len(result.classes)
    table = np.zeros((classes, classes + 1), np.int64)
    np.add.at(table, (result.truth, result.predicted), 1)  # UNREADABLE = -1 is the last column
    return table


def log_losses(log_probabilities: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """(N,) -log p of the true class, in nats, at most -log MIN_PROBABILITY; NaN where there are no probabilities."""
    return -np.maximum(log_probabilities[np.arange(len(truth)), truth], np.log(MIN_PROBABILITY))


def brier_scores(log_probabilities: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """(N,) sum over classes of (p - y)^2, from 0 to 2; NaN where there are no probabilities."""
    p = np.exp(log_probabilities)
    of_truth = p[np.arange(len(truth)), truth]
    return (p**2).sum(axis=1) - 2 * of_truth + 1


def summary(result: Scored) -> dict[str, object]:
    """The accuracies of metrics.json. Classes without a test video are in no mean over classes."""
    table = confusion(result)
    present = table.sum(axis=1) > 0
    recall = np.diag(table)[present] / table.sum(axis=1)[present]
    per_class = dict(zip(np.array(result.classes)[present].tolist(), recall.tolist(), strict=True))
    without = int((~result.has_probabilities).sum())
    return {
        "top1": top_k(result, 1),
        "top5": top_k(result, 5) if len(result.classes) >= TOP5_CLASSES else None,
        "mean_class_accuracy": float(recall.mean()),
        "num_videos": len(result.videos),
        "num_unreadable": len(result.unreadable),
        "num_scored": len(result.videos) - without,
        "class_accuracy": per_class,
        "classes": result.classes,
        "confusion": table.tolist(),
    }
