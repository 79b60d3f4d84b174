"""Draw reliability diagrams: accuracy against confidence, before and after temperature scaling.

Example:
    python scripts/plot_calibration.py --scores results/motion/scores.csv \\
        --calibration results/motion/calibration.csv --output results/motion/figures/calibration.svg
"""

import math
from typing import Any

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from vidbench.plotting import style
from vidbench.plotting.main import TABLE, plot

COLUMNS = 4  # of panels
SMALL = 7  # points
BEFORE: dict[str, Any] = {"color": "0.3", "marker": "s", "linestyle": ":", "linewidth": 1, "markerfacecolor": "white"}
AFTER: dict[str, Any] = {"marker": "o", "linewidth": 1.2}


def draw(scores: pd.DataFrame, calibration: pd.DataFrame) -> Figure:
    """Draw one panel per model: accuracy of each bin over its mean confidence; its title has the calibration errors."""
    palette = style.colors(scores["model"].unique())
    columns = min(COLUMNS, len(palette))
    rows = math.ceil(len(palette) / columns)
    side = style.WIDTH / max(columns, 3)
    figure, axes = style.plt.subplots(
        rows, columns, figsize=(side * columns, rows * (side + 0.3) + 0.45), layout="constrained", squeeze=False,
        sharex=True, sharey=True,
    )  # fmt: skip
    order = style.sort_by_accuracy(list(palette), scores[scores["metric"] == "top1"], "value")
    for axis, model in zip(axes.flat, order, strict=False):
        axis.plot([0, 1], [0, 1], color="black", linewidth=0.6, linestyle=(0, (4, 3)))
        bins = calibration[calibration["model"] == model]
        for scaled, marks in ((False, BEFORE), (True, AFTER | {"color": palette[model]})):
            points = bins[bins["scaled"] == scaled]
            label = "scaled" if scaled else "as trained"
            axis.plot(points["confidence"], points["accuracy"], markersize=3, label=label, **marks)
        values = scores[scores["model"] == model].set_index("metric")["value"]
        lines = [
            style.shorten([model], 26)[0],
            f"ECE {_error_text(values, 'ece')}",
            f"scaled {_error_text(values, 'ece_scaled')}",
        ]
        axis.set_title("\n".join(lines), fontsize=SMALL, linespacing=1.25)
        axis.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03), xticks=(0, 0.5, 1), yticks=(0, 0.5, 1), aspect="equal")
        axis.tick_params(labelsize=SMALL)
    for axis in list(axes.flat)[len(palette) :]:
        axis.axis("off")
    style.show_percent(axes[0, 0].xaxis, axes[0, 0].yaxis)
    figure.supxlabel("confidence: probability of the predicted class (%)", fontsize=8.5)
    figure.supylabel("accuracy (%)", fontsize=8.5)
    handles = [Line2D([], [], markersize=3, **BEFORE), Line2D([], [], markersize=3, color="0.3", **AFTER)]
    figure.legend(handles, ["as trained", "after temperature scaling"], loc="outside upper center", ncols=2, fontsize=7)
    return figure


def _error_text(values: pd.Series, name: str) -> str:
    """Return '3.2 % (1.1–3.4)': an error and its range for a calibrated model, in percent; a dash for no number."""
    value, low, high = (100 * values.get(f"{name}{end}", math.nan) for end in ("", "_null_low", "_null_high"))
    return "–" if math.isnan(value) else f"{value:.1f} % ({low:.1f}–{high:.1f})"


if __name__ == "__main__":
    plot(__doc__, draw, scores=TABLE, calibration=TABLE)
