"""From probabilities over time to segments: what is shown from when to when. Imports no torch.

At each moment the probabilities are the mean over the windows that cover it. A segment of a class begins where that
class is the most probable one and reaches `enter`. It goes on while the class has at least `leave` (hysteresis: a dip
does not cut it in two) and no other class reaches `enter` above it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

ENTER = 0.5  # where a model has no threshold
LEAVE = 0.8  # of `enter`


@dataclass(frozen=True)
class Segment:
    """A part of a video that shows a class."""

    start: float  # seconds
    end: float
    label: str
    score: float  # mean probability of the class over its time


@dataclass(frozen=True)
class Hysteresis:
    """When a segment begins and ends."""

    enter: float = ENTER
    leave: float = ENTER * LEAVE
    min_length: float = 0.0  # seconds; a shorter segment is dropped

    @classmethod
    def of_threshold(cls, threshold: float | None, min_length: float = 0.0) -> "Hysteresis":
        """Return that of a model's threshold, or of ENTER where it has none."""
        enter = ENTER if threshold is None else threshold
        return cls(enter, enter * LEAVE, min_length)


class Segmenter:
    """Finds segments in windows that come one after another; it keeps those that reach beyond the last one's start."""

    def __init__(self, classes: Sequence[str], rule: Hysteresis) -> None:
        self.classes = classes
        self.rule = rule
        self._windows: list[tuple[float, float, np.ndarray]] = []  # start, end, probabilities (K,)
        self._end = 0.0  # of the last moment that was looked at
        self._start = 0.0  # of the present segment
        self._class: int | None = None  # its class
        self._score = 0.0  # integral of its probability over time

    def add(self, start: float, end: float, probabilities: np.ndarray) -> list[Segment]:
        """Take the next window's probabilities (K,), and return the segments that end before it."""
        ended = self._look_until(start)
        self._windows.append((start, end, probabilities))
        return ended

    def finish(self) -> list[Segment]:
        """Return the segments that last until the end."""
        ended = self._look_until(float("inf"))
        return ended + self._close() if self._class is not None else ended

    def _look_until(self, moment: float) -> list[Segment]:
        """Go through the time before a moment, in steps between which no window begins or ends."""
        borders = sorted({min(time, moment) for start, end, _ in self._windows for time in (start, end)})
        ended: list[Segment] = []
        for start, end in pairwise(borders):
            covering = [p for first, last, p in self._windows if first <= start and last >= end]
            if start >= self._end - 1e-9 and covering:
                ended += self._step(start, end, np.mean(covering, axis=0))
        self._windows = [window for window in self._windows if window[1] > moment]
        return ended

    def _step(self, start: float, end: float, probabilities: np.ndarray) -> list[Segment]:
        top = int(probabilities.argmax())
        begins = bool(probabilities[top] >= self.rule.enter)
        ended: list[Segment] = []
        if self._class is not None:
            gap = start > self._end + 1e-9
            other = begins and top != self._class
            if gap or other or not probabilities[self._class] >= self.rule.leave:
                ended = self._close()
        if self._class is None and begins:
            self._class = top
            self._start = start
        if self._class is not None:
            self._score += float(probabilities[self._class]) * (end - start)
        self._end = end
        return ended

    def _close(self) -> list[Segment]:
        assert self._class is not None
        length = self._end - self._start
        segment = Segment(self._start, self._end, self.classes[self._class], self._score / length)
        self._class = None
        self._score = 0.0
        return [segment] if length >= self.rule.min_length - 1e-9 else []


def find_segments(
    windows: Iterable[tuple[float, float, np.ndarray]], classes: Sequence[str], rule: Hysteresis
) -> list[Segment]:
    """Return the segments, in order, of windows: the start, the end and the probabilities (K,) of each."""
    segmenter = Segmenter(classes, rule)
    segments = [segment for window in windows for segment in segmenter.add(*window)]
    return [*segments, *segmenter.finish()]
