"""Windows that keep to stretches of a video: to what lies between two cuts or rests. Imports no torch.

In a stretch something moves, and it stops for no longer than REST. A window that reached over its ends would show parts
of two scenes, or a pause, which a model of whole actions answers with any class. Each stretch that is not too long is
a window of its own, beside those that slide over it.
"""

from collections.abc import Iterable
from dataclasses import replace

from vidbench.inference.frame_stream import Frame
from vidbench.inference.motion import MotionMeter
from vidbench.inference.windows import Window, WindowCutter, check_lengths

REST = 0.5  # seconds in which nothing moves, and which end a stretch
LONGEST = 4.0  # windows: a longer stretch is no window of its own
GAP = 3.0  # steps between frames: something that moves across a longer pause has not been seen to go on
SHORTEST = 0.5  # of a window, half a second at most: a shorter stretch is a flicker


class StretchCutter:
    """Cuts windows out of stretches, from frames that come one after another.

    Kept are the frames of the present stretch, those of LONGEST windows at most.
    """

    def __init__(self, length: float, stride: float, meter: MotionMeter) -> None:
        """`length` of a window and `stride` from one to the next, in seconds; UserError where they are none."""
        check_lengths(length, stride)
        self.length = length
        self.stride = stride
        self.meter = meter
        self.shortest = min(REST, SHORTEST * length)
        self._last: Frame | None = None
        self._step = 0.0  # seconds between the last two frames
        self._windows: WindowCutter | None = None  # over the present stretch
        self._frames: list[Frame] | None = []  # of the present stretch, None where there are too many
        self._resting: list[Frame] = []  # frames since something moved; of the stretch if it goes on
        self._begin = 0.0
        self._moved = 0.0  # time of the last frame in which something moved
        self._end = 0.0  # until when that frame is shown

    def add(self, frame: Frame) -> list[Window]:
        """Take the next frame, and return the windows that end before it."""
        motion = self.meter.measure(frame)
        windows = self.finish() if motion.cut or self._ends(frame, motion.moves) else []
        if motion.moves:
            windows += self._take_moving(frame)
        elif self._windows is not None:
            self._resting.append(frame)
        self._step = frame.time - self._last.time if self._last else 0.0
        self._last = frame
        return windows

    def finish(self) -> list[Window]:
        """Return the windows that end with the present stretch; the last one is the stretch itself."""
        cutter, frames, self._windows = self._windows, self._frames, None
        self._resting = []
        if cutter is None:
            return []
        if self._end - self._begin < self.shortest:
            return []
        last = self._of_stretch(cutter.finish()) if self._end - self._begin > self.length else []
        return last if frames is None else [*last, Window(self._begin, self._end, frames, self._begin, whole=True)]

    def _take_moving(self, frame: Frame) -> list[Window]:
        before = [self._last] if self._last else []  # something moved from this frame to the next
        if self._windows is None:
            self._begin = (before or [frame])[0].time
            self._windows = WindowCutter(self.length, self.stride, self._begin)
            self._frames, self._resting = [], before
        windows = [window for each in (*self._resting, frame) for window in self._take(each)]
        self._resting = []
        self._moved = frame.time
        self._end = frame.time + min(REST, frame.time - before[0].time if before else 0.0)
        return windows

    def _ends(self, frame: Frame, moves: bool) -> bool:
        """Return whether the present stretch ends before a frame: by a rest, or by a gap between the frames."""
        # Few frames per second: what moves in each of them never rests, however far apart they are.
        goes_on = moves and not self._resting
        longest = max(REST, GAP * self._step) if goes_on else REST
        return self._windows is not None and frame.time - self._moved > longest

    def _take(self, frame: Frame) -> list[Window]:
        """Take a frame of the present stretch."""
        assert self._windows is not None
        if self._frames is not None:
            self._frames.append(frame)
            if frame.time - self._begin > LONGEST * self.length:
                self._frames = None
        return self._of_stretch(self._windows.add(frame))

    def _of_stretch(self, windows: Iterable[Window]) -> list[Window]:
        return [replace(window, stretch=self._begin) for window in windows]
