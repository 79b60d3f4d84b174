"""Draw each model's accuracy with its 95 % interval, every seed, and what the comparison says of it.

Example:
    python scripts/plot_comparison.py --comparison results/motion/comparison.csv \\
        --summary results/motion/summary.csv --output results/motion/figures/comparison.svg
"""

import pandas as pd
from matplotlib.figure import Figure

from vidbench.plotting import style
from vidbench.plotting.main import TABLE, plot

WORDS = {"best": "best", "tied": "tied with the best", "behind": "behind", "unknown": "no verdict"}


def draw(comparison: pd.DataFrame, summary: pd.DataFrame) -> Figure:
    """A row a model: the interval, the pooled accuracy, a small dot a seed (mean over splits), the verdict."""
    figure, axis = style.plt.subplots(figsize=(style.WIDTH, 0.8 + 0.34 * len(summary)), layout="constrained")
    palette = style.colors(comparison["model"].unique())
    markers = style.markers(list(palette))
    seeds = comparison[comparison["fraction"] == 1].groupby(["model", "seed"])["top1"].mean()
    for place, row in enumerate(summary.to_dict("records")):
        color = palette[row["model"]]
        bar = {"color": color, "linewidth": 5, "alpha": 0.35, "solid_capstyle": "butt"}
        axis.plot([row["top1_low"], row["top1_high"]], [place, place], **bar)
        face = color if row["diverged_runs"] == 0 else "white"
        axis.plot(row["top1"], place, markers[row["model"]], color=color, markerfacecolor=face, markersize=7)
        own = seeds[row["model"]]
        axis.plot(own, [place] * len(own), ".", color="black", markersize=3.5, zorder=5)
    words = [verdict_words(row, len(summary)) for row in summary.to_dict("records")]
    axis.set_yticks(range(len(summary)), style.short(summary["model"].tolist()))
    axis.set(xlabel="top-1 accuracy on the test videos (%)", ylim=(len(summary) - 0.5, -0.5))
    axis.set_xlim(*limits(summary, seeds))
    style.in_percent(axis.xaxis)
    beside = axis.secondary_yaxis("right")
    beside.set_yticks(range(len(summary)), words)
    beside.tick_params(length=0)
    beside.spines["right"].set_visible(False)
    axis.grid(axis="x", linewidth=0.3)
    return figure


def limits(summary: pd.DataFrame, seeds: pd.Series) -> tuple[float, float]:
    """Ends of the axis: all that is drawn, and no accuracy above 1."""
    values = pd.concat([summary["top1_low"], summary["top1_high"], summary["top1"], seeds]).dropna()
    room = max(0.06 * (values.max() - values.min()), 0.01)
    return max(values.min() - room, -0.01), min(values.max() + room, 1.01)


def verdict_words(row: dict, models: int) -> str:
    """What stands beside a model."""
    words = WORDS[row["verdict"]]
    if pd.isna(row["top1_low"]):
        words = "too few groups"
    elif models == 1:
        words = "the only model"
    if row["diverged_runs"]:
        runs = "run" if row["diverged_runs"] == 1 else "runs"
        words += f"; {row['diverged_runs']} {runs} diverged"
    return words


if __name__ == "__main__":
    plot(__doc__, draw, comparison=TABLE, summary=TABLE)
