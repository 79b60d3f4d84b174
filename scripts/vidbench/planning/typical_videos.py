"""Average videos of published data sets, for plans before any download. Imports no torch.

They are not in the data sets' own modules, so that an edit here indexes or extracts nothing again.
"""

from dataclasses import dataclass

from vidbench.download.addresses import PUBLICATIONS


@dataclass(frozen=True)
class Typical:
    """An average video: height and width in pixels, frames per second, seconds."""

    height: int
    width: int
    fps: float
    seconds: float

    @property
    def frames(self) -> int:
        """Frames of the whole video."""
        return max(1, round(self.fps * self.seconds))


# As published. Sizes of Kinetics' videos differ; 640x360 fits the size of its archives (some 5 kB per frame).
TYPICAL = {
    "ucf101": Typical(240, 320, 25, 7.2),
    "hmdb51": Typical(240, 360, 30, 3.1),
    "kinetics400": Typical(360, 640, 30, 10),
}


def download_bytes(kind: str) -> float:
    """Return the approximate size of a published data set's archives, and of its unpacked videos."""
    return PUBLICATIONS[kind].gigabytes * 1e9
