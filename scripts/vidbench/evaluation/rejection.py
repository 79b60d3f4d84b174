"""When a video is of no known class: bounds of its probabilities, from the validation videos; needs no torch.

It is where the entropy of its probabilities is above a bound: docs/open_set.md compares that with other scores. The
probabilities are those after temperature scaling, except by a temperature at its bound (docs/classifying.md).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from vidbench.evaluation.calibration import scale, usable_temperature
from vidbench.evaluation.metrics import SubsetResult

KEPT = 0.9  # share of new videos of known classes that are to be kept, on average
MIN_VIDEOS = 50  # validation videos, below which there is a warning: the threshold is that of five videos


def rejection(validation: SubsetResult, test: SubsetResult, temperature: float | None) -> dict[str, object]:
    """Return the bounds from the validation videos, and their effect on the test videos that have probabilities.

    `max_entropy` is that of the probabilities in nats, `threshold` the same rule for the probability of the most
    probable class. `answered` is the share of the test videos with at most that entropy, `accuracy` that on them. All
    are None where too few validation videos have probabilities (below nine), the last one where no test video is
    answered.
    """
    fitting = validation.has_probabilities
    if temperature is None or not fitting.any():
        return _no_bounds("no validation video")
    temperature = usable_temperature(temperature)
    known = np.exp(scale(validation.log_probabilities[fitting], temperature))
    max_entropy = -find_threshold(-entropies(known))
    if not np.isfinite(max_entropy):
        return _no_bounds(f"too few validation videos ({len(known)}) for a bound")
    tested = test.has_probabilities
    answered = entropies(np.exp(scale(test.log_probabilities[tested], temperature))) <= max_entropy
    few = int(fitting.sum()) < MIN_VIDEOS
    return {
        "max_entropy": min(max_entropy, float(np.log(known.shape[1]))),
        "threshold": find_threshold(known.max(axis=1)),
        "kept": KEPT,
        "answered": float(answered.mean()) if tested.any() else None,
        "accuracy": float(test.correct[tested][answered].mean()) if answered.any() else None,
        "warning": f"from {int(fitting.sum())} validation videos, fewer than {MIN_VIDEOS}" if few else None,
    }


def _no_bounds(warning: str) -> dict[str, object]:
    nothing = dict.fromkeys(("max_entropy", "threshold", "answered", "accuracy"))
    return nothing | {"kept": KEPT, "warning": warning}


def read_bounds(stored: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Return `max_entropy` and `threshold` as metrics.json or a weights file holds them; None for what there is not.

    Earlier versions stored log K and 0.0 where there were too few validation videos: that is no bound, too.
    """
    if stored.get("threshold") == 0.0:  # which no highest probability is
        return None, None
    return stored.get("max_entropy"), stored.get("threshold")


def entropies(probabilities: np.ndarray) -> np.ndarray:
    """Return the entropy of probabilities (..., K) in nats, (...): 0 where one class is certain, log K at most."""
    from scipy.special import entr

    return entr(probabilities).sum(axis=-1)


def find_threshold(confidence: np.ndarray, kept: float = KEPT) -> float:
    """Return the largest confidence among (N,) that a new video of their kind reaches with probability `kept` or more.

    Its rank among the N + 1 is equally often each one, so the k-th smallest is reached with 1 - k / (N + 1), or more
    where some are equal (split conformal prediction: Vovk, Gammerman & Shafer 2005). Minus infinity where N is too
    small for any, as below 9 for 90 %.
    """
    rank = int((len(confidence) + 1) * (1 - kept) + 1e-9)  # k
    return float(np.sort(confidence)[rank - 1]) if rank else -np.inf
