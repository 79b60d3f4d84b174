"""Draw each model's accuracy with and without the order of frames, and how it divides into shares.

Example:
    python scripts/plot_motion_use.py --motion-use results/motion/motion_use.csv \\
        --output results/motion/figures/motion_use.svg
"""

import textwrap

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from vidbench.clips.frame_orders import NORMAL, REVERSED, SHUFFLED, SINGLE_FRAME
from vidbench.plotting import style
from vidbench.plotting.main import TABLE, plot

# Greys and markers, because colours mean models in all figures.
ACCURACIES = {
    NORMAL: ("as they are", "0", "o"),
    SHUFFLED: ("shuffled", "0.45", "s"),
    REVERSED: ("reversed", "0.45", "<"),
    SINGLE_FRAME: ("one frame", "0.3", "x"),
}
SHARES = {
    "static": ("static", "0.3", "x"),
    "unordered": ("unordered", "0.45", "s"),
    "order": ("order", "0", "o"),
    "relative_order": ("order, against the order-invariant model", "0", "D"),
}
HEIGHT = 0.5  # inches per model, for four shares below each other


def draw(motion_use: pd.DataFrame) -> Figure:
    """Draw one row per model: its accuracies on the left, their shares with intervals on the right."""
    figure, (left, right) = style.plt.subplots(
        1, 2, figsize=(style.WIDTH, 1.5 + HEIGHT * len(motion_use)), sharey=True, layout="constrained"
    )
    draw_accuracies(left, motion_use)
    draw_shares(right, motion_use)
    left.set_yticks(range(len(motion_use)), style.shorten(motion_use["model"].tolist()))
    left.set_ylim(len(motion_use) - 0.5, -0.5)
    right.spines["left"].set_visible(False)
    for axis in (left, right):
        axis.grid(axis="x", linewidth=0.3)
        for index in range(1, len(motion_use)):
            axis.axhline(index - 0.5, color="0.85", linewidth=0.5, zorder=0)
        axis.tick_params(axis="y", length=0)
        axis.legend(loc="lower left", bbox_to_anchor=(-0.02, 1.0), ncols=2, fontsize=7.5, handletextpad=0.3)
    return figure


def draw_accuracies(axis: Axes, table: pd.DataFrame) -> None:
    """Draw a marker per order of frames, and the accuracy by chance."""
    for index, (_, row) in enumerate(table.iterrows()):
        axis.plot([row[list(ACCURACIES)].min(), row[list(ACCURACIES)].max()], [index] * 2, color="0.7", linewidth=1)
    for number, (column, (label, color, marker)) in enumerate(ACCURACIES.items()):
        heights = [
            index + 0.14 * (number - 1.5) for index in range(len(table))
        ]  # shifted, so that equal ones do not hide each other
        axis.plot(table[column], heights, marker, color=color, markersize=5, markeredgewidth=1.5, label=label)
    axis.axvline(table["chance"].iloc[0], color="black", linestyle=":", linewidth=1, label="chance")
    axis.set(xlim=(-0.05, 1.05), xlabel="top-1 accuracy (%)")
    style.show_accuracy(axis.xaxis)


def draw_shares(axis: Axes, table: pd.DataFrame) -> None:
    """Draw a marker and an interval per share, which can be below 0 or above 1; the reason if shares are undefined."""
    for number, (name, (label, color, marker)) in enumerate(SHARES.items()):
        defined = table[table[name].notna()]
        heights = [index + 0.18 * (number - 1.5) for index in defined.index]
        axis.hlines(heights, defined[f"{name}_low"], defined[f"{name}_high"], color=color, linewidth=1.2)
        axis.plot(defined[name], heights, marker, color=color, markersize=4, markeredgewidth=1.5, label=label)
    for edge in (0, 1):
        axis.axvline(edge, color="0.4", linewidth=0.8, zorder=0)
    low, high = axis.get_xlim()
    axis.set_xlim(min(low, -0.05), max(high, 1.05))
    for index, (_, row) in enumerate(table.iterrows()):
        if pd.notna(row["undefined"]):
            reason = f"not defined:\n{textwrap.fill(row['undefined'], 40)}"
            box = {"fontsize": 7, "color": "0.25", "bbox": {"facecolor": "white", "edgecolor": "none", "pad": 1}}
            axis.text(0.5, index, reason, transform=axis.get_yaxis_transform(), ha="center", va="center", **box)
    axis.set_xlabel("share of what is above chance (%)")
    style.show_percent(axis.xaxis)


if __name__ == "__main__":
    plot(__doc__, draw, motion_use=TABLE)
