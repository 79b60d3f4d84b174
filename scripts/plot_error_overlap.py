"""Draw how far models err on the same videos, and what averaging their probabilities gains.

Example:
    python scripts/plot_error_overlap.py --overlap results/motion/overlap.csv \\
        --ensembles results/motion/ensembles.csv --output results/motion/figures/error_overlap.svg
"""

import textwrap
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from vidbench.evaluation.runs import in_order
from vidbench.formatting import percent
from vidbench.plotting import style
from vidbench.plotting.light_seaborn import sns
from vidbench.plotting.main import ROWS, plot

MAX_SIDE_BY_SIDE = 6  # models: with more, one panel is below the other
LINE = 118  # letters that fit into the width
MAX_DECIMALS = 10  # models: with more, gains are whole points
MAX_NUMBERS = 20  # models up to which the cells show their numbers
MAX_LENGTH = 16  # letters of a name beside the cells
Row = dict[str, str]


def explain_nothing(ensembles: list[Row]) -> str:
    """Return the reason why the table of overlaps is empty."""
    return "No test video has frames" if ensembles else "One model, one seed: nothing to compare its errors with"


def draw(overlap: list[Row], ensembles: list[Row]) -> Figure:
    """Draw the agreement of errors at the left (or above), the gain of ensembles at the right."""
    if not overlap:
        return style.empty_figure(explain_nothing(ensembles))
    models = in_order([row[key] for row in overlap for key in ("model_a", "model_b")])
    beside = len(models) <= MAX_SIDE_BY_SIDE
    cell = 0.42 if beside else 0.25
    letters = min(max(map(len, models)), MAX_LENGTH)  # of the longest name, which is below the cells, too
    height = (1.1 if beside else 0.9) + cell * len(models) + (0.05 * letters if beside else 0)
    figure, axes = style.plt.subplots(
        *((1, 2) if beside else (2, 1)),
        figsize=(style.WIDTH, height if beside else 2 * height + 0.4),
        layout="constrained",
    )
    draw_agreement(axes[0], overlap, models)
    draw_gains(axes[1], ensembles, models)
    if beside:
        axes[1].set_yticklabels([])
    figure.suptitle(summary(overlap, ensembles), fontsize=7.5)
    return figure


def draw_agreement(axis: Axes, overlap: list[Row], models: list[str]) -> None:
    """Draw Cohen's kappa of being right for each pair of models; on the diagonal between a model's seeds."""
    values, texts = make_cells(models)
    for row in overlap:
        place = cell_of(row["model_a"], row["model_b"], models)
        values[place] = float(row["kappa"]) if row["kappa"] else np.nan
        texts[place] = signed(values[place], 2).removeprefix("+") if row["kappa"] else "–"
    draw_heatmap(axis, values, texts, models, cmap="mako_r", vmin=0, vmax=1)
    axis.set_title("errors in common beyond chance (kappa)", fontsize=8)


def draw_gains(axis: Axes, ensembles: list[Row], models: list[str]) -> None:
    """Draw the gain in points of each pair's ensemble over the better model; on the diagonal of a model's seeds."""
    values, texts = make_cells(models)
    for row in ensembles:
        members = row["members"].split(" + ")
        if row["kind"] != "all":
            place = cell_of(members[0], members[-1], models)
            values[place] = 100 * float(row["gain"])
            star = "*" if row["beyond_chance"] == "True" else ""
            texts[place] = signed(values[place], int(len(models) <= MAX_DECIMALS)) + star
    limit = max(1.0, np.nanmax(np.abs(values), initial=0))
    draw_heatmap(axis, values, texts, models, cmap="PuOr", vmin=-limit, vmax=limit)
    axis.set_title("gain of the ensemble (points)", fontsize=8)


def make_cells(models: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return empty values (NaN) and texts of the cells, (M, M) each."""
    return np.full((len(models),) * 2, np.nan), np.full((len(models),) * 2, "", object)


def cell_of(a: str, b: str, models: list[str]) -> tuple[int, int]:
    """Return row and column of a pair, below the diagonal."""
    first, second = sorted((models.index(a), models.index(b)))
    return second, first


def draw_heatmap(axis: Axes, values: np.ndarray, texts: np.ndarray, models: list[str], **colors: Any) -> None:
    """Draw a heat map of the lower triangle, with the texts in it."""
    names = [cut_middle(model, MAX_LENGTH) for model in models]
    size = 6 if len(models) > MAX_SIDE_BY_SIDE else 7
    sns.heatmap(
        np.ma.masked_invalid(values).filled(np.nan), ax=axis, square=len(models) <= MAX_SIDE_BY_SIDE, linewidths=0.5,
        xticklabels=names, yticklabels=names, cbar_kws={"shrink": 0.8}, **colors,
        annot=texts if len(models) <= MAX_NUMBERS else None, fmt="", annot_kws={"size": size},
    )  # fmt: skip
    for row, column in np.argwhere(np.isnan(values) & (texts != "")):
        axis.text(column + 0.5, row + 0.5, str(texts[row, column]), ha="center", va="center", size=size, color="0.4")
    axis.tick_params(axis="x", rotation=45 if len(models) > 1 else 0, length=0, labelsize=size)
    axis.tick_params(axis="y", rotation=0, length=0, labelsize=size)
    if len(models) > 1:
        for label in axis.get_xticklabels():
            label.set(ha="right", rotation_mode="anchor")


def summary(overlap: list[Row], ensembles: list[Row]) -> str:
    """Return lines on the ensemble of all models, and on the pair that is selected on validation."""
    if all(float(row["both_right"]) == 1 for row in overlap):
        return "No errors: every model classifies every test video correctly"
    sentences = [sentence("all models", row) for row in ensembles if row["kind"] == "all"]
    sentences += [
        sentence(" + ".join(map(cut_middle, row["members"].split(" + "))) + " (chosen on validation)", row)
        for row in ensembles
        if row["chosen_on_validation"] == "True"
    ]
    return "\n".join(sentences or ["Errors of the seeds of one model"])


def signed(value: float, digits: int = 1) -> str:
    """Return a number with its sign; without one if it rounds to 0."""
    text = f"{value:+.{digits}f}"
    return text[1:] if float(text) == 0 else text.replace("-", "−")


def sentence(name: str, row: Row) -> str:
    """Return a sentence on an ensemble's accuracy and gain."""
    gain = signed(100 * float(row["gain"]))
    chance = {"True": "beyond chance", "False": "not beyond chance"}.get(row["beyond_chance"], "too few groups to say")
    best = cut_middle(row["best_single"])
    text = f"Ensemble of {name}: {percent(row['top1'])}, {gain} points against {best} alone ({chance})"
    return textwrap.fill(text, LINE)


def cut_middle(name: str, length: int = 24) -> str:
    """Return a name, cut in the middle if it is long: names of one run often begin alike."""
    return name if len(name) <= length else f"{name[: length // 2 - 1]}…{name[-length // 2 :]}"


if __name__ == "__main__":
    plot(__doc__, draw, overlap=ROWS, ensembles=ROWS)
