"""Draw each model's accuracy with its 95 % interval, and every seed.

Example:
    python scripts/plot_comparison.py --comparison results/motion/comparison.csv \\
        --summary results/motion/summary.csv --output results/motion/figures/comparison.svg
"""

from vidbench import cli, figures

import pandas as pd  # isort: skip
import seaborn as sns  # isort: skip


def main() -> None:
    figures.main_of_tables(__doc__, draw)


def draw(comparison: pd.DataFrame, summary: pd.DataFrame):
    """A row a model: the interval, the pooled accuracy, a small dot a seed (mean over splits)."""
    figure, axis = figures.plt.subplots(figsize=(figures.WIDTH, 0.8 + 0.38 * len(summary)), layout="constrained")
    palette = figures.colors(comparison["model"].unique())
    for place, row in summary.iterrows():
        color = palette[row["model"]]
        axis.plot(
            [row["top1_low"], row["top1_high"]],
            [place, place],
            color=color,
            linewidth=5,
            alpha=0.35,
            solid_capstyle="butt",
        )
        axis.plot(row["top1"], place, "D" if row["tied_with_best"] else "o", color=color, markersize=7)
    seeds = comparison[comparison["fraction"] == 1].groupby(["model", "seed"], as_index=False)["top1"].mean()
    order = summary["model"].tolist()
    sns.stripplot(seeds, x="top1", y="model", order=order, ax=axis, color="black", size=2.5, jitter=False, zorder=5)
    axis.set(xlabel="top-1 accuracy on the test videos", ylabel="", xlim=(None, 1.01))
    axis.grid(axis="x", linewidth=0.3)
    return figure


if __name__ == "__main__":
    cli.run(main)
