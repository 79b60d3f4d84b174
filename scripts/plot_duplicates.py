"""Draw pairs of videos that show the same recording: frames at the same moments, one video above the other.

Example:
    python scripts/plot_duplicates.py --frames results/mine/frames/*.h5 --duplicates results/mine/duplicates.csv \\
        --videos results/mine/videos.csv --splits results/mine/splits/*.csv --output results/mine/figures/duplicates.svg

Shows at most 6 pairs: those that are in two subsets of a split first, then the most similar. A mirrored video is drawn
as it is stored.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from vidbench.doctor.duplicates.pairs import Pair, read_pairs
from vidbench.errors import UserError
from vidbench.files import read_csv
from vidbench.frames.store import FrameStore
from vidbench.frames.stored_times import clock
from vidbench.plotting import style
from vidbench.plotting.frame_strips import FRAMES, GAP, HEIGHT, MOMENTS, make_sheet, shorten_video_name, shrink
from vidbench.plotting.main import Reader, plot
from vidbench.video import read_videos

MAX_PAIRS = 6


@dataclass(frozen=True)
class DataSet:
    """The frames of the videos, and their labels and subsets."""

    store: FrameStore
    labels: dict[str, str]
    subsets: dict[str, dict[str, str]]  # by split, then by video

    @classmethod
    def read(cls, store: FrameStore, videos: Path, splits: Sequence[Path]) -> "DataSet":
        """Read labels from videos.csv and subsets from splits/*.csv."""
        labels = {video.id: video.label for video in read_videos(videos)}
        subsets = {split.stem: {row["video"]: row["subset"] for row in read_csv(split)} for split in sorted(splits)}
        return cls(store, labels, subsets)

    def subsets_of(self, pair: Pair) -> dict[str, tuple[str, str]]:
        """Return, by split, the subsets of both videos; "-" if a split leaves one out."""
        return {
            split: (subset.get(pair.video_a, "-"), subset.get(pair.video_b, "-"))
            for split, subset in self.subsets.items()
        }

    def leaks(self, pair: Pair) -> bool:
        """Return whether the two are in two subsets of a split."""
        return any("-" not in (a, b) and a != b for a, b in self.subsets_of(pair).values())


def draw(frames: FrameStore, duplicates: Path, videos: Path, splits: list[Path]) -> Figure:
    """Draw the pairs of the table `duplicates`. UserError if it belongs to another frame store."""
    pairs = read_pairs(duplicates)
    data = DataSet.read(frames, videos, splits)
    for video in (video for pair in pairs for video in (pair.video_a, pair.video_b)):
        if video not in frames.videos:
            reason = f"video '{video}' is not in the frame store; make it again with find_duplicates.py"
            raise UserError(f"{duplicates}: {reason}")
    return draw_pairs(pairs, data) if pairs else style.empty_figure("No two videos show the same recording")


def draw_pairs(pairs: Sequence[Pair], data: DataSet) -> Figure:
    """Draw the first MAX_PAIRS pairs, each as two rows of frames under a heading."""
    by_leak = sorted(pairs, key=lambda pair: (not data.leaks(pair), -pair.similarity, pair.video_a, pair.video_b))
    shown = by_leak[:MAX_PAIRS]
    figure, axes = style.plt.subplots(
        len(shown), figsize=(style.WIDTH, 0.4 + 2.0 * len(shown)), squeeze=False, layout="constrained"
    )
    figure.suptitle(summary(pairs, shown, data), fontsize="medium")
    for axis, pair in zip(axes[:, 0], shown, strict=True):
        draw_pair(axis, pair, data)
    return figure


def draw_pair(axis: Axes, pair: Pair, data: DataSet) -> None:
    """Draw frames of both videos, their names at the left, and above them their times in the first one."""
    videos = (pair.video_a, pair.video_b)
    moments = shared_moments(pair)
    rows = [read_frames(data.store, video, seconds) for video, seconds in zip(videos, moments, strict=True)]
    width = max(frame.shape[1] for row in rows for frame in row)
    axis.imshow(make_sheet(rows), interpolation="none")  # stored in the file at its own size
    centres = (width + GAP) * np.arange(MOMENTS) + width / 2
    axis.xaxis.tick_top()
    axis.set_xticks(centres, [f"{second:.1f} s" for second in moments[0]])
    names = [row_label(video, data.labels.get(video, "")) for video in videos]
    names[1] += "\nmirrored" if pair.mirrored else ""
    axis.set_yticks([HEIGHT / 2, HEIGHT * 1.5 + GAP], names)
    axis.set_title(heading(pair, data), fontsize="small", loc="left")
    axis.tick_params(length=0, pad=2, labelsize=6)
    axis.spines[:].set_visible(False)


def summary(pairs: Sequence[Pair], shown: Sequence[Pair], data: DataSet) -> str:
    """Return how many pairs there are, how many of them are leaks, and how many are shown."""
    leaks = sum(map(data.leaks, pairs))
    text = f"{len(pairs)} {'pair shows' if len(pairs) == 1 else 'pairs show'} the same recording"
    text += f"; {leaks} in two subsets of a split" if data.subsets else ""
    return text if len(shown) == len(pairs) else f"{text}; the first {len(shown)}"


def heading(pair: Pair, data: DataSet) -> str:
    """Return a pair's similarity and offset, and the subsets of both videos."""
    facts = [f"similarity {pair.similarity:.3f}", f"the second starts {offset_words(pair.offset)}"]
    subsets = [f"{split}: {' / '.join(both)}" for split, both in data.subsets_of(pair).items()]
    return " · ".join(facts) + ("\n" + " · ".join(subsets[:4]) + (" …" if len(subsets) > 4 else "") if subsets else "")


def offset_words(offset: float) -> str:
    """Return in words when the second video's content starts, relative to the first one's."""
    if abs(offset) < 0.05:
        return "with the first"
    return f"{abs(offset):.1f} s {'later' if offset > 0 else 'earlier'}"


def row_label(video: str, label: str) -> str:
    """Return a video's name and label, short enough to fit beside its frames."""
    return "\n".join([shorten_video_name(video), *style.shorten([label], 22)])


def shared_moments(pair: Pair) -> tuple[np.ndarray, np.ndarray]:
    """Return MOMENTS evenly spaced moments of the common recording, as seconds in each of the two videos."""
    begin = max(0.0, pair.offset)
    in_a = begin + pair.overlap * (np.arange(MOMENTS) + 0.5) / MOMENTS
    return in_a, in_a - pair.offset


def read_frames(store: FrameStore, video: str, seconds: np.ndarray) -> list[np.ndarray]:
    """Return the frames that a player would show at `seconds`, made small."""
    numbers = np.searchsorted(clock(store.times(video)), seconds + 1e-3, side="right") - 1
    return shrink(store.read(video, numbers.clip(0, store.videos[video].num_frames - 1).tolist()))


if __name__ == "__main__":
    splits = Reader(list, "*", "CSVs with the columns video and subset")
    plot(__doc__, draw, frames=FRAMES, duplicates=Reader(Path), videos=Reader(Path), splits=splits)
