"""Draw each model's accuracy with its 95 % interval, every seed, and what the comparison says of it.

Example:
    python scripts/plot_comparison.py --comparison results/motion/comparison.csv \\
        --summary results/motion/summary.csv --output results/motion/figures/comparison.svg
"""

import pandas as pd
from matplotlib.figure import Figure

from vidbench.evaluation.tables import ModelSummary, typed
from vidbench.evaluation.verdicts import Verdict
from vidbench.plotting import style
from vidbench.plotting.main import TABLE, plot


def draw(comparison: pd.DataFrame, summary: pd.DataFrame) -> Figure:
    """A row a model: the interval, the pooled accuracy, a small dot a seed (mean over splits), the verdict."""
    figure, axis = style.plt.subplots(figsize=(style.WIDTH, 0.8 + 0.34 * len(summary)), layout="constrained")
    palette = style.colors(comparison["model"].unique())
    markers = style.markers(list(palette))
    seeds = seed_accuracies(comparison)
    models = typed(ModelSummary, summary.to_dict("records"))
    for place, row in enumerate(models):
        color = palette[row.model]
        bar = {"color": color, "linewidth": 5, "alpha": 0.35, "solid_capstyle": "butt"}
        axis.plot([row.top1_low, row.top1_high], [place, place], **bar)  # None draws nothing
        face = "white" if row.diverged else color
        axis.plot(row.top1, place, markers[row.model], color=color, markerfacecolor=face, markersize=7)
        own = seeds[row.model]
        axis.plot(own, [place] * len(own), ".", color="black", markersize=3.5, zorder=5)
    words = [verdict_words(row, len(models)) for row in models]
    axis.set_yticks(range(len(models)), style.short([row.model for row in models]))
    axis.set(xlabel="top-1 accuracy on the test videos (%)", ylim=(len(models) - 0.5, -0.5))
    axis.set_xlim(*limits(summary, seeds))
    style.in_percent(axis.xaxis)
    beside = axis.secondary_yaxis("right")
    beside.set_yticks(range(len(models)), words)
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
    right = (full["top1"] * full["num_videos"]).groupby([full["model"], full["seed"]]).sum()
    several = videos.groupby("model").transform("size") > 1
    return (right / videos).where(several)


def limits(summary: pd.DataFrame, seeds: pd.Series) -> tuple[float, float]:
    """Ends of the axis: all that is drawn, and no accuracy above 1."""
    values = pd.concat([summary["top1_low"], summary["top1_high"], summary["top1"], seeds]).dropna()
    room = max(0.06 * (values.max() - values.min()), 0.01)
    return max(values.min() - room, -0.01), min(values.max() + room, 1.01)


def verdict_words(row: ModelSummary, models: int) -> str:
    """What stands beside a model."""
    if row.diverged:
        return f"{row.diverged_runs} {'run' if row.diverged_runs == 1 else 'runs'} diverged"
    return "the only model" if models == 1 and row.verdict is Verdict.BEST else row.verdict.words


if __name__ == "__main__":
    plot(__doc__, draw, comparison=TABLE, summary=TABLE)
