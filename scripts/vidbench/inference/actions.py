"""From the answers for windows to actions: a stretch between cuts and rests is one, or several. Imports no torch.

A stretch whose own window reaches the threshold is one action. One that does not is of none of the classes, but for a
long one: in that, and in one that is too long to be a window, actions are found by the windows that slide over it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vidbench.inference.classification import Classification
from vidbench.inference.segments import Hysteresis, Segment, Segmenter
from vidbench.inference.stretches import LONGEST

SEVERAL = 2.0  # windows: a longer stretch that is not recognised as one action may be several


@dataclass(frozen=True)
class WindowAnswer:
    """The answer for the part of a video from `start` to `end`, in seconds."""

    start: float
    end: float
    answer: Classification
    stretch: float | None = None  # where the stretch begins that it keeps to; None: to none
    whole: bool = False  # it is that stretch


class ActionFinder:
    """Finds actions in windows that come one after another; it keeps the answers of the present stretch's windows.

    Of windows that keep to no stretch it finds the segments, as Segmenter does.
    """

    def __init__(self, classes: Sequence[str], rule: Hysteresis, length: float) -> None:
        """`length`: of a sliding window, in seconds."""
        self.classes = classes
        self.rule = rule
        self.length = length
        self._segmenter = Segmenter(classes, rule)
        self._stretch: float | None = None
        self._waiting: list[WindowAnswer] = []  # of a stretch that may still be one action

    def add(self, window: WindowAnswer) -> list[Segment]:
        """Take the next window's answer, and return the segments that end before it."""
        found = self.finish() if window.stretch != self._stretch else []
        self._stretch = window.stretch
        if not window.answer.is_classified:
            return found + (self.finish() if window.whole else [])
        if window.whole:
            return found + self._end_stretch(window)
        self._waiting.append(window)
        if window.stretch is None or window.end - window.stretch > LONGEST * self.length:
            found += self._find_waiting()
        return found

    def decides(self, window: WindowAnswer) -> bool:
        """Return whether a window stands for its stretch, whatever the windows that slide over it say."""
        is_short = window.end - window.start <= SEVERAL * self.length
        return (
            window.whole and window.answer.is_classified and (is_short or window.answer.probability >= self.rule.enter)
        )

    def finish(self) -> list[Segment]:
        """Return the segments that last until the end of the present stretch."""
        found = self._find_waiting() + self._segmenter.finish()
        self._segmenter = Segmenter(self.classes, self.rule)
        return found

    def _end_stretch(self, window: WindowAnswer) -> list[Segment]:
        if not self.decides(window):
            return self.finish()
        self._waiting = []
        answer = window.answer
        if not answer.probability >= self.rule.enter or window.end - window.start < self.rule.min_length:
            return []
        return [Segment(window.start, window.end, answer.label, answer.probability)]

    def _find_waiting(self) -> list[Segment]:
        waiting, self._waiting = self._waiting, []
        rows = ((window.start, window.end, window.answer.probabilities) for window in waiting)
        return [segment for row in rows for segment in self._segmenter.add(*row)]


def find_actions(windows: Iterable[WindowAnswer], finder: ActionFinder) -> list[Segment]:
    """Return the segments, in order, of windows that come one after another."""
    segments = [segment for window in windows for segment in finder.add(window)]
    return [*segments, *finder.finish()]
