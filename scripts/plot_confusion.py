"""Draw each model's confusion matrix, summed over splits and averaged over seeds.

Example:
    python scripts/plot_confusion.py --runs results/motion/split1/*/seed*/metrics.json \\
        --output results/motion/figures/confusion.svg
"""

import math
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from vidbench.evaluation.runs import runs
from vidbench.plotting import style
from vidbench.plotting.light_seaborn import sns
from vidbench.plotting.main import Reader, plot

MAX_LABELS = 24  # classes up to which they are named
MAX_LENGTH = 18  # letters of a name: longer ones would leave no room for the matrix
MAX_PANEL = 4.5  # inches
MAX_NUMBERS = 12  # classes up to which the cells show their numbers


def read_matrices(files: list[Path]) -> tuple[list[str], dict[str, np.ndarray]]:
    """Return the class names, and for each model the fractions of each true class, (K, K + 1), last: undecodable."""
    tables: dict[str, np.ndarray] = {}
    for run in runs(files):
        metrics = run.json("metrics.json")
        tables[run.model] = tables.get(run.model, 0) + np.array(metrics["confusion"], float)
    shares = {model: table / np.maximum(table.sum(axis=1, keepdims=True), 1) for model, table in tables.items()}
    return metrics["classes"], shares


def draw(runs: tuple[list[str], dict[str, np.ndarray]]) -> Figure:
    """Draw one panel per model; rows are the true classes. Undecodable videos get a column if there are any."""
    classes, tables = runs
    tables = dict(sorted(tables.items(), key=lambda item: -np.trace(item[1])))  # the most accurate first
    columns = min(len(tables), 2 if len(tables) <= 4 else 3)
    rows = math.ceil(len(tables) / columns)
    side = min(style.WIDTH / columns, MAX_PANEL)
    figure, axes = style.plt.subplots(
        rows, columns, figsize=(style.WIDTH, rows * side * 0.92 + 0.3), layout="constrained", squeeze=False,
        sharex=True, sharey=True,
    )  # fmt: skip
    unreadable = any(table[:, -1].any() for table in tables.values())
    names = style.shorten(classes, MAX_LENGTH) if len(classes) <= MAX_LABELS else False
    for index, (axis, (model, table)) in enumerate(zip(axes.flat, tables.items(), strict=False)):
        shown = 100 * (table if unreadable else table[:, :-1])
        numbers = np.where(shown < 0.5, "", np.char.mod("%.0f", shown))
        across = [*names, "unreadable"] if names and unreadable else names
        sns.heatmap(
            shown, vmin=0, vmax=100, cmap="mako_r", square=True, cbar=False, ax=axis, xticklabels=across,
            yticklabels=names,
            annot=numbers if len(classes) <= MAX_NUMBERS else None, fmt="", annot_kws={"size": 6}, linewidths=0.3,
        )  # fmt: skip
        axis.set_title(style.shorten([model], 22 if columns == 3 else 30)[0])
        axis.tick_params(labelbottom=index + columns >= len(tables))
        axis.tick_params(axis="x", rotation=90 if names else 0, labelsize=7 if len(classes) <= MAX_NUMBERS else 6)
        axis.tick_params(axis="y", rotation=0, labelsize=7 if len(classes) <= MAX_NUMBERS else 6)
    for axis in list(axes.flat)[len(tables) :]:
        axis.axis("off")
    numbered = len(classes) <= MAX_NUMBERS
    figure.supxlabel(f"predicted class{' (% of the true class)' if numbered else ''}", fontsize=8.5)
    figure.supylabel("true class", fontsize=8.5)
    return figure


if __name__ == "__main__":
    plot(__doc__, draw, runs=Reader(read_matrices, "+", "metrics.json of every run"))
