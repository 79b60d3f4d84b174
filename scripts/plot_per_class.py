"""Draw the accuracy of each class under each model, with its interval.

Example:
    python scripts/plot_per_class.py --class-scores results/motion/class_scores.csv \\
        --output results/motion/figures/per_class.svg
"""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from vidbench.plotting import style
from vidbench.plotting.limits import MAX_CLASS_POINTS, MAX_CLASSES
from vidbench.plotting.main import TABLE, plot

HARDEST, EASIEST = 20, 8
STYLES = ("-", (0, (5, 1.5)), (0, (1.5, 1)), (0, (6, 1, 1, 1)))


def draw(class_scores: pd.DataFrame) -> Figure:
    """Classes as rows, the hardest at the top; of many, the ends, below all classes as a sorted curve a model."""
    palette = style.colors(class_scores["model"].unique())
    order = class_scores.groupby("class")["accuracy"].mean().sort_values(kind="stable").index.tolist()
    many = len(order) > MAX_CLASSES
    shown = order[:HARDEST] + order[-EASIEST:] if many else order
    points = len(palette) <= MAX_CLASS_POINTS
    step = 0.12 + 0.05 * len(palette) if points else 0.17
    heights = [*([2.0] if many else []), 0.6 + step * len(shown)]
    figure, axes = style.plt.subplots(
        len(heights), 1, figsize=(style.WIDTH, sum(heights) + 0.4), height_ratios=heights, layout="constrained",
        squeeze=False,
    )  # fmt: skip
    if many:
        curves(axes[0, 0], class_scores, palette)
    rows = axes[-1, 0]
    (intervals if points else cells)(rows, class_scores[class_scores["class"].isin(shown)], shown, palette)
    if many:
        rows.axhline(HARDEST - 0.5 if points else HARDEST, color="black", linewidth=0.8)
        rows.set_title(f"the {HARDEST} hardest and the {EASIEST} easiest of {len(order)} classes", fontsize=8)
    return figure


def curves(axis: Axes, data: pd.DataFrame, palette: dict[str, object]) -> None:
    """Every class's accuracy, sorted for each model by itself."""
    for place, (model, color) in enumerate(palette.items()):
        values = np.sort(data.loc[data["model"] == model, "accuracy"])
        line = {"color": color, "linestyle": STYLES[place % len(STYLES)]}
        axis.plot(np.arange(1, len(values) + 1), values, linewidth=1.2, label=style.short([model], 24)[0], **line)
    axis.set(xlabel="classes, sorted for each model", ylabel="accuracy (%)", ylim=(-0.02, 1.02))
    style.in_percent(axis.yaxis)
    axis.grid(linewidth=0.3)
    axis.legend(loc="center left", bbox_to_anchor=(1, 0.5), fontsize=6.5 if len(palette) <= 14 else 6, labelspacing=0.2)


def intervals(axis: Axes, data: pd.DataFrame, order: list[str], palette: dict[str, object]) -> None:
    """A point and an interval a class and model."""
    row = {label: place for place, label in enumerate(order)}
    markers = style.markers(list(palette))
    offsets = np.linspace(-0.32, 0.32, len(palette)) if len(palette) > 1 else [0.0]
    for offset, model in zip(offsets, style.ranked(list(palette), data, "accuracy"), strict=True):
        color = palette[model]
        own = data[data["model"] == model]
        y = own["class"].map(row) + offset
        axis.hlines(y, own["low"], own["high"], color=color, linewidth=1.2, alpha=0.55)
        axis.plot(own["accuracy"], y, markers[model], color=color, markersize=3.5, label=style.short([model], 24)[0])
    axis.set_yticks(range(len(order)), style.short(order), fontsize=7)
    axis.set(xlim=(-0.02, 1.02), ylim=(len(order) - 0.4, -0.6), xlabel="accuracy (%)")
    style.in_percent(axis.xaxis)
    axis.grid(axis="x", linewidth=0.3)
    for place in range(1, len(order), 2):
        axis.axhspan(place - 0.5, place + 0.5, color="0.95", zorder=0, linewidth=0)
    axis.legend(loc="upper left", bbox_to_anchor=(1, 1), fontsize=7)


def cells(axis: Axes, data: pd.DataFrame, order: list[str], palette: dict[str, object]) -> None:
    """The accuracies, in percent, as a table in colours."""
    models = style.ranked(list(palette), data, "accuracy")
    table = 100 * data.pivot(index="class", columns="model", values="accuracy").loc[order, models]
    sns.heatmap(
        table, vmin=0, vmax=100, cmap="mako_r", cbar=False, ax=axis, annot=True, fmt=".0f", annot_kws={"size": 6},
        linewidths=0.3, yticklabels=style.short(order), xticklabels=style.short(models, 24),
    )  # fmt: skip
    axis.set(xlabel="accuracy (%)", ylabel="")
    axis.tick_params(labelsize=6.5)
    axis.tick_params(axis="x", rotation=45)
    for label in axis.get_xticklabels():
        label.set(ha="right", rotation_mode="anchor")


if __name__ == "__main__":
    plot(__doc__, draw, class_scores=TABLE)
