"""What the videos of published data sets are like on average, for when none of them is there yet. Imports no torch.

Not in the data sets' own modules: an edit here is no reason to index or extract anything again.
"""

from dataclasses import dataclass

from vidbench.download.addresses import PUBLICATIONS


@dataclass(frozen=True)
class Typical:
    """An average video: height and width in pixels, frames a second, seconds."""

    height: int
    width: int
    fps: float
    seconds: float

    @property
    def frames(self) -> int:
        """Of the whole video."""
        return max(1, round(self.fps * self.seconds))


# As published. Sizes of Kinetics' videos differ; 640x360 goes with the size of its archives (some 5 kB a frame).
TYPICAL = {
    "ucf101": Typical(240, 320, 25, 7.2),
    "hmdb51": Typical(240, 360, 30, 3.1),
    "kinetics400": Typical(360, 640, 30, 10),
}


def download_bytes(kind: str) -> float:
    """Size of a published data set's archives, about; unpacked, its videos have the same."""
    return PUBLICATIONS[kind].gigabytes * 1e9
