"""Windows that slide over the frames of a video by time; no more frames than those of one window are kept."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import floor
from types import SimpleNamespace
from typing import Any, Protocol

import numpy as np

from vidbench.errors import UserError
from vidbench.frames.recipe import Recipe
from vidbench.frames.store import FrameStore, decode_jpegs
from vidbench.inference.frame_stream import Frame

COVERED = 0.5  # of a stride: what is left at the end of a video gets a window of its own where it is longer


@dataclass(frozen=True)
class Window:
    """A part of a video: the frames from `start` on and before `end`, in seconds."""

    start: float
    end: float
    frames: list[Frame]
    stretch: float | None = None  # where the stretch between cuts and rests begins that it keeps to; None: to none
    whole: bool = False  # it is that stretch


class Cutter(Protocol):
    """Cuts windows out of frames that come one after another."""

    def add(self, frame: Frame) -> list[Window]:
        """Take the next frame, and return the windows that end before it."""
        ...

    def finish(self) -> list[Window]:
        """Return the windows that end with the video."""
        ...


class WindowCutter:
    """Cuts windows of `length` seconds, a `stride` apart, out of frames that come one after another."""

    def __init__(self, length: float, stride: float, begin: float = 0.0) -> None:
        """`begin`: of the first window, in seconds; UserError where they are no lengths of time."""
        check_lengths(length, stride)
        self.length = length
        self.stride = stride
        self.begin = begin
        self._frames: deque[Frame] = deque()
        self._number = 0  # of the next window
        self._covered: float | None = None  # seconds up to which windows were cut

    def add(self, frame: Frame) -> list[Window]:
        """Take the next frame, and return the windows that end before it."""
        windows = []
        while frame.time >= self._start + self.length:
            if self._frames and self._frames[-1].time >= self._start:
                windows += self._cut(self._start, self._start + self.length)
                self._number += 1
            else:  # a gap in time: the next window is the first with this frame
                self._number = max(self._number, floor((frame.time - self.begin - self.length) / self.stride)) + 1
        self._frames.append(frame)
        # The last window reaches back from the last frame.
        while self._frames[0].time < min(self._start, frame.time - self.length):
            self._frames.popleft()
        return windows

    def finish(self) -> list[Window]:
        """Return the windows that end with the video or before: the last one where something is in none yet."""
        if not self._frames:
            return []
        times = [frame.time for frame in self._frames]
        end = times[-1] + (float(np.median(np.diff(times))) if len(times) > 1 else 0.0)
        windows = []
        while self._start + self.length <= end:
            windows += self._cut(self._start, self._start + self.length)
            self._number += 1
        if self._covered is not None and end - self._covered <= COVERED * self.stride:
            return windows
        return windows + self._cut(max(self.begin, end - self.length), max(end, np.nextafter(times[-1], np.inf)))

    @property
    def _start(self) -> float:
        return self.begin + self._number * self.stride

    def _cut(self, start: float, end: float) -> list[Window]:
        """Return the window in a list, or none where it has no frame."""
        frames = [frame for frame in self._frames if start <= frame.time < end]
        self._covered = end
        return [Window(start, end, frames)] if frames else []


def check_lengths(length: float, stride: float) -> None:
    """Raise UserError where a window's length, or the stride from one to the next, is no length of time."""
    for name, seconds in (("window", length), ("stride", stride)):
        if not seconds > 0 or seconds == float("inf"):
            raise UserError(f"{name}: {seconds} s; give seconds above 0")


def cut(cutter: Cutter, frames: Iterable[Frame]) -> Iterator[Window]:
    """Yield the windows of a video from its frames."""
    for frame in frames:
        yield from cutter.add(frame)
    yield from cutter.finish()


def cut_windows(frames: Iterable[Frame], length: float, stride: float) -> Iterator[Window]:
    """Yield the windows of a video from its frames; one that is shorter than a window is one window.

    The last window ends with the video, so that no more than half a stride is in no window.
    """
    yield from cut(WindowCutter(length, stride), frames)


class WindowFrames(FrameStore):
    """Windows as a frame store's videos: what gives clips of stored frames gives them of these."""

    def __init__(self, windows: Sequence[Window], recipe: Recipe, size: tuple[int, int]) -> None:
        """`size`: (height, width) of the frames; a window's id is its place."""
        self.windows = {str(place): window for place, window in enumerate(windows)}
        self.recipe = recipe
        self.size = size
        numbers = {id: len(window.frames) for id, window in self.windows.items()}
        self.videos: Any = {id: SimpleNamespace(num_frames=number, readable=True) for id, number in numbers.items()}

    def read(
        self, video: str, indices: Sequence[int] | np.ndarray | None = None, out: np.ndarray | None = None
    ) -> np.ndarray:
        """Decode frames of a window: (T, H, W, 3) uint8 RGB, into `out` where that is given."""
        frames = self.windows[video].frames
        numbers = range(len(frames)) if indices is None else indices
        encoded = [np.frombuffer(frames[number].data, np.uint8) for number in numbers]
        if out is None:
            out = np.empty((len(encoded), *self.size, 3), np.uint8)
        if self.recipe.codec == "raw":
            np.stack(encoded, out=out.reshape(len(encoded), -1))
        else:
            decode_jpegs(encoded, out)
        return out

    def frame_size(self, video: str) -> tuple[int, int]:
        """Return the (height, width) of the frames."""
        return self.size

    def times(self, video: str) -> np.ndarray:
        """Return the times of a window's frames from its first one: (num_frames,) float32."""
        times = np.array([frame.time for frame in self.windows[video].frames])
        return (times - times[0]).astype(np.float32)
