"""Probabilities over the time of a video, however long, in an array of limited size. Imports no torch."""

import math

import numpy as np

MAX_STEPS = 2048  # of time; twice as many are joined in pairs
MIN_STEP = 0.04  # seconds
MIN_LENGTH = 1e-3  # seconds that a window lasts at least, as one of a single frame
SLIGHT = 1e-4  # seconds of a step in which a window is not counted


class ProbabilityCurve:
    """The mean probabilities of the windows that cover each moment, in steps that grow with the video.

    A window that covers a part of a step counts by that part.
    """

    def __init__(self, num_classes: int) -> None:
        self.step = MIN_STEP  # seconds
        self._sums = np.zeros((2 * MAX_STEPS, num_classes), np.float32)
        self._weights = np.zeros(2 * MAX_STEPS, np.float32)  # seconds of windows in it
        self._end = 0  # steps until the end of the last window

    def add(self, start: float, end: float, probabilities: np.ndarray, *, alone: bool = False) -> None:
        """Take a window's probabilities (K,); `alone`: in place of those of the windows in its time."""
        end = max(end, start + MIN_LENGTH)
        while end > self.step * len(self._weights):
            self._join_pairs()
        first, last = int((start + SLIGHT) / self.step), math.ceil((end - SLIGHT) / self.step)
        borders = np.clip(np.arange(first, last + 1) * self.step, start, end)
        seconds = np.diff(borders).astype(np.float32)  # of the window in each step
        if alone:
            left = np.where(seconds > self.step - SLIGHT, 0, 1 - seconds / np.float32(self.step))
            self._weights[first:last] *= left
            self._sums[first:last] *= left[:, None]
        self._sums[first:last] += seconds[:, None] * probabilities
        self._weights[first:last] += seconds
        self._end = max(self._end, min(last, len(self._weights)))

    @property
    def times(self) -> np.ndarray:
        """The middle of each step, in seconds: (N,)."""
        return (np.arange(self._end) + 0.5) * self.step

    @property
    def probabilities(self) -> np.ndarray:
        """The probabilities at each step (N, K), NaN where there is no window."""
        weights = self._weights[: self._end, None]
        with np.errstate(invalid="ignore"):
            return self._sums[: self._end] / np.where(weights > 0, weights, np.nan)

    def at(self, time: float) -> np.ndarray | None:
        """Return the probabilities (K,) at a moment, None where there is no window."""
        place = int(time / self.step)
        if not 0 <= place < self._end or not self._weights[place]:
            return None
        return self._sums[place] / self._weights[place]

    def _join_pairs(self) -> None:
        self.step *= 2
        half = len(self._weights) // 2
        for array in (self._sums, self._weights):
            array[:half] = array[::2] + array[1::2]
            array[half:] = 0
        self._end = -(-self._end // 2)
