"""Draw the mean rank of each model over the data sets, and which models are not significantly different by them.

Example:
    python scripts/plot_across_ranks.py --models results/across/models.csv \\
        --accuracies results/across/accuracies.csv --summary results/across/summary.json \\
        --output results/across/figures/across_ranks.svg

It is the critical-difference figure of Demsar 2006, for five data sets or more.
"""

from functools import partial
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from vidbench.evaluation.across_ranks import groups_of_equal_ranks
from vidbench.evaluation.across_tables import AcrossModel, ModelOnDataSet
from vidbench.evaluation.runs import in_order
from vidbench.evaluation.tables import read_table
from vidbench.files import read_json
from vidbench.plotting import style
from vidbench.plotting.main import Reader, plot

BAR = 0.22  # inches between two bars
LINE = 0.24  # inches between two names


def draw(models: list[AcrossModel], accuracies: list[ModelOnDataSet], summary: dict[str, Any]) -> Figure:
    """Draw the axis of ranks with a mark per model, names on both sides below it, and bars between them."""
    ranked = sorted([(row.mean_rank, row) for row in models if row.mean_rank is not None], key=lambda pair: pair[0])
    difference = summary["critical_difference"]
    if not ranked or difference is None:
        return style.empty_figure("Too few data sets count for a critical difference")
    ranks = [rank for rank, _ in ranked]
    bars = groups_of_equal_ranks(ranks, difference)
    names = -(-len(ranked) // 2)
    heights = {"top": 0.7, "bars": 0.15 + BAR * len(bars), "names": 0.1 + LINE * names}
    total = sum(heights.values())
    figure = style.plt.figure(figsize=(style.WIDTH, total))
    axis = figure.add_axes((0.24, 0, 0.52, 1))
    axis.set(xlim=(1, len(ranked)), ylim=(-(total - heights["top"]), heights["top"]))  # y in inches below the line
    axis.axis("off")
    draw_scale(axis, len(ranked), difference)
    for number, (first, last) in enumerate(bars):
        y = -(0.15 + BAR * number)
        axis.plot(
            [ranks[first], ranks[last]], [y, y], color="black", linewidth=3.5, solid_capstyle="round", clip_on=False
        )
    palette = style.colors(in_order(row.model for row in accuracies))  # as in the other figures
    draw_names(axis, ranked, palette, -heights["bars"])
    return figure


def draw_scale(axis: Axes, models: int, difference: float) -> None:
    """Draw the line of ranks with its numbers, and the critical difference above it."""
    axis.plot([1, models], [0, 0], color="black", linewidth=1, clip_on=False)
    step = max(1, models // 10)
    for rank in range(1, models + 1, step):
        axis.plot([rank, rank], [0, 0.06], color="black", linewidth=1, clip_on=False)
        axis.text(rank, 0.1, str(rank), ha="center", va="bottom", fontsize=8)
    axis.text(1 - 0.02 * models, 0.1, "mean rank ", ha="right", va="bottom", fontsize=8)
    axis.plot([1, 1 + difference], [0.42, 0.42], color="0.35", linewidth=2, clip_on=False)
    for end in (1, 1 + difference):
        axis.plot([end, end], [0.38, 0.46], color="0.35", linewidth=1, clip_on=False)
    axis.text(1, 0.5, f"critical difference {difference:.2f}", ha="left", va="bottom", fontsize=8, color="0.2")


def draw_names(axis: Axes, ranked: list[tuple[float, AcrossModel]], palette: style.Palette, top: float) -> None:
    """Draw each model's mark and, on the side that is nearer, its name and rank; the outer ranks on top."""
    markers = style.markers(list(palette))
    labels = style.shorten([row.label for _, row in ranked], 24)
    left, span = -(-len(ranked) // 2), len(ranked) - 1
    for place, ((rank, row), label) in enumerate(zip(ranked, labels, strict=True)):
        line = place if place < left else span - place
        y, is_left = top - LINE * (line + 0.5), place < left
        end = 1 - 0.03 * span if is_left else len(ranked) + 0.03 * span
        axis.plot([rank, rank, end], [0, y, y], color="0.6", linewidth=0.7, clip_on=False, zorder=0)
        axis.plot(rank, 0, markers[row.model], color=palette[row.model], markersize=6, clip_on=False)
        words = f"{label}  {rank:.2f}" if is_left else f"{rank:.2f}  {label}"
        axis.text(end, y, f" {words} ", ha="right" if is_left else "left", va="center", fontsize=8)


if __name__ == "__main__":
    plot(
        __doc__, draw,
        models=Reader(partial(read_table, kind=AcrossModel)),
        accuracies=Reader(partial(read_table, kind=ModelOnDataSet)),
        summary=Reader(read_json, help="summary.json"),
    )  # fmt: skip
