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
NO_PREDICTION = -1  # in place of a class number


@dataclass(frozen=True)
class SubsetResult:
    """Truth and prediction of every video of a subset, undecodable ones included unless they are left out."""

    videos: list[str]  # N
    truth: np.ndarray  # (N,) class numbers
    ranked_classes: (
        np.ndarray
    )  # (N, K) class numbers, most probable first; NO_PREDICTION throughout where there are none
    classes: list[str]  # K
    log_probabilities: np.ndarray  # (N, K); NaN throughout where there are none
    undecodable: list[str]  # videos that could not be decoded, named also where they are left out

    @property
    def predicted(self) -> np.ndarray:
        """Most probable class (N,), or NO_PREDICTION."""
        return self.ranked_classes[:, 0]

    @property
    def correct(self) -> np.ndarray:
        """Mask (N,) of the videos whose predicted class is the true one."""
        return self.predicted == self.truth

    @property
    def probabilities(self) -> np.ndarray:
        """Probabilities (N, K), rounded: values that differ only by the order of additions become ties."""
        return np.round(np.exp(self.log_probabilities), 12)

    @property
    def has_probabilities(self) -> np.ndarray:
        """Mask (N,) of the videos that were decoded and have finite logits."""
        return self.predicted != NO_PREDICTION


def evaluate_subset(
    predictions: Predictions,
    subset: str,
    members: Sequence[str],
    labels: dict[str, str],
    condition: str = NORMAL,
    *,
    views: Sequence[int] | None = None,
    unreadable: str = "wrong",
) -> SubsetResult:
    """Compare predictions under a condition with the truth of `members`, the split's videos of a subset.

    `unreadable`: "wrong" keeps videos without a prediction and counts them as wrong, "leave_out" drops them.
    NaN or infinite logits are wrong in either case, because the model itself produced them.
    """
    number = {label: index for index, label in enumerate(predictions.classes)}
    videos, probabilities = predictions.probabilities(subset, condition, views)
    _, logarithms = predictions.log_probabilities(subset, condition, views)
    # A stable sort: equal probabilities keep the order of the classes on every machine.
    order = np.argsort(-probabilities, axis=1, kind="stable")
    order[np.isnan(probabilities).any(axis=1)] = NO_PREDICTION
    row = {video: index for index, video in enumerate(videos)}
    counted = [video for video in members if video in row or unreadable == "wrong"]
    ranked_classes = np.full((len(counted), len(number)), NO_PREDICTION)
    log_probabilities = np.full((len(counted), len(number)), np.nan)
    indices = [index for index, video in enumerate(counted) if video in row]
    rows = [row[counted[index]] for index in indices]
    ranked_classes[indices] = order[rows]
    log_probabilities[indices] = logarithms[rows]
    truth = np.array([number[labels[video]] for video in counted], int)
    undecodable = [video for video in members if video not in row]
    return SubsetResult(counted, truth, ranked_classes, predictions.classes, log_probabilities, undecodable)


def join(parts: Sequence[SubsetResult]) -> SubsetResult:
    """Concatenate the results of several splits; UserError where their classes differ."""
    if any(part.classes != parts[0].classes for part in parts):
        raise UserError("predictions: splits of one data set have other classes; predict them again")
    arrays = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in ("truth", "ranked_classes", "log_probabilities")
    }
    return SubsetResult(
        videos=[video for part in parts for video in part.videos],
        classes=parts[0].classes,
        undecodable=list(dict.fromkeys(video for part in parts for video in part.undecodable)),
        **arrays,
    )


def top_k(result: SubsetResult, k: int) -> float:
    """Return the fraction of videos whose class is among the k most probable."""
    return float(in_top_k(result, k).mean())


def in_top_k(result: SubsetResult, k: int) -> np.ndarray:
    """Return a mask (N,) of the videos whose class is among the k most probable."""
    return (result.ranked_classes[:, :k] == result.truth[:, None]).any(axis=1)


def confusion(result: SubsetResult) -> np.ndarray:
    """Count videos by true class and predicted class, (K, K + 1); the last column: videos without a prediction."""
    classes = len(result.classes)
    table = np.zeros((classes, classes + 1), np.int64)
    np.add.at(table, (result.truth, result.predicted), 1)  # NO_PREDICTION = -1 is the last column
    return table


def log_losses(log_probabilities: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Return -log p of the true class (N,), in nats, at most -log MIN_PROBABILITY; NaN without probabilities."""
    return -np.maximum(log_probabilities[np.arange(len(truth)), truth], np.log(MIN_PROBABILITY))


def brier_scores(log_probabilities: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Return the sum over classes of (p - y)^2 (N,), from 0 to 2; NaN without probabilities."""
    p = np.exp(log_probabilities)
    p_truth = p[np.arange(len(truth)), truth]
    return (p**2).sum(axis=1) - 2 * p_truth + 1  # y is 1 for the true class alone


def accuracy_summary(result: SubsetResult) -> dict[str, object]:
    """Return the accuracies of metrics.json. Classes without a test video are in no mean over classes."""
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
        "num_unreadable": len(result.undecodable),
        "num_scored": len(result.videos) - without,
        "class_accuracy": per_class,
        "classes": result.classes,
        "confusion": table.tolist(),
    }
