"""What moves from frame to frame, and where a cut to another scene is, seen while a video is decoded. Imports no torch.

Frames are compared in grey and in small, their shorter side 24 to 47 pixels, with the frame a thirtieth of a second
before: so a camera's noise is averaged out, and neither its resolution nor its rate matters much.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np

from vidbench.frames.recipe import Recipe
from vidbench.inference.frame_stream import Frame

SHORT_SIDE = 24  # pixels
APART = 1 / 30 - 1e-3  # seconds between two frames that are compared, at least where there are such
CHANGED = 7.0  # grey levels of 255 by which a pixel of something that moves changes
MOVING = 0.002  # share of the pixels that change where anything moves
CUT = 8.0  # mean change of all pixels at a cut, in grey levels, at least; and it is ...
TIMES = 2.0  # ... as many times the largest one of the second before
MEMORY = 1.0  # seconds


@dataclass(frozen=True, slots=True)
class Motion:
    """How a frame differs from those before it."""

    moves: bool  # something moves
    cut: bool  # another scene begins


class MotionMeter:
    """Compares frames that come one after another; keeps those of a thirtieth of a second in small."""

    def __init__(self, recipe: Recipe, size: tuple[int, int]) -> None:
        """`size`: (height, width) of the frames."""
        self.codec = recipe.codec
        self.size = size
        self._small: deque[tuple[float, np.ndarray]] = deque()  # time, picture
        self._changes: deque[tuple[float, float]] = deque()  # time, mean change

    def measure(self, frame: Frame) -> Motion:
        """Take the next frame, and return how it differs."""
        small = self._shrink(frame.data)
        while len(self._small) > 1 and self._small[1][0] <= frame.time - APART:
            self._small.popleft()
        difference = np.abs(small - self._small[0][1]) if self._small else np.zeros_like(small)
        change = float(difference.mean())
        cut = self._is_cut(change, frame.time)
        self._changes.append((frame.time, change))
        if cut:
            self._small.clear()
        self._small.append((frame.time, small))
        return Motion(moves=not cut and bool((difference > CHANGED).mean() > MOVING), cut=cut)

    def _is_cut(self, change: float, time: float) -> bool:
        while self._changes and self._changes[0][0] < time - MEMORY:
            self._changes.popleft()
        return change >= max(CUT, TIMES * max((each for _, each in self._changes), default=0.0))

    def _shrink(self, data: bytes) -> np.ndarray:
        """Return a frame in grey, its shorter side 24 to 47 pixels where it has as many: (h, w) float32."""
        grey = self._decode(data)
        factor = max(1, min(grey.shape) // SHORT_SIDE)
        height, width = (side // factor for side in grey.shape)
        blocks = grey[: height * factor, : width * factor].reshape(height, factor, width, factor)
        return blocks.mean((1, 3), dtype=np.float32)

    def _decode(self, data: bytes) -> np.ndarray:
        """Return a frame in grey, a JPEG file as small as it can be decoded without loss of what is needed: (h, w)."""
        if self.codec == "raw":
            return np.frombuffer(data, np.uint8).reshape(*self.size, 3)[..., 1]  # green is nearly the brightness
        import simplejpeg

        return simplejpeg.decode_jpeg(
            data, colorspace="GRAY", fastdct=True, min_height=SHORT_SIDE, min_width=SHORT_SIDE
        )[..., 0]
