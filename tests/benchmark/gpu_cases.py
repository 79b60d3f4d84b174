"""The networks that bench-gpu measures, and its videos: clips as the pretrained weights take them."""

from dataclasses import dataclass
from pathlib import Path

from device_steps import make_options
from generated_store import endless_split, noise, write_store

from vidbench.clips.split_data import SplitData
from vidbench.models import official_weights
from vidbench.models.options import ClipOptions, ModelOptions

FRAMES, STEP = 16, 2
VIDEO_FRAMES = FRAMES * STEP + 2
VIDEOS = 48
CLASSES = 101


@dataclass(frozen=True)
class Case:
    """A network with clips and batches as a user would train it."""

    name: str  # an architecture, or BACKBONE:HEAD
    batch: int

    def clip(self) -> ClipOptions:
        """Clips of 16 frames, sized and normalised as for the network's official weights."""
        network = self.name.partition(":")[0]
        official = official_weights.trained_input(network, "DEFAULT")
        assert official is not None
        trained_on = {"size": official.size, "mean": official.mean, "std": official.std}
        return ClipOptions.from_dict({"frames": FRAMES, "sampling": "dense", "step": STEP} | trained_on)

    def options(self, batch: int, compile: bool, **training: object) -> ModelOptions:
        """The default recipe with the batch size, compiled or not."""
        return make_options(self.name, self.clip(), dropout=0.1, batch_size=batch, compile=compile, **training)


# By importance: where the time ends, the rest is not measured.
CASES = (
    Case("r3d_18", 32),
    Case("r2plus1d_18", 32),
    Case("mvit_v2_s", 16),
    Case("swin3d_t", 16),
    Case("resnet18:lstm", 16),
    Case("s3d", 16),
    Case("resnet50:tsm", 16),
    Case("convnext_tiny:transformer", 16),
    Case("mc3_18", 32),
    Case("mvit_v1_b", 16),
    Case("swin3d_s", 16),
    Case("swin3d_b", 16),
)


@dataclass(frozen=True)
class TinyCase(Case):
    """A network and clips that a CPU can take: whether it runs, not how fast."""

    def clip(self) -> ClipOptions:
        """Clips of 8 frames of 32 x 32 pixels."""
        return ClipOptions(frames=8, sampling="dense", step=STEP, size=(32, 32))


TINY_CASES = (TinyCase("cnn3d", 4), TinyCase("cnn2d:lstm", 4))


def stored_size(clip: ClipOptions) -> tuple[int, int]:
    """Height and width of stored frames: a short side an eighth larger than the clip's, 4:3."""
    short = min(clip.size) * 8 // 7
    return short, round(short * 4 / 3)


class Stores:
    """Generated stores by the size of their frames, each made on first use."""

    def __init__(self, folder: Path, videos: int = VIDEOS) -> None:
        self.folder = folder
        self.videos = videos

    def make(self, clip: ClipOptions) -> Path:
        """Return the store for such clips."""
        height, width = size = stored_size(clip)
        path = self.folder / f"{height}x{width}.h5"
        if not path.exists():
            write_store(path, noise(self.videos, VIDEO_FRAMES, size), rate=25.0)
        return path

    def split(self, clip: ClipOptions) -> SplitData:
        """Return the videos for such clips, all of them in each subset."""
        return endless_split(self.make(clip), classes=CLASSES)
