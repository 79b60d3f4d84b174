"""The answer for one video: probabilities, calibrated, or the reason why there are none. Imports no torch."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from vidbench.clips.frame_orders import NORMAL
from vidbench.evaluation.calibration import scale
from vidbench.evaluation.predictions import Predictions
from vidbench.evaluation.rejection import entropies
from vidbench.frames.store import FAILED, OK
from vidbench.inference.model_file import Calibration

NOT_FINITE = "the model gives no finite numbers for it: its training has diverged"


@dataclass(frozen=True)
class Classification:
    """The probabilities of one video's classes; those of a video that could not be classified are NaN."""

    video: str  # as it was named
    classes: tuple[str, ...]  # K
    probabilities: np.ndarray  # (K,) calibrated, mean over the views
    logits: np.ndarray  # (V, K) float32 of each view; V = 0 where there are none
    status: str = OK  # ok, partial (a part of it could be decoded) or failed
    message: str = ""  # what is wrong with it
    threshold: float | None = None  # of the most probable class's probability; None: not known
    max_entropy: float | None = None  # of the probabilities, in nats; None: the threshold says what is unknown

    @property
    def is_classified(self) -> bool:
        """Whether there are probabilities."""
        return self.status != FAILED

    @cached_property
    def label(self) -> str:
        """The most probable class; "" where there is none."""
        return self.classes[int(self._ranked[0])] if self.is_classified else ""

    @property
    def probability(self) -> float:
        """The probability of the most probable class."""
        return float(self.probabilities[self._ranked[0]])

    @property
    def entropy(self) -> float:
        """The entropy of the probabilities in nats: 0 where one class is certain, log K where all are equal."""
        return float(entropies(self.probabilities))

    @property
    def is_unknown(self) -> bool:
        """Whether it is classified, and of none of the classes: by the entropy, or else by the threshold."""
        if not self.is_classified:
            return False
        if self.max_entropy is not None:
            return self.entropy > self.max_entropy
        return self.threshold is not None and self.probability < self.threshold

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that it is given: the most probable class, or, of several per video, those above thresholds."""
        return (self.label,) if self.is_classified and not self.is_unknown else ()

    def top(self, number: int = 5) -> list[tuple[str, float]]:
        """Return the most probable classes with their probabilities."""
        if not self.is_classified:
            return []
        return [(self.classes[place], float(self.probabilities[place])) for place in self._ranked[:number]]

    @cached_property
    def _ranked(self) -> np.ndarray:
        # A stable sort, as in the evaluation: equal probabilities keep the order of the classes.
        return np.argsort(-np.round(self.probabilities, 12), kind="stable")


def classify_logits(
    video: str,
    logits: np.ndarray,
    classes: Sequence[str],
    calibration: Calibration,
    status: str = OK,
    message: str = "",
) -> Classification:
    """Return the answer from logits (V, K): the evaluation's mean over views, then its temperature."""
    probabilities = average_views(logits[None], classes, calibration.temperature)[0]
    if np.isnan(probabilities).any():
        status, message = FAILED, NOT_FINITE
    bounds = (calibration.threshold, calibration.max_entropy)
    return Classification(video, tuple(classes), probabilities, logits, status, message, *bounds)


def average_views(logits: np.ndarray, classes: Sequence[str], temperature: float | None) -> np.ndarray:
    """Return probabilities (N, K) of logits (N, V, K), as metrics.json is computed; NaN where some are not finite."""
    count, views, _ = logits.shape
    rows = [str(row) for row in range(count)]
    names = [str(view) for view in range(views)]
    table = Predictions(rows, ["test"] * count, [NORMAL] * count, names, list(classes), logits)
    _, log_probabilities = table.log_probabilities("test")
    return np.exp(scale(log_probabilities, temperature or 1.0))


def fail(video: str, classes: Sequence[str], message: str) -> Classification:
    """Return the answer for a video that could not be read or decoded."""
    nothing = np.full(len(classes), np.nan)
    return Classification(video, tuple(classes), nothing, np.empty((0, len(classes)), np.float32), FAILED, message)
