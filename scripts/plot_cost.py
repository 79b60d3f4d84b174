"""Draw accuracy against cost: time per clip, training time, arithmetic, parameters and, where measured, energy.

Example:
    python scripts/plot_cost.py --comparison results/motion/comparison.csv \\
        --summary results/motion/summary.csv --output results/motion/figures/cost.svg
"""

from itertools import pairwise
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from vidbench.evaluation.energy import PER_CLIP
from vidbench.evaluation.pareto import on_front
from vidbench.evaluation.verdicts import Verdict
from vidbench.plotting import style
from vidbench.plotting.label_placement import place_labels
from vidbench.plotting.main import TABLE, plot

COSTS = {  # column: label of the axis, divisor
    "ms_per_clip": ("ms/clip (one forward pass)", 1),
    "train_seconds": ("training time (s)", 1),
    "gflops": ("GFLOPs/clip", 1),
    "parameters": ("parameters (millions)", 1e6),
    "joules_per_clip": ("energy (J/clip)", 1),
}
FRONT = "0.45"  # grey of the Pareto front
MAX_NAMES = 8  # models up to which names are written beside the points if they fit, instead of numbers
SMALL = 6.5  # points


def draw(comparison: pd.DataFrame, summary: pd.DataFrame) -> Figure:
    """Draw time per clip in a large panel, the other costs in small ones; models are numbered by accuracy.

    A baseline without a network has no cost, and is left out.
    """
    summary = add_energy(summary[summary["ms_per_clip"].notna()])
    small = [column for column in COSTS if column != "ms_per_clip" and column in summary]
    figure = style.plt.figure(figsize=(style.WIDTH, 5.2), layout="constrained")
    mosaic: list[Any] = [["ms_per_clip"] * len(small), small]
    axes = figure.subplot_mosaic(mosaic, height_ratios=(3, 2))
    palette = style.colors(comparison["model"].unique())
    diverged = summary["verdict"] == Verdict.DIVERGED
    fronts: dict[str, list[tuple[float, float]]] = {}
    for column, axis in axes.items():
        label, divisor = COSTS[column]
        values = summary[column] / divisor
        in_front = on_front(summary["top1"].tolist(), values.mask(diverged).tolist())
        fronts[column] = front_steps(summary, values, in_front, 1.6 * values.max())
        draw_panel(axis, summary, values, in_front, palette)
        style.show_accuracy(axis.yaxis)
        axis.plot(*zip(*fronts[column], strict=True), color=FRONT, linestyle="--", linewidth=0.9, zorder=1)
        name_ticks(axis, *axis.get_xlim(), letters=40 if column == "ms_per_clip" else 48 // len(small))
        axis.set(xlabel=label, ylim=accuracy_limits(summary))
    for column in ("ms_per_clip", "train_seconds"):
        axes[column].set_ylabel("top-1 accuracy (%)")
    for column in small[1:]:
        axes[column].tick_params(labelleft=False)
    add_legend(axes["ms_per_clip"], summary, palette)
    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # labels are placed by pixels
    add_labels(axes, summary, fronts)
    return figure


def add_energy(summary: pd.DataFrame) -> pd.DataFrame:
    """Return the table with the joules per clip of all sources that were measured for every model, if there is one."""
    measured = [column for column in PER_CLIP.values() if column in summary and summary[column].notna().all()]
    if summary.empty or not measured:
        return summary
    return summary.assign(joules_per_clip=summary[measured].sum(axis=1))


def accuracy_limits(summary: pd.DataFrame) -> tuple[float, float]:
    """Return the ends of the accuracy axis: all intervals and room for labels, at least 20 points."""
    low = summary[["top1", "top1_low"]].min().min() - 0.03
    high = min(summary[["top1", "top1_high"]].max().max() + 0.03, 1.03)
    return max(min(low, high - 0.2), -0.02), high


def draw_panel(axis: Axes, summary: pd.DataFrame, cost: pd.Series, in_front: list[bool], palette: dict) -> None:
    """Draw accuracy and its interval over one cost, on a logarithmic axis; models of the front are filled."""
    markers = style.markers(list(palette))
    for index, model in enumerate(summary["model"]):
        row, x, color = summary.iloc[index], cost.iloc[index], palette[model]
        axis.vlines(x, row["top1_low"], row["top1_high"], color=color, alpha=0.5, linewidth=1, zorder=2)
        face = color if in_front[index] else "white"
        axis.plot(x, row["top1"], markers[model], color=color, markerfacecolor=face, markersize=5, zorder=3)
    axis.set_xscale("log")
    low, high = cost.min(), cost.max()
    axis.set_xlim(low / 1.6, high * 1.6)
    axis.grid(linewidth=0.3)


def front_steps(summary: pd.DataFrame, cost: pd.Series, in_front: list[bool], end: float) -> list[tuple[float, float]]:
    """Return the corners of the Pareto front: the best accuracy up to each cost, from the cheapest to `end`."""
    front = sorted((x, y) for x, y, on in zip(cost, summary["top1"], in_front, strict=True) if on)
    steps: list[tuple[float, float]] = []
    for x, y in front:
        steps += [*([(x, steps[-1][1])] if steps else []), (x, y)]
    return [*steps, (end, steps[-1][1])] if steps else [(end, float("nan"))]


def name_ticks(axis: Axes, low: float, high: float, letters: int) -> None:
    """Label a logarithmic axis with plain numbers of at most `letters` characters in all."""
    for digits, every in (((1, 1.5, 2, 3, 4, 6, 8), 1), ((1, 2, 5), 1), ((1, 3), 1), ((1,), 1), ((1,), 2), ((1,), 3)):
        ticks = [digit * 10.0**power for power in range(-6, 10, every) for digit in digits]
        ticks = [tick for tick in ticks if low <= tick <= high]
        if sum(len(f"{tick:,.6g}") + 1 for tick in ticks) <= letters:
            break
    axis.set_xticks(ticks)
    axis.xaxis.set_major_formatter(lambda x, _: f"{x:,.6g}")
    axis.tick_params(axis="x", which="minor", bottom=False, labelbottom=False)


def add_legend(axis: Axes, summary: pd.DataFrame, palette: dict) -> None:
    """Write number and name of each model, and the meaning of the marks, at the right."""
    markers = style.markers(list(palette))
    handles = [
        Line2D([], [], marker=markers[model], linestyle="", color=palette[model], markersize=5)
        for model in summary["model"]
    ]
    names = style.shorten(summary["model"].tolist(), 24)
    baselines = summary["baseline"].notna() if "baseline" in summary else [False] * len(summary)
    marks = [" (baseline)" if is_baseline else "" for is_baseline in baselines]
    labels = [f"{index}  {name}{mark}" for index, (name, mark) in enumerate(zip(names, marks, strict=True), 1)]
    handles += [Line2D([], [], linestyle="--", color=FRONT, linewidth=0.9)]
    handles += [Line2D([], [], marker="o", linestyle="", color=FRONT, markersize=5, markerfacecolor="white")]
    labels += ["Pareto front", "not on it"]
    size = "small" if len(summary) <= 10 else SMALL
    axis.legend(handles, labels, loc="upper left", bbox_to_anchor=(1, 1.04), fontsize=size, labelspacing=0.3)


def add_labels(axes: dict, summary: pd.DataFrame, fronts: dict[str, list[tuple[float, float]]]) -> None:
    """Write names in the large panel if all fit, else numbers; numbers in the small ones."""
    numbers = [str(index) for index in range(1, len(summary) + 1)]
    names = style.shorten(summary["model"].tolist(), 24)
    for column, axis in axes.items():
        x = (summary[column] / COSTS[column][1]).tolist()
        points = list(zip(x, summary["top1"], strict=True))
        ends = zip(x, summary["top1_low"], summary["top1_high"], strict=True)
        lines = [*(((at, low), (at, high)) for at, low, high in ends), *pairwise(fronts[column])]
        if column == "ms_per_clip" and len(names) <= MAX_NAMES:
            before = set(axis.texts)
            if not place_labels(axis, points, names, lines, 8):
                continue
            for text in set(axis.texts) - before:
                text.remove()
        place_labels(axis, points, numbers, lines, SMALL)


if __name__ == "__main__":
    plot(__doc__, draw, comparison=TABLE, summary=TABLE)
