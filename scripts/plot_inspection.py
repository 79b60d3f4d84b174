"""Draw duration, frame rate and size of the videos, and the number of videos per class.

Example:
    python scripts/plot_inspection.py --videos results/mine/videos.csv --inspection results/mine/inspection.csv \\
        --output results/mine/figures/inspection.svg
"""

from collections import Counter
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullFormatter

from vidbench.plotting import style
from vidbench.plotting.light_seaborn import sns
from vidbench.plotting.main import ROWS, Reader, plot
from vidbench.video import read_videos

STATES = {"ok": "decoded", "partial": "decoded in part", "failed": "not decoded"}
MAX_LABELS = 60  # classes up to which they are named
MAX_BARS = 8  # sizes and frame rates that get a bar


def read_labels(path: Path) -> dict[str, tuple[str, ...]]:
    """Return the labels of each video of videos.csv: one, unless the data set is of several."""
    return {video.id: video.labels for video in read_videos(path)}


def draw(videos: dict[str, tuple[str, ...]], inspection: list[dict[str, str]]) -> Figure:
    """Draw three small panels above a wide one; `videos`: the labels of each, `inspection`: rows of the table."""
    figure = plt.figure(figsize=(style.WIDTH, 4.6), layout="constrained")
    grid = figure.add_gridspec(2, 3, height_ratios=(1, 1.3))
    decoded = [row for row in inspection if float(row["duration"]) > 0]
    draw_durations(figure.add_subplot(grid[0, 0]), [float(row["duration"]) for row in decoded])
    rates = [f"{float(row['source_fps']):.4g}" for row in decoded]
    draw_most_common(figure.add_subplot(grid[0, 1]), rates, "frames/s", numeric=True)
    sizes = [f"{row['source_width']} × {row['source_height']}" for row in decoded]
    draw_most_common(figure.add_subplot(grid[0, 2]), sizes, "width × height")
    draw_classes(figure.add_subplot(grid[1, :]), inspection, videos)
    return figure


def draw_durations(axes: Axes, seconds: list[float]) -> None:
    """Draw a histogram, on a logarithmic axis if the durations differ much."""
    spread = bool(seconds) and max(seconds) > 20 * min(seconds)
    if seconds and min(seconds) < max(seconds):
        sns.histplot(x=seconds, bins=min(30, max(5, len(seconds) // 5)), log_scale=spread, ax=axes)
    elif seconds:
        axes.bar([f"{seconds[0]:.3g}"], [len(seconds)])
    if spread:
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.xaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set(xlabel="duration (s)", ylabel="videos")


def draw_most_common(axes: Axes, values: list[str], name: str, numeric: bool = False) -> None:
    """Draw a bar per value for the most common ones."""
    counts = Counter(values).most_common(MAX_BARS)
    rest = len(values) - sum(count for _, count in counts)
    if numeric:
        counts.sort(key=lambda item: float(item[0]))
    if rest:
        counts.append(("other", rest))
    axes.barh([value for value, _ in counts], [count for _, count in counts])
    axes.set_ylim(max(len(counts), 3) - 0.5, -0.5)  # a single bar should not fill the panel
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set(xlabel="videos", title=name)


def draw_classes(axes: Axes, rows: list[dict[str, str]], labels: dict[str, tuple[str, ...]]) -> None:
    """Draw the number of videos per class as bars, stacked by status; one of several labels is in several bars."""
    names = sorted({label for of_video in labels.values() for label in of_video})
    place = {name: number for number, name in enumerate(names)}
    below = np.zeros(len(names))
    has_labels = len(names) <= MAX_LABELS
    for status, color in zip(STATES, sns.color_palette("colorblind", len(STATES)), strict=True):
        counts = np.zeros(len(names))
        for row in rows:
            if row["status"] == status:
                for label in labels[row["video"]]:
                    counts[place[label]] += 1
        if status == "ok" or counts.any():
            axes.bar(
                range(len(names)),
                counts,
                bottom=below,
                color=color,
                label=STATES[status],
                width=0.8 if has_labels else 1,
            )
        below += counts
    axes.set_xticks(range(len(names)) if has_labels else [], style.shorten(names, 18) if has_labels else [])
    axes.tick_params(axis="x", rotation=90 if max(map(len, names)) * len(names) > 80 else 0, length=0)
    axes.set(
        xlabel="" if has_labels else f"{len(names)} classes, by name", ylabel="videos", xlim=(-0.6, len(names) - 0.4)
    )
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    if len(axes.containers) > 1:
        axes.legend(loc="upper left", bbox_to_anchor=(1, 1))


if __name__ == "__main__":
    plot(__doc__, draw, videos=Reader(read_labels), inspection=ROWS)
