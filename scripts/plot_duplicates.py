"""Draw pairs of videos that show the same recording: frames at the same moments, one video above the other.

Example:
    python scripts/plot_duplicates.py --frames results/mine/frames/*.h5 --duplicates results/mine/duplicates.csv \\
        --videos results/mine/videos.csv --splits results/mine/splits/*.csv --output results/mine/figures/duplicates.svg

At most 6 pairs: those that stand in two subsets of a split first, then the most similar. A mirrored video is drawn as
it is stored.
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
from vidbench.plotting.frame_strips import FRAMES, GAP, HEIGHT, MOMENTS, sheet, shortened, shrunk
from vidbench.plotting.main import Reader, plot
from vidbench.video import read_videos

MAX_PAIRS = 6  # pairs


@dataclass(frozen=True)
class DataSet:
    """What is written beside the frames."""

    store: FrameStore
    labels: dict[str, str]
    subsets: dict[str, dict[str, str]]  # by split, then by video

    @classmethod
    def read(cls, store: FrameStore, videos: Path, splits: Sequence[Path]) -> "DataSet":
        """From the frame store, videos.csv and splits/*.csv."""
        labels = {video.video: video.label for video in read_videos(videos)}
        subsets = {split.stem: {row["video"]: row["subset"] for row in read_csv(split)} for split in sorted(splits)}
        return cls(store, labels, subsets)

    def places(self, pair: Pair) -> dict[str, tuple[str, str]]:
        """By split, the subsets of both videos, "-" where a split leaves one out."""
        return {
            split: (members.get(pair.video_a, "-"), members.get(pair.video_b, "-"))
            for split, members in self.subsets.items()
        }

    def leaks(self, pair: Pair) -> bool:
        """Whether the two stand in two subsets of a split."""
        return any("-" not in found and found[0] != found[1] for found in self.places(pair).values())


def draw(frames: FrameStore, duplicates: Path, videos: Path, splits: list[Path]) -> Figure:
    """The pairs of the table `duplicates`, or that there are none. UserError where it is of another frame store."""
    pairs, data = read_pairs(duplicates), DataSet.read(frames, videos, splits)
    for video in (video for pair in pairs for video in (pair.video_a, pair.video_b)):
        if video not in frames.videos:
            reason = f"video '{video}' is not in the frame store; make it again with find_duplicates.py"
            raise UserError(f"{duplicates}: {reason}")
    return draw_pairs(pairs, data) if pairs else style.nothing("No two videos show the same recording")


def draw_pairs(pairs: Sequence[Pair], data: DataSet) -> Figure:
    """A picture of two rows of frames for each of the pairs to show, under a heading."""
    shown = sorted(pairs, key=lambda pair: (not data.leaks(pair), -pair.similarity, pair.video_a, pair.video_b))[
        :MAX_PAIRS
    ]
    figure, axes = style.plt.subplots(
        len(shown), figsize=(style.WIDTH, 0.4 + 2.0 * len(shown)), squeeze=False, layout="constrained"
    )
    figure.suptitle(summary(pairs, shown, data), fontsize="medium")
    for axis, pair in zip(axes[:, 0], shown, strict=True):
        draw_pair(axis, pair, data)
    return figure


def draw_pair(axis: Axes, pair: Pair, data: DataSet) -> None:
    """Frames of both videos with names at the left, and their times in the first one above."""
    videos, moments = (pair.video_a, pair.video_b), times(pair)
    rows = [frames_at(data.store, video, seconds) for video, seconds in zip(videos, moments, strict=True)]
    width = max(frame.shape[1] for row in rows for frame in row)
    axis.imshow(sheet(rows), interpolation="none")  # as it is, not enlarged, into the file
    centres = (width + GAP) * np.arange(MOMENTS) + width / 2
    axis.xaxis.tick_top()
    axis.set_xticks(centres, [f"{second:.1f} s" for second in moments[0]])
    names = [name(video, data.labels.get(video, "")) for video in videos]
    names[1] += "\nmirrored" if pair.mirrored else ""
    axis.set_yticks([HEIGHT / 2, HEIGHT * 1.5 + GAP], names)
    axis.set_title(heading(pair, data), fontsize="small", loc="left")
    axis.tick_params(length=0, pad=2, labelsize=6)
    axis.spines[:].set_visible(False)


def summary(pairs: Sequence[Pair], shown: Sequence[Pair], data: DataSet) -> str:
    """How many pairs there are, and how many of them are leaks."""
    leaks = sum(map(data.leaks, pairs))
    text = f"{len(pairs)} {'pair shows' if len(pairs) == 1 else 'pairs show'} the same recording"
    text += f"; {leaks} in two subsets of a split" if data.subsets else ""
    return text if len(shown) == len(pairs) else f"{text}; the first {len(shown)}"


def heading(pair: Pair, data: DataSet) -> str:
    """Similarity, offset and overlap, and where the two stand."""
    facts = [f"similarity {pair.similarity:.3f}", f"the second starts {starts(pair.offset)}"]
    subsets = [f"{split}: {' / '.join(found)}" for split, found in data.places(pair).items()]
    return " · ".join(facts) + ("\n" + " · ".join(subsets[:4]) + (" …" if len(subsets) > 4 else "") if subsets else "")


def starts(offset: float) -> str:
    """When a video's content starts, seen from the other's."""
    if abs(offset) < 0.05:
        return "with the first"
    return f"{abs(offset):.1f} s {'later' if offset > 0 else 'earlier'}"


def name(video: str, label: str) -> str:
    """A video's name and label as they fit beside its frames."""
    return "\n".join([shortened(video), *style.short([label], 22)])


def times(pair: Pair) -> tuple[np.ndarray, np.ndarray]:
    """Seconds of the frames to show of both videos, (MOMENTS,) each: the same moments of the recording."""
    begin = max(0.0, pair.offset)
    in_a = begin + pair.overlap * (np.arange(MOMENTS) + 0.5) / MOMENTS
    return in_a, in_a - pair.offset


def frames_at(store: FrameStore, video: str, seconds: np.ndarray) -> list[np.ndarray]:
    """The frames that a player would show at `seconds`, made small."""
    numbers = np.searchsorted(clock(store.times(video)), seconds + 1e-3, side="right") - 1
    return shrunk(store.read(video, numbers.clip(0, store.videos[video].num_frames - 1).tolist()))


if __name__ == "__main__":
    splits = Reader(list, "*", "CSVs with the columns video and subset")
    plot(__doc__, draw, frames=FRAMES, duplicates=Reader(Path), videos=Reader(Path), splits=splits)
