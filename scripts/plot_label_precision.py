"""Draw the average precision of each label under each model, with its interval, and that of a random ranking.

Example:
    python scripts/plot_label_precision.py --label-scores results/mine/label_scores.csv \\
        --output results/mine/figures/label_precision.svg
"""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from vidbench.plotting import style
from vidbench.plotting.limits import MAX_CLASSES
from vidbench.plotting.main import TABLE, plot

HARDEST, EASIEST = 20, 8


def draw(label_scores: pd.DataFrame) -> Figure:
    """Draw labels as rows, the hardest at the top; of many only both ends."""
    palette = style.colors(label_scores["model"].unique())
    order = label_scores.groupby("label")["average_precision"].mean().sort_values(kind="stable").index.tolist()
    shown = order[:HARDEST] + order[-EASIEST:] if len(order) > MAX_CLASSES else order
    height = 1.0 + (0.12 + 0.05 * len(palette)) * len(shown)
    figure, axes = style.plt.subplots(figsize=(style.WIDTH, height), layout="constrained")
    draw_rows(axes, label_scores[label_scores["label"].isin(shown)], shown, palette)
    if len(shown) < len(order):
        axes.axhline(HARDEST - 0.5, color="black", linewidth=0.8)
        axes.set_title(f"the {HARDEST} hardest and the {EASIEST} easiest of {len(order)} labels", fontsize=8)
    return figure


def draw_rows(axes: Axes, scores: pd.DataFrame, order: list[str], palette: style.Palette) -> None:
    """Draw a point and an interval per label and model, and chance as a tick of each label."""
    row = {label: index for index, label in enumerate(order)}
    markers = style.markers(list(palette))
    offsets = np.linspace(-0.3, 0.3, len(palette)) if len(palette) > 1 else [0.0]
    for offset, model in zip(offsets, style.sort_by_accuracy(list(palette), scores, "average_precision"), strict=True):
        own = scores[scores["model"] == model]
        y = own["label"].map(row) + offset
        axes.hlines(y, own["low"], own["high"], color=palette[model], linewidth=1.2, alpha=0.55)
        name = style.shorten([model], 24)[0]
        axes.plot(own["average_precision"], y, markers[model], color=palette[model], markersize=3.5, label=name)
    chance = scores.drop_duplicates("label")
    places = chance["label"].map(row)
    axes.vlines(chance["chance"], places - 0.42, places + 0.42, color="0.4", linewidth=1, label="random ranking")
    axes.set_yticks(range(len(order)), style.shorten(order), fontsize=7)
    axes.set(xlim=(-0.02, 1.02), ylim=(len(order) - 0.4, -0.6), xlabel="average precision (%)")
    style.show_accuracy(axes.xaxis)
    axes.grid(axis="x", linewidth=0.3)
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), fontsize=7)


if __name__ == "__main__":
    plot(__doc__, draw, label_scores=TABLE)
