"""Draw the accuracy of each model on each data set, and the mean over them.

Example:
    python scripts/plot_across_accuracy.py --models results/across/models.csv \\
        --accuracies results/across/accuracies.csv --output results/across/figures/across_accuracy.svg
"""

from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from vidbench.evaluation.across_tables import AcrossModel, ModelOnDataSet
from vidbench.evaluation.runs import in_order
from vidbench.evaluation.tables import read_table
from vidbench.plotting import style
from vidbench.plotting.main import Reader, plot

MEAN = "mean over data sets"
BAND = 0.72  # of the height of a row, which its models share
ROW = 0.16  # inches per model in a row


def draw(models: list[AcrossModel], accuracies: list[ModelOnDataSet]) -> Figure:
    """Draw a row per data set with a mark and an interval per model, and the row of the means below a line."""
    names = [row.model for row in models]
    data_sets = in_order(row.dataset for row in accuracies)
    means = [row for row in models if row.mean_top1 is not None]
    labels = [*data_sets, MEAN] if means else data_sets
    height = 1.1 + max(0.34, ROW * len(names)) * len(labels)
    figure, axis = style.plt.subplots(figsize=(style.WIDTH, height), layout="constrained")
    palette = style.colors(in_order(row.model for row in accuracies))  # as in the figures of single data sets
    markers = style.markers(list(palette))
    offsets = dict(zip(names, np.linspace(-BAND / 2, BAND / 2, len(names) + 2)[1:-1], strict=True))

    def mark(index: int, model: str, value: float, low: float | None, high: float | None, hollow: bool) -> None:
        y, color = index + offsets[model], palette[model]
        if low is not None and high is not None:
            axis.plot([low, high], [y, y], color=color, linewidth=3, alpha=0.35, solid_capstyle="butt")
        axis.plot(
            value, y, markers[model], color=color, markerfacecolor="white" if hollow else color, markersize=5,
            linestyle="none",
        )  # fmt: skip

    for row in accuracies:
        left_out = bool(row.left_out or row.diverged)
        mark(data_sets.index(row.dataset), row.model, row.top1, row.top1_low, row.top1_high, left_out)
    for row in means:
        assert row.mean_top1 is not None
        mark(len(data_sets), row.model, row.mean_top1, row.mean_low, row.mean_high, False)
    if means:
        axis.axhline(len(data_sets) - 0.5, color="0.3", linewidth=0.8)
    finish(axis, labels)
    handles = [
        Line2D([], [], marker=markers[row.model], color=palette[row.model], linestyle="none", label=label)
        for row, label in zip(models, style.shorten([row.label for row in models]), strict=True)
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=min(4, len(handles)))
    return figure


def finish(axis: Axes, labels: list[str]) -> None:
    """Label the rows, the first on top, and the axis of accuracies."""
    axis.set_yticks(range(len(labels)), style.shorten(labels))
    axis.set(xlabel="top-1 accuracy on the test videos (%)", ylim=(len(labels) - 0.5, -0.5))
    for index in range(1, len(labels), 2):
        axis.axhspan(index - 0.5, index + 0.5, color="0.96", zorder=0)
    low, high = axis.get_xlim()
    axis.set_xlim(max(low, -0.01), min(high, 1.01))
    style.show_accuracy(axis.xaxis)
    axis.grid(axis="x", linewidth=0.3)


if __name__ == "__main__":
    plot(
        __doc__, draw,
        models=Reader(partial(read_table, kind=AcrossModel)),
        accuracies=Reader(partial(read_table, kind=ModelOnDataSet)),
    )  # fmt: skip
