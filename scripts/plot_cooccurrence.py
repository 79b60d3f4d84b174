"""Draw, for each model, how often videos with one label were given another: what replaces a confusion matrix.

Example:
    python scripts/plot_cooccurrence.py --label-cooccurrence results/mine/label_cooccurrence.csv \\
        --output results/mine/figures/cooccurrence.svg
"""

import math
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from vidbench.plotting import style
from vidbench.plotting.light_seaborn import sns
from vidbench.plotting.main import Reader, plot, read_table

MAX_LABELS = 24  # labels up to which they are named
MAX_NUMBERS = 12  # labels up to which the cells show their numbers
MAX_LENGTH = 18  # letters of a name
NAMES = {"true": str, "given": str}  # a label may be called NA


def read_pairs(path: Path) -> pd.DataFrame:
    """Read label_cooccurrence.csv; labels stay text."""
    table = read_table(path)
    names = pd.read_csv(path, usecols=list(NAMES), dtype=NAMES, keep_default_na=False)
    return table.assign(**{name: names[name] for name in NAMES})


def draw(label_cooccurrence: pd.DataFrame) -> Figure:
    """Draw one panel per model; rows are labels that videos have, columns labels that they were given."""
    models = label_cooccurrence["model"].unique().tolist()
    columns = min(len(models), 2 if len(models) <= 4 else 3)
    rows = math.ceil(len(models) / columns)
    side = min(style.WIDTH / columns, 4.5)
    figure, axes = style.plt.subplots(
        rows, columns, figsize=(style.WIDTH, rows * side * 0.92 + 0.3), layout="constrained", squeeze=False,
        sharex=True, sharey=True,
    )  # fmt: skip
    for index, (axis, model) in enumerate(zip(axes.flat, models, strict=False)):
        draw_panel(axis, label_cooccurrence[label_cooccurrence["model"] == model])
        axis.set_title(style.shorten([model], 22 if columns == 3 else 30)[0])
        axis.tick_params(labelbottom=index + columns >= len(models))
    for axis in list(axes.flat)[len(models) :]:
        axis.axis("off")
    figure.supxlabel("label given (% of the videos that have the label)", fontsize=8.5)
    figure.supylabel("label that videos have", fontsize=8.5)
    return figure


def draw_panel(axis: Axes, pairs: pd.DataFrame) -> None:
    """Draw the shares of one model in percent."""
    true, given = (pairs[name].unique().tolist() for name in ("true", "given"))
    shares = pairs.set_index(["true", "given"])["share"].unstack().loc[true, given]
    shown = 100 * shares.to_numpy(float)
    named = len(given) <= MAX_LABELS
    sns.heatmap(
        shown, vmin=0, vmax=100, cmap="mako_r", square=True, cbar=False, ax=axis, linewidths=0.3, fmt="",
        annot=np.where(shown < 0.5, "", np.char.mod("%.0f", shown)) if len(given) <= MAX_NUMBERS + 1 else None,
        annot_kws={"size": 6}, xticklabels=style.shorten(given, MAX_LENGTH) if named else False,
        yticklabels=style.shorten(true, MAX_LENGTH) if named else False,
    )  # fmt: skip
    axis.tick_params(axis="x", rotation=90, labelsize=7)
    axis.tick_params(axis="y", rotation=0, labelsize=7)


if __name__ == "__main__":
    plot(__doc__, draw, label_cooccurrence=Reader(read_pairs))
