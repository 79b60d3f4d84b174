"""Draw the accuracy of each class under each model.

Example:
    python scripts/plot_per_class.py --runs results/motion/split1/*/seed*/metrics.json \\
        --output results/motion/figures/per_class.svg
"""

from pathlib import Path

from vidbench import cli, figures
from vidbench.results import in_order, runs

import pandas as pd  # isort: skip
import seaborn as sns  # isort: skip


def main() -> None:
    figures.main_of_runs(__doc__, "metrics.json", lambda files: draw(table(files)))


def table(files: list[Path]) -> pd.DataFrame:
    """One row a run and class."""
    rows = [
        {"model": run.model, "class": label, "accuracy": accuracy}
        for run in runs(files)
        for label, accuracy in run.json("metrics.json")["class_accuracy"].items()
    ]
    return pd.DataFrame(rows)


def draw(data: pd.DataFrame):
    """A point a class and model, the mean over splits and seeds; the line from lowest to highest.

    The hardest class stands at the top.
    """
    order = data.groupby("class")["accuracy"].mean().sort_values(kind="stable").index
    height = 1.0 + 0.26 * len(order)
    figure, axis = figures.plt.subplots(figsize=(figures.WIDTH, height), layout="constrained")
    palette = figures.colors(in_order(data["model"].tolist()))
    dodge = 0.5 if len(palette) > 1 else False
    sns.pointplot(
        data, x="accuracy", y="class", hue="model", order=order, palette=palette, dodge=dodge, linestyle="none",
        markersize=4, errorbar=("pi", 100), err_kws={"linewidth": 1}, ax=axis,
    )  # fmt: skip
    axis.set_yticks(range(len(order)), figures.short(order))
    axis.set(xlim=(-0.02, 1.02), xlabel="accuracy", ylabel="")
    axis.grid(axis="y", linewidth=0.3)
    sns.move_legend(axis, "center left", bbox_to_anchor=(1, 0.5), title=None)
    return figure


if __name__ == "__main__":
    cli.run(main)
