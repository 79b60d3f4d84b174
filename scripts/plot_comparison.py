"""Draw each model's accuracy with its 95 % interval, its seeds, and the verdict of the comparison.

Example:
    python scripts/plot_comparison.py --comparison results/motion/comparison.csv \\
        --summary results/motion/summary.csv --output results/motion/figures/comparison.svg
"""

from functools import partial
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from vidbench.evaluation.tables import ModelSummary, read_table
from vidbench.evaluation.verdicts import Verdict
from vidbench.plotting import style
from vidbench.plotting.main import TABLE, Reader, plot


def draw(comparison: pd.DataFrame, summary: list[ModelSummary]) -> Figure:
    """Draw one row per model: interval, pooled accuracy, a small dot per seed (mean over splits), verdict."""
    figure, axis = style.plt.subplots(figsize=(style.WIDTH, 0.8 + 0.34 * len(summary)), layout="constrained")
    palette = style.colors(comparison["model"].unique())
    markers = style.markers(list(palette))
    seeds = seed_accuracies(comparison)
    for index, row in enumerate(summary):
        color = palette[row.model]
        bar: dict[str, Any] = {"color": color, "linewidth": 5, "alpha": 0.35, "solid_capstyle": "butt"}
        if row.top1_low is not None and row.top1_high is not None:
            axis.plot([row.top1_low, row.top1_high], [index, index], **bar)
        face = "white" if row.diverged else color
        axis.plot(row.top1, index, markers[row.model], color=color, markerfacecolor=face, markersize=7)
        dots = seeds[row.model]
        axis.plot(dots, [index] * len(dots), ".", color="black", markersize=3.5, zorder=5)
    verdicts = [verdict_words(row, len(summary)) for row in summary]
    axis.set_yticks(range(len(summary)), style.shorten([row.label for row in summary]))
    axis.set(xlabel="top-1 accuracy on the test videos (%)", ylim=(len(summary) - 0.5, -0.5))
    axis.set_xlim(*axis_limits(summary, seeds))
    style.show_accuracy(axis.xaxis)
    beside = axis.secondary_yaxis("right")
    beside.set_yticks(range(len(summary)), verdicts)
    beside.tick_params(length=0)
    beside.spines["right"].set_visible(False)
    axis.grid(axis="x", linewidth=0.3)
    return figure


def seed_accuracies(comparison: pd.DataFrame) -> pd.Series:
    """Return the accuracy of each seed by (model, seed), its splits pooled by their numbers of test videos.

    NaN where a model has one seed: its mark shows that already.
    """
    full = comparison[comparison["fraction"] == 1]
    videos = full.groupby(["model", "seed"])["num_videos"].sum()
    correct = (full["top1"] * full["num_videos"]).groupby([full["model"], full["seed"]]).sum()
    several = videos.groupby("model").transform("size") > 1
    return (correct / videos).where(several)


def axis_limits(summary: list[ModelSummary], seeds: pd.Series) -> tuple[float, float]:
    """Return the ends of the accuracy axis: around all that is drawn, but hardly below 0 or above 1."""
    ends = [value for row in summary for value in (row.top1_low, row.top1_high, row.top1) if value is not None]
    values = [*ends, *seeds.dropna()]
    room = max(0.06 * (max(values) - min(values)), 0.01)
    return max(min(values) - room, -0.01), min(max(values) + room, 1.01)


def verdict_words(row: ModelSummary, models: int) -> str:
    """Return the text beside a model."""
    if row.diverged:
        return f"{row.diverged_runs} {'run' if row.diverged_runs == 1 else 'runs'} diverged"
    return "the only model" if models == 1 and row.verdict is Verdict.BEST else row.verdict.words


if __name__ == "__main__":
    plot(__doc__, draw, comparison=TABLE, summary=Reader(partial(read_table, kind=ModelSummary)))
