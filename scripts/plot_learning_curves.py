"""Draw the training and validation loss and the validation accuracy over epochs.

Example:
    python scripts/plot_learning_curves.py --runs results/motion/split1/*/seed*/history.csv \\
        --output results/motion/figures/learning_curves.svg
"""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from vidbench.evaluation.runs import in_order, runs
from vidbench.plotting import style
from vidbench.plotting.light_seaborn import sns
from vidbench.plotting.main import Reader, plot

PANELS = {"train_loss": "training loss", "val_loss": "validation loss", "val_top1": "validation top-1 accuracy (%)"}
OF_LABELS = {**dict(list(PANELS.items())[:2]), "val_mean_average_precision": "validation mAP (%)"}
LETTERS = 100  # per row of the legend
MAX_MARKS = 7  # per line
MAX_LOSS_RATIO = 2  # a panel of a loss ends at most at this multiple of the median model's largest loss


def read_histories(files: list[Path]) -> pd.DataFrame:
    """Return one row per epoch and run, with the run's model."""
    rows = [
        {"model": run.model, "run": f"{run.split}/{run.seed}", **row} for run in runs(files) for row in run.history()
    ]
    return pd.DataFrame(rows, columns=["model", "run", "epoch", *panels_of(rows[0] if rows else {})])


def panels_of(columns: Iterable[str]) -> dict[str, str]:
    """Return the panels of a table with these columns: the score of several labels per video is another one."""
    return OF_LABELS if "val_mean_average_precision" in columns else PANELS


def draw(runs: pd.DataFrame) -> Figure:
    """Draw three panels with a line per model: mean over splits and seeds, band from lowest to highest.

    A model without training has no line.
    """
    if runs.empty:
        return write_nothing_trained()
    palette = style.colors(in_order(runs["model"].tolist()))
    markers = style.markers(list(palette))
    names = style.shorten(list(palette))
    columns = min(max(1, LETTERS // (max(map(len, names)) + 6)), len(names))
    height = 2.6 + 0.17 * -(-len(names) // columns)
    figure, axes = style.plt.subplots(1, 3, figsize=(style.WIDTH, height), layout="constrained")
    for axis, (column, title) in zip(axes, panels_of(runs.columns).items(), strict=True):
        sns.lineplot(
            runs,
            x="epoch",
            y=column,
            hue="model",
            palette=palette,
            style="model",
            markers=markers,
            dashes=False,
            markersize=3.5,
            markeredgewidth=0,
            markevery=max(1, runs["epoch"].nunique() // MAX_MARKS),
            errorbar=("pi", 100),
            ax=axis,
            legend=False,
        )
        axis.set(xlabel="epoch", ylabel="", title=title)
        axis.xaxis.get_major_locator().set_params(integer=True)
    axes[0].set_ylim(0, upper_limit(runs, "train_loss"))
    axes[1].set_ylim(0, upper_limit(runs, "val_loss"))
    axes[2].set_ylim(0, 1.02)
    style.show_accuracy(axes[2].yaxis)
    figure.legend(handles=legend_lines(names, palette, markers), loc="outside lower center", ncols=columns)
    return figure


def legend_lines(names: list[str], palette: dict, markers: dict) -> list[Line2D]:
    """Return a line per model, whose names are shortened."""
    return [
        Line2D([], [], color=color, marker=markers[model], markersize=3.5, label=name)
        for name, (model, color) in zip(names, palette.items(), strict=True)
    ]


def write_nothing_trained() -> Figure:
    """Return a figure that says that there are no curves."""
    figure, axis = style.plt.subplots(figsize=(style.WIDTH, 0.6), layout="constrained")
    axis.axis("off")
    axis.text(0.5, 0.5, "no model was trained", ha="center", va="center")
    return figure


def upper_limit(data: pd.DataFrame, column: str) -> float | None:
    """Return the upper end of a loss's panel if one model's loss would flatten all others; None: automatic."""
    largest = data.groupby("model")[column].max()
    limit = MAX_LOSS_RATIO * largest.quantile(0.5, interpolation="lower")
    return limit if largest.max() > limit > 0 else None


if __name__ == "__main__":
    plot(__doc__, draw, runs=Reader(read_histories, "+", "history.csv of every run"))
