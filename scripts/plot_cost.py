"""Draw accuracy against measured time per clip; the size of a point is the number of parameters.

Example:
    python scripts/plot_cost.py --comparison results/motion/comparison.csv \\
        --summary results/motion/summary.csv --output results/motion/figures/cost.svg
"""

from vidbench import cli, figures

import pandas as pd  # isort: skip
import seaborn as sns  # isort: skip


def main() -> None:
    figures.main_of_tables(__doc__, draw)


def draw(comparison: pd.DataFrame, summary: pd.DataFrame):
    """Accuracy and its interval over milliseconds a clip, on a logarithmic axis."""
    figure, axis = figures.plt.subplots(figsize=(figures.WIDTH, 3.2), layout="constrained")
    palette = figures.colors(comparison["model"].unique())
    data = summary.assign(**{"parameters (M)": (summary["parameters"] / 1e6).round(2)})
    for _, row in data.iterrows():
        axis.plot([row["ms_per_clip"]] * 2, [row["top1_low"], row["top1_high"]], color=palette[row["model"]], alpha=0.5)
    sns.scatterplot(
        data, x="ms_per_clip", y="top1", hue="model", palette=palette, size="parameters (M)", sizes=(30, 160), ax=axis
    )
    axis.set(xscale="log", xlabel="milliseconds a clip (one forward pass)", ylabel="top-1 accuracy", ylim=(0, 1.03))
    low, high = data["ms_per_clip"].min(), data["ms_per_clip"].max()
    axis.set_xlim(low / 1.5, high * 1.5)
    axis.xaxis.set_major_formatter("{x:g}")
    digits = "235" if high > 4 * low else "23456789"  # more would overlap
    axis.xaxis.set_minor_formatter(lambda x, _: f"{x:g}" if f"{x:e}"[0] in digits else "")
    axis.tick_params(axis="x", which="minor", labelsize="x-small")
    axis.grid(linewidth=0.3)
    sns.move_legend(axis, "center left", bbox_to_anchor=(1, 0.5))
    return figure


if __name__ == "__main__":
    cli.run(main)
