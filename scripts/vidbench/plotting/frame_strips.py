"""Strips of a video's frames for figures: small pictures in few colours, so that a page with many stays small."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from vidbench.frames.store import FrameStore
from vidbench.plotting import style
from vidbench.plotting.main import Reader

MOMENTS = 6  # frames per strip
HEIGHT = 48  # pixels of a frame in the figure
MAX_WIDTH = 84  # pixels of a frame
MAX_WIDTH_IN_COLUMN = 64  # pixels of a frame if two strips are drawn side by side
COLORS = 16  # per frame
GAP = 3  # pixels between frames
FRAMES = Reader(lambda shards: FrameStore(sorted(shards)), "+", "the frame store's shards")


def read_strip(store: FrameStore, video: str) -> list[np.ndarray]:
    """Return MOMENTS frames, evenly spaced over the whole video and made small; all frames if it has fewer."""
    count = store.videos[video].num_frames
    shown = min(count, MOMENTS)
    numbers = np.floor((np.arange(shown) + 0.5) / shown * count).astype(int)
    return shrink(store.read(video, numbers.tolist()), MAX_WIDTH_IN_COLUMN) if shown else []


def shrink(frames: np.ndarray, max_width: int = MAX_WIDTH) -> list[np.ndarray]:
    """Scale frames (T, H, W, 3) uint8 down to at most HEIGHT x `max_width` pixels, in few colours."""
    from PIL import Image

    height, width = frames.shape[1:3]
    scale = min(HEIGHT / height, max_width / width, 1)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = [Image.fromarray(frame).resize(size, Image.Resampling.BOX) for frame in frames]
    return [np.asarray(frame.quantize(COLORS, dither=Image.Dither.NONE).convert("RGB")) for frame in small]


def make_sheet(rows: Sequence[Sequence[np.ndarray]]) -> np.ndarray:
    """Join rows of at most MOMENTS frames, centred on white: one picture makes a smaller file than many."""
    width = max(frame.shape[1] for frames in rows for frame in frames)
    picture = np.full((len(rows) * (HEIGHT + GAP) - GAP, MOMENTS * (width + GAP) - GAP, 3), 255, np.uint8)
    for row, frames in enumerate(rows):
        for column, frame in enumerate(frames):
            top = row * (HEIGHT + GAP) + (HEIGHT - frame.shape[0]) // 2
            left = column * (width + GAP) + (width - frame.shape[1]) // 2
            picture[top : top + frame.shape[0], left : left + frame.shape[1]] = frame
    return picture


def shorten_video_name(video: str, length: int = 22) -> str:
    """Return a video's name on one line, without its beginning if it is long: the end says more."""
    flat = " ".join(video.split())
    return flat if len(flat) <= length else f"…{flat[1 - length :]}"


def draw_strips(cells: Sequence[tuple[list[np.ndarray], str]], heading: str) -> Figure:
    """Draw strips two side by side, each under three lines of text, the first of them in bold."""
    lines = -(-len(cells) // 2)
    tallest = max((height_to_width(frames) for frames, _ in cells if frames), default=0)
    height = 0.35 + lines * (0.48 + style.WIDTH / 2 * tallest)
    figure, axes = style.plt.subplots(lines, 2, figsize=(style.WIDTH, height), squeeze=False, layout="constrained")
    figure.suptitle(heading, fontsize="medium")
    for axis in axes.flat:
        axis.axis("off")
    for axis, (frames, text) in zip(axes.flat, cells, strict=False):
        first, rest = text.split("\n", 1)
        axis.set_title(rest, fontsize=6.5, loc="left", pad=3, linespacing=1.25)
        axis.annotate(first, (0, 1), (0, 20), "axes fraction", "offset points", fontsize=6.5, weight="bold")
        if frames:
            axis.imshow(make_sheet([frames]), interpolation="none")  # stored in the file at its own size
    return figure


def height_to_width(frames: Sequence[np.ndarray]) -> float:
    """Return the height of a strip as a fraction of its width."""
    height, width, _ = make_sheet([frames]).shape
    return height / width
