"""The videos to decode, and how frames are made of them: all that ffmpeg's command line depends on."""

from dataclasses import asdict, dataclass
from pathlib import Path

from vidbench.frames.probe import Metadata
from vidbench.frames.timestamps import TICKS


@dataclass(frozen=True)
class Recipe:
    """The data set's `frames` options: how stored frames are made of a video."""

    size: int | tuple[int, int]  # short side, or (height, width)
    fps: float | None
    codec: str  # jpeg or raw
    quality: int
    image_fps: float = 25.0  # frame rate of videos that are folders of images

    @classmethod
    def from_options(cls, options: dict) -> "Recipe":
        """Return the recipe of the complete `frames` section of a data set."""
        size = options["size"]
        return cls(
            size if isinstance(size, int) else tuple(size),
            options["fps"],
            options["codec"],
            options["quality"],
            float(options.get("image_fps", cls.image_fps)),
        )

    def as_dict(self) -> dict:
        """Return the recipe as JSON holds it."""
        return asdict(self)


def stored_size(height: int, width: int, size: int | tuple[int, int]) -> tuple[int, int]:
    """Return (height, width) of the stored frames of a video that is shown at height x width."""
    if not isinstance(size, int):
        return size
    short = min(height, width)
    return max(1, round(height * size / short)), max(1, round(width * size / short))


@dataclass(frozen=True)
class Source:
    """A video, or a piece of one, to decode, and the file that its frames go to, one after another."""

    path: str
    metadata: Metadata
    target: Path
    images: Path | None = None  # where the video is a folder of images: links to them, by their numbers
    start: float = 0.0  # seconds, as a player counts them: the piece begins here ...
    end: float | None = None  # ... and ends before this; None: with the file
    seeks: bool = True  # to `start`; else everything before is decoded, too, which is slow but always right

    @property
    def stamps(self) -> Path:
        """The file that the time stamps of all decoded frames go to, in ticks."""
        return self.target.with_name(f"{self.target.name}.stamps")

    @property
    def is_cut(self) -> bool:
        """True where frames of a file are decoded that are not part of the piece."""
        return self.is_piece and self.images is None

    @property
    def ticks(self) -> tuple[int, int | None]:
        """The first moment of a piece and the first after it, on the file's own clock."""
        begin = self.metadata.begin
        first = round((begin + self.start) * TICKS)
        return first, None if self.end is None else round((begin + self.end) * TICKS)

    @property
    def is_piece(self) -> bool:
        """True where a part of the file is left out."""
        return self.start > 0 or self.end is not None
