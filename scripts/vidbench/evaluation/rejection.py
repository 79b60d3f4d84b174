"""Threshold of confidence below which a video is of no known class, from the validation videos; needs no torch.

The confidence is the probability of the most probable class after temperature scaling, except by a temperature at its
bound: docs/classifying.md says why.
"""

import numpy as np

from vidbench.evaluation.calibration import confidences, scale, usable_temperature
from vidbench.evaluation.metrics import SubsetResult

KEPT = 0.9  # share of the validation videos, which are all of known classes, that are at or above the threshold
MIN_VIDEOS = 50  # validation videos, below which there is a warning: the threshold is that of five videos


def rejection(validation: SubsetResult, test: SubsetResult, temperature: float | None) -> dict[str, object]:
    """Return the threshold from the validation videos, and its effect on the test videos that have probabilities.

    `answered` is the share of the test videos at or above the threshold, `accuracy` that on them; None where no
    validation video has probabilities, or no test video is answered.
    """
    fitting = validation.has_probabilities
    if temperature is None or not fitting.any():
        return {"threshold": None, "kept": KEPT, "answered": None, "accuracy": None, "warning": "no validation video"}
    temperature = usable_temperature(temperature)
    threshold = find_threshold(confidences(scale(validation.log_probabilities[fitting], temperature)))
    tested = test.has_probabilities
    answered = confidences(scale(test.log_probabilities[tested], temperature)) >= threshold
    few = int(fitting.sum()) < MIN_VIDEOS
    return {
        "threshold": threshold,
        "kept": KEPT,
        "answered": float(answered.mean()) if tested.any() else None,
        "accuracy": float(test.correct[tested][answered].mean()) if answered.any() else None,
        "warning": f"from {int(fitting.sum())} validation videos, fewer than {MIN_VIDEOS}" if few else None,
    }


def find_threshold(confidence: np.ndarray, kept: float = KEPT) -> float:
    """Return the largest confidence among (N,) that at least the share `kept` of them reaches."""
    most_below = int(len(confidence) * (1 - kept) + 1e-9)
    return float(np.sort(confidence)[min(most_below, len(confidence) - 1)])
