"""Draw accuracy against the duration of the videos and against the amount of motion in them.

Example:
    python scripts/plot_difficulty.py --accuracy-by-difficulty results/motion/accuracy_by_difficulty.csv \\
        --output results/motion/figures/difficulty.svg
"""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from vidbench.evaluation.runs import in_order
from vidbench.plotting import style
from vidbench.plotting.main import TABLE, plot

LABELS = {"duration": "duration in s (videos)", "motion": "motion: grey difference in 1/4 s (videos)"}
ALL_ALIKE = {"duration": "All test videos are equally long ({middle:.3g} s)", "motion": "All test videos move equally"}
TOO_FEW = "Too few test videos for bins of 20 ({videos})"
UNKNOWN = {"duration": "No test video's duration is known", "motion": "No test video has two frames"}
MAX_INTERVALS = 8  # models: with more, intervals would hide the lines
DODGE = 0.5  # part of a bin over which the models' points are spread


def draw(accuracy_by_difficulty: pd.DataFrame) -> Figure:
    """Draw one panel per quantity; a quantity with a single bin becomes a line of text below."""
    quantities = accuracy_by_difficulty["quantity"]
    tables = {quantity: accuracy_by_difficulty[quantities == quantity] for quantity in LABELS}
    shown = {quantity: table for quantity, table in tables.items() if table["bin"].nunique() > 1}
    notes = [reason(quantity, table) for quantity, table in tables.items() if quantity not in shown]
    if not shown:
        return style.empty_figure(". ".join(notes))
    palette = style.colors(in_order(accuracy_by_difficulty["model"].tolist()))
    figure, axes = style.plt.subplots(
        1, len(shown), figsize=(style.WIDTH, 3.1), squeeze=False, sharey=True, layout="constrained"
    )
    for axis, (quantity, table) in zip(axes[0], shown.items(), strict=True):
        draw_panel(axis, table, palette)
        axis.set_xlabel(LABELS[quantity])
    axes[0, 0].set_ylabel("top-1 accuracy (%)")
    style.show_accuracy(axes[0, 0].yaxis)
    handles, names = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, style.shorten(names), loc="outside right center", fontsize=7)
    if notes:
        figure.supxlabel(". ".join(notes), fontsize=7, color="0.35")
    return figure


def reason(quantity: str, part: pd.DataFrame) -> str:
    """Return the reason why a quantity has no panel."""
    if part.empty:
        return UNKNOWN[quantity]
    first = part.iloc[0]
    alike = first["to"] - first["from"] <= 0.05 * abs(first["middle"])
    return (ALL_ALIKE[quantity] if alike else TOO_FEW).format(**first)


def draw_panel(axis: Axes, part: pd.DataFrame, palette: style.Palette) -> None:
    """Draw a line per model through its bins, with their intervals; the sizes of the bins are below the axis."""
    markers = style.markers(list(palette))
    spread = np.linspace(-DODGE / 2, DODGE / 2, len(palette)) if len(palette) > 1 else [0.0]
    for model, offset in zip(style.sort_by_accuracy(list(palette), part, "accuracy"), spread, strict=True):
        color = palette[model]
        line = part[part["model"] == model]
        place = line["bin"] + (offset if len(palette) <= MAX_INTERVALS else 0)
        axis.plot(
            place,
            line["accuracy"],
            markers[model],
            linestyle="-",
            color=color,
            label=model,
            markersize=3.5,
            linewidth=1,
        )
        if len(palette) <= MAX_INTERVALS:
            axis.vlines(place, line["low"], line["high"], color=color, alpha=0.5, linewidth=1.5)
    bins = part[part["model"] == part["model"].iloc[0]]
    names = [f"{row['from']:.2g}\nto {row['to']:.2g}\n({row['videos']:.0f})" for _, row in bins.iterrows()]
    axis.set_xticks(bins["bin"], names, fontsize=7)
    axis.set(ylim=(-0.03, 1.03), xlim=(-0.5, len(bins) - 0.5))
    axis.grid(axis="y", linewidth=0.3)


if __name__ == "__main__":
    plot(__doc__, draw, accuracy_by_difficulty=TABLE)
