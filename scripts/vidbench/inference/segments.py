"""From probabilities over time to segments: what is shown from when to when. Imports no torch.

A segment of a class begins with a window in which that class is the most probable one and reaches `enter`. It goes on
while the class has at least `leave` (hysteresis: a dip does not cut it in two) and no other class reaches `enter` above
it. Each window speaks for the time that is nearer to its middle than to those of its neighbours.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

ENTER = 0.5  # where a model has no threshold
LEAVE = 0.8  # of `enter`


@dataclass(frozen=True)
class Segment:
    """A part of a video that shows a class."""

    start: float  # seconds
    end: float
    label: str
    score: float  # mean probability of the class over its windows


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
    """Finds segments in windows that come one after another; it keeps one window."""

    def __init__(self, classes: Sequence[str], rule: Hysteresis) -> None:
        self.classes = classes
        self.rule = rule
        self._window: tuple[float, float] | None = None  # start and end of the last one
        self._start = 0.0  # of the present segment
        self._class: int | None = None  # its class
        self._probabilities: list[float] = []  # of that class in its windows

    def add(self, start: float, end: float, probabilities: np.ndarray) -> list[Segment]:
        """Take the next window's probabilities (K,), and return the segment that ends before it, in a list."""
        top = int(probabilities.argmax())
        begins = bool(probabilities[top] >= self.rule.enter)
        before, after = self._find_border(start, end)
        ended: list[Segment] = []
        if self._class is not None:
            other = begins and top != self._class
            if other or not probabilities[self._class] >= self.rule.leave:
                ended = self._close(before)
        if self._class is None and begins:
            self._class = top
            self._start = after
        if self._class is not None:
            self._probabilities.append(float(probabilities[self._class]))
        self._window = (start, end)
        return ended

    def finish(self) -> list[Segment]:
        """Return the segment that lasts until the end, in a list."""
        return [] if self._class is None or self._window is None else self._close(self._window[1])

    def _find_border(self, start: float, end: float) -> tuple[float, float]:
        """Return until when the last window speaks, and from when on the next one does; others' time is nobody's."""
        if self._window is None:
            return start, start
        middle = (sum(self._window) + start + end) / 4
        return min(middle, self._window[1]), max(middle, start)

    def _close(self, end: float) -> list[Segment]:
        assert self._class is not None
        score = sum(self._probabilities) / len(self._probabilities)
        segment = Segment(self._start, end, self.classes[self._class], score)
        self._class = None
        self._probabilities = []
        return [segment] if segment.end - segment.start >= self.rule.min_length - 1e-9 else []


def find_segments(
    windows: Iterable[tuple[float, float, np.ndarray]], classes: Sequence[str], rule: Hysteresis
) -> list[Segment]:
    """Return the segments, in order, of windows: the start, the end and the probabilities (K,) of each."""
    segmenter = Segmenter(classes, rule)
    segments = [segment for window in windows for segment in segmenter.add(*window)]
    return [*segments, *segmenter.finish()]
