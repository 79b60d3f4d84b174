"""Truth and probabilities of videos that may have several labels each: what their scores are computed from.

Every label is a question of its own. A probability is the mean over views of the sigmoid of its logit. A video that
could not be decoded has no probability: it counts as one of which no label was found, behind all others in a ranking.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vidbench.clips.frame_orders import NORMAL
from vidbench.evaluation.predictions import Predictions


@dataclass(frozen=True)
class LabelResult:
    """The videos of a subset, undecodable ones included unless they are left out."""

    videos: list[str]  # N
    classes: list[str]  # K
    truth: np.ndarray  # (N, K) mask of the labels that a video has
    probabilities: np.ndarray  # (N, K), rounded; 0 throughout where there are none
    has_probabilities: np.ndarray  # (N,) mask: decoded, with finite logits
    undecodable: list[str]  # videos that could not be decoded, named also where they are left out


def label_probabilities(logits: np.ndarray) -> np.ndarray:
    """Return the probabilities (N, K) of logits (N, V, K): the mean over views; NaN where some are not finite."""
    from scipy.special import expit

    finite = np.asarray(np.isfinite(logits).all(axis=(1, 2)))
    mean = expit(logits.astype(np.float64)).mean(axis=1)
    return np.where(finite[:, None], mean, np.nan)


def evaluate_labels(
    predictions: Predictions,
    subset: str,
    members: Sequence[str],
    labels: Mapping[str, Sequence[str]],
    unreadable: str = "wrong",
) -> LabelResult:
    """Compare predictions with the labels of `members`, the split's videos of a subset.

    `unreadable`: "wrong" keeps videos without a prediction, of which nothing was found; "leave_out" drops them.
    """
    rows = predictions.rows(subset, NORMAL)
    row = {predictions.video[number]: place for place, number in enumerate(rows)}
    counted = [video for video in members if video in row or unreadable == "wrong"]
    table = np.full((len(counted), len(predictions.classes)), np.nan)
    places = [place for place, video in enumerate(counted) if video in row]
    table[places] = label_probabilities(predictions.logits[rows])[[row[counted[place]] for place in places]]
    known = np.asarray(np.isfinite(table).all(axis=1))
    truth = [[name in labels[video] for name in predictions.classes] for video in counted]
    return LabelResult(
        videos=counted,
        classes=predictions.classes,
        truth=np.array(truth, bool).reshape(table.shape),
        # Rounded, so that values that differ by the order of additions only are ties.
        probabilities=np.round(np.where(known[:, None], table, 0.0), 12),
        has_probabilities=known,
        undecodable=[video for video in members if video not in row],
    )
