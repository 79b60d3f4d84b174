"""The answer of each stretch of a video with its times, one small row per stretch, however long the video is."""

from bisect import bisect_right

from vidbench.inference.actions import WindowAnswer
from vidbench.inference.segments import Segment


class StretchAnswers:
    """The stretches in order; the label is "" where windows that slide over one tell what happens in it."""

    def __init__(self) -> None:
        self.rows: list[Segment] = []

    def add(self, window: WindowAnswer, *, decides: bool) -> None:
        """Take the next window of a stretch; `decides`: it stands for its stretch."""
        if window.stretch is None:
            return
        if self.rows and self.rows[-1].start == window.stretch:
            self.rows.pop()
        label, score = (window.answer.label, window.answer.probability) if decides else ("", 0.0)
        self.rows.append(Segment(window.stretch, window.end, label, score))

    def at(self, time: float) -> Segment | None:
        """Return the stretch of a moment, None where there is none."""
        place = bisect_right(self.rows, time, key=lambda row: row.start) - 1
        return self.rows[place] if place >= 0 and time < self.rows[place].end else None
