"""Strips of a video's frames for figures: small pictures of few colours, so that a page with many stays small."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from vidbench.frames.store import FrameStore
from vidbench.plotting import style
from vidbench.plotting.main import Reader

MOMENTS = 6  # frames of a strip
HEIGHT, WIDEST = 48, 84  # pixels of a frame in the figure
IN_A_COLUMN = 64  # pixels of the width of a frame, where two strips lie side by side
COLORS = 16  # of a frame
GAP = 3  # pixels between frames
FRAMES = Reader(lambda shards: FrameStore(sorted(shards)), "+", "the frame store's shards")


def strip(store: FrameStore, video: str) -> list[np.ndarray]:
    """MOMENTS frames at equal distances from the whole video, made small; fewer where it has fewer."""
    count = store.videos[video].num_frames
    shown = min(count, MOMENTS)
    numbers = np.floor((np.arange(shown) + 0.5) / shown * count).astype(int)
    return shrunk(store.read(video, numbers.tolist()), IN_A_COLUMN) if shown else []


def shrunk(frames: np.ndarray, widest: int = WIDEST) -> list[np.ndarray]:
    """Frames (T, H, W, 3) uint8, none larger than HEIGHT x `widest`, in few colours."""
    from PIL import Image

    height, width = frames.shape[1:3]
    scale = min(HEIGHT / height, widest / width, 1)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = [Image.fromarray(frame).resize(size, Image.Resampling.BOX) for frame in frames]
    return [np.asarray(frame.quantize(COLORS, dither=Image.Dither.NONE).convert("RGB")) for frame in small]


def sheet(rows: Sequence[Sequence[np.ndarray]]) -> np.ndarray:
    """Rows of at most MOMENTS frames each, centred on white: one picture is smaller than many."""
    width = max(frame.shape[1] for frames in rows for frame in frames)
    picture = np.full((len(rows) * (HEIGHT + GAP) - GAP, MOMENTS * (width + GAP) - GAP, 3), 255, np.uint8)
    for row, frames in enumerate(rows):
        for column, frame in enumerate(frames):
            top = row * (HEIGHT + GAP) + (HEIGHT - frame.shape[0]) // 2
            left = column * (width + GAP) + (width - frame.shape[1]) // 2
            picture[top : top + frame.shape[0], left : left + frame.shape[1]] = frame
    return picture


def shortened(video: str, length: int = 22) -> str:
    """A video's name on one line; its end says more than its beginning."""
    flat = " ".join(video.split())
    return flat if len(flat) <= length else f"…{flat[1 - length :]}"


def columns(cells: Sequence[tuple[list[np.ndarray], str]], heading: str) -> Figure:
    """A figure of strips and their headings of three lines (the first in bold), two side by side."""
    lines = -(-len(cells) // 2)
    tallest = max((slenderness(frames) for frames, _ in cells if frames), default=0)
    height = 0.35 + lines * (0.48 + style.WIDTH / 2 * tallest)
    figure, axes = style.plt.subplots(
        lines, 2, figsize=(style.WIDTH, height), squeeze=False, layout="constrained"
    )  # fmt: skip
    figure.suptitle(heading, fontsize="medium")
    for axis in axes.flat:
        axis.axis("off")
    for axis, (frames, text) in zip(axes.flat, cells, strict=False):
        first, rest = text.split("\n", 1)
        axis.set_title(rest, fontsize=6.5, loc="left", pad=3, linespacing=1.25)
        axis.annotate(first, (0, 1), (0, 20), "axes fraction", "offset points", fontsize=6.5, weight="bold")
        if frames:
            axis.imshow(sheet([frames]), interpolation="none")  # as it is, not enlarged, into the file
    return figure


def slenderness(frames: Sequence[np.ndarray]) -> float:
    """Height of a strip as a share of its width."""
    height, width, _ = sheet([frames]).shape
    return height / width
