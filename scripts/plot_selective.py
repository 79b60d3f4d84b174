"""Draw risk-coverage curves: accuracy on the most confident videos against their share.

Example:
    python scripts/plot_selective.py --scores results/motion/scores.csv \\
        --selective results/motion/selective.csv --output results/motion/figures/selective.svg
"""

import pandas as pd
from matplotlib.figure import Figure

from vidbench.plotting import style
from vidbench.plotting.main import TABLE, plot

MARK_EVERY = 0.12  # of the axes' diagonal


def draw(scores: pd.DataFrame, selective: pd.DataFrame) -> Figure:
    """Draw a line per model that has probabilities, the most accurate first in the legend."""
    palette = style.colors(scores["model"].unique())
    figure, axis = style.plt.subplots(figsize=(style.WIDTH, 3.0), layout="constrained")
    lines = {model: selective[selective["model"] == model] for model in palette if model in set(selective["model"])}
    markers = style.markers(list(palette))
    styles = style.line_styles(list(palette))
    for model, line in sorted(lines.items(), key=lambda item: -item[1]["accuracy"].iloc[-1]):
        axis.plot(
            line["coverage"], line["accuracy"], color=palette[model], linestyle=styles[model], linewidth=1.4,
            label=style.shorten([model])[0], marker=markers[model], markersize=3.5, markevery=MARK_EVERY,
        )  # fmt: skip
        axis.plot(
            line["coverage"].iloc[-1], line["accuracy"].iloc[-1], markers[model], color=palette[model], markersize=3.5
        )
    axis.set(xlim=(0, 1.02), ylim=(None, 1.02), ylabel="top-1 accuracy (%)")
    axis.set_xlabel("coverage (%), most confident videos first")
    style.show_accuracy(axis.xaxis, axis.yaxis)
    axis.grid(linewidth=0.3)
    if lines:
        axis.legend(loc="center left", bbox_to_anchor=(1, 0.5), fontsize=7, handlelength=2.6)
    return figure


if __name__ == "__main__":
    plot(__doc__, draw, scores=TABLE, selective=TABLE)
