"""Draw reliability diagrams of labels: the share that is right against the probability, before and after scaling.

Example:
    python scripts/plot_label_calibration.py --label-calibration results/mine/label_calibration.csv \\
        --output results/mine/figures/label_calibration.svg
"""

import math

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from vidbench.plotting import style
from vidbench.plotting.main import TABLE, plot

COLUMNS = 4  # of panels
BEFORE = {"marker": "s", "linestyle": ":", "linewidth": 1, "markerfacecolor": "white"}
AFTER = {"marker": "o", "linewidth": 1.2}


def draw(label_calibration: pd.DataFrame) -> Figure:
    """Draw one panel per model: share of right labels in each bin over its mean probability, of all labels together."""
    palette = style.colors(label_calibration["model"].unique())
    columns = min(COLUMNS, len(palette))
    rows = math.ceil(len(palette) / columns)
    side = style.WIDTH / max(columns, 3)
    figure, axes = style.plt.subplots(
        rows, columns, figsize=(side * columns, rows * (side + 0.2) + 0.45), layout="constrained", squeeze=False,
        sharex=True, sharey=True,
    )  # fmt: skip
    for axis, (model, color) in zip(axes.flat, palette.items(), strict=False):
        axis.plot([0, 1], [0, 1], color="black", linewidth=0.6, linestyle=(0, (4, 3)))
        bins = label_calibration[label_calibration["model"] == model]
        for scaled, marks in ((False, {**BEFORE, "color": "0.3"}), (True, {**AFTER, "color": color})):
            points = bins[bins["scaled"] == scaled]
            axis.plot(points["probability"], points["share"], markersize=3, **marks)
        axis.set_title(style.shorten([model], 26)[0], fontsize=7)
        axis.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03), xticks=(0, 0.5, 1), yticks=(0, 0.5, 1), aspect="equal")
        axis.tick_params(labelsize=7)
    for axis in list(axes.flat)[len(palette) :]:
        axis.axis("off")
    style.show_percent(axes[0, 0].xaxis, axes[0, 0].yaxis)
    figure.supxlabel("probability of a label (%)", fontsize=8.5)
    figure.supylabel("videos that have it (%)", fontsize=8.5)
    lines = [Line2D([], [], markersize=3, color="0.3", **marks) for marks in (BEFORE, AFTER)]
    figure.legend(lines, ["as trained", "after temperature scaling"], loc="outside upper center", ncols=2, fontsize=7)
    return figure


if __name__ == "__main__":
    plot(__doc__, draw, label_calibration=TABLE)
