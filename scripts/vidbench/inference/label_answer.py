"""The answer for a video that may have several labels: a probability and a threshold per label. Imports no torch."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from vidbench.evaluation.label_results import label_probabilities
from vidbench.evaluation.label_thresholds import scale_labels
from vidbench.frames.store import FAILED, OK
from vidbench.inference.classification import NOT_FINITE, Classification
from vidbench.inference.model_file import Calibration


@dataclass(frozen=True)
class LabelAnswer(Classification):
    """The probabilities of one video's labels, each from 0 to 1 by itself, and the labels that it is given."""

    label_thresholds: Mapping[str, float] = field(default_factory=dict)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels whose probability reaches their threshold, in the order of the classes; there may be none."""
        if not self.is_classified:
            return ()
        pairs = zip(self.classes, self.probabilities.tolist(), strict=True)
        return tuple(name for name, p in pairs if p >= self.label_thresholds[name])


def classify_labels(
    video: str,
    logits: np.ndarray,
    thresholds: Mapping[str, float],
    calibration: Calibration,
    status: str = OK,
    message: str = "",
) -> LabelAnswer:
    """Return the answer from logits (V, K) as the evaluation does; `thresholds`: by label, in the classes' order."""
    table = np.round(label_probabilities(logits[None]), 12)
    probabilities = scale_labels(table, calibration.temperature or 1.0)[0]
    if np.isnan(probabilities).any():
        status, message = FAILED, NOT_FINITE
    return LabelAnswer(video, tuple(thresholds), probabilities, logits, status, message, label_thresholds=thresholds)
