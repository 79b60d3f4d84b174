"""Draw the accuracy of each class under each model, with its interval.

Example:
    python scripts/plot_per_class.py --class-scores results/motion/class_scores.csv \\
        --output results/motion/figures/per_class.svg
"""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from vidbench.plotting import style
from vidbench.plotting.light_seaborn import sns
from vidbench.plotting.limits import MAX_CLASS_POINTS, MAX_CLASSES
from vidbench.plotting.main import TABLE, plot

HARDEST, EASIEST = 20, 8


def draw(class_scores: pd.DataFrame) -> Figure:
    """Draw classes as rows, the hardest at the top; of many only both ends, below a sorted curve per model of all."""
    palette = style.colors(class_scores["model"].unique())
    order = class_scores.groupby("class")["accuracy"].mean().sort_values(kind="stable").index.tolist()
    shortened = len(order) > MAX_CLASSES
    shown = order[:HARDEST] + order[-EASIEST:] if shortened else order
    points = len(palette) <= MAX_CLASS_POINTS
    step = 0.12 + 0.05 * len(palette) if points else 0.17
    heights = [*([2.0] if shortened else []), 0.6 + step * len(shown)]
    figure, axes = style.plt.subplots(
        len(heights), 1, figsize=(style.WIDTH, sum(heights) + 0.4), height_ratios=heights, layout="constrained",
        squeeze=False,
    )  # fmt: skip
    if shortened:
        draw_curves(axes[0, 0], class_scores, palette)
    rows = axes[-1, 0]
    draw_rows = draw_intervals if points else draw_cells
    draw_rows(rows, class_scores[class_scores["class"].isin(shown)], shown, palette)
    if shortened:
        rows.axhline(HARDEST - 0.5 if points else HARDEST, color="black", linewidth=0.8)
        rows.set_title(f"the {HARDEST} hardest and the {EASIEST} easiest of {len(order)} classes", fontsize=8)
    return figure


def draw_curves(axis: Axes, data: pd.DataFrame, palette: style.Palette) -> None:
    """Draw the accuracies of all classes as one curve per model, sorted for each model by itself."""
    styles = style.line_styles(list(palette))
    for model, color in palette.items():
        values = np.sort(data.loc[data["model"] == model, "accuracy"])
        label = style.shorten([model], 24)[0]
        ranks = np.arange(1, len(values) + 1)
        axis.plot(ranks, values, color=color, linestyle=styles[model], linewidth=1.2, label=label)
    axis.set(xlabel="classes, sorted for each model", ylabel="accuracy (%)", ylim=(-0.02, 1.02))
    style.show_accuracy(axis.yaxis)
    axis.grid(linewidth=0.3)
    axis.legend(loc="center left", bbox_to_anchor=(1, 0.5), fontsize=6.5 if len(palette) <= 14 else 6, labelspacing=0.2)


def draw_intervals(axis: Axes, data: pd.DataFrame, order: list[str], palette: style.Palette) -> None:
    """Draw a point and an interval per class and model."""
    row = {label: index for index, label in enumerate(order)}
    markers = style.markers(list(palette))
    offsets = np.linspace(-0.32, 0.32, len(palette)) if len(palette) > 1 else [0.0]
    for offset, model in zip(offsets, style.sort_by_accuracy(list(palette), data, "accuracy"), strict=True):
        color = palette[model]
        scores = data[data["model"] == model]
        y = scores["class"].map(row) + offset
        axis.hlines(y, scores["low"], scores["high"], color=color, linewidth=1.2, alpha=0.55)
        axis.plot(
            scores["accuracy"], y, markers[model], color=color, markersize=3.5, label=style.shorten([model], 24)[0]
        )
    axis.set_yticks(range(len(order)), style.shorten(order), fontsize=7)
    axis.set(xlim=(-0.02, 1.02), ylim=(len(order) - 0.4, -0.6), xlabel="accuracy (%)")
    style.show_accuracy(axis.xaxis)
    axis.grid(axis="x", linewidth=0.3)
    for index in range(1, len(order), 2):
        axis.axhspan(index - 0.5, index + 0.5, color="0.95", zorder=0, linewidth=0)
    axis.legend(loc="upper left", bbox_to_anchor=(1, 1), fontsize=7)


def draw_cells(axis: Axes, data: pd.DataFrame, order: list[str], palette: style.Palette) -> None:
    """Draw the accuracies, in percent, as a table in colours."""
    models = style.sort_by_accuracy(list(palette), data, "accuracy")
    table = 100 * data.pivot(index="class", columns="model", values="accuracy").loc[order, models]
    sns.heatmap(
        table, vmin=0, vmax=100, cmap="mako_r", cbar=False, ax=axis, annot=True, fmt=".0f", annot_kws={"size": 6},
        linewidths=0.3, yticklabels=style.shorten(order), xticklabels=style.shorten(models, 24),
    )  # fmt: skip
    axis.set(xlabel="accuracy (%)", ylabel="")
    axis.tick_params(labelsize=6.5)
    axis.tick_params(axis="x", rotation=45)
    for label in axis.get_xticklabels():
        label.set(ha="right", rotation_mode="anchor")


if __name__ == "__main__":
    plot(__doc__, draw, class_scores=TABLE)
