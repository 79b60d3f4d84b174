"""Draw the difference of accuracy of every two models, and the smallest detectable difference.

Example:
    python scripts/plot_pairwise.py --summary results/motion/summary.csv --pairwise results/motion/pairwise.csv \\
        --output results/motion/figures/pairwise.svg

Up to MAX_PAIR_ROWS pairs one row per pair, beyond that a matrix of all models.
"""

from functools import partial
from math import nan
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from vidbench.evaluation.tables import ModelSummary, PairedDifference, read_table
from vidbench.plotting import style
from vidbench.plotting.limits import MAX_PAIR_ROWS
from vidbench.plotting.main import Reader, plot

DARK = 0.55  # fraction of the colour scale from which text on it is white


def draw(summary: list[ModelSummary], pairwise: list[PairedDifference]) -> Figure:
    """Draw rows or a matrix, depending on the number of pairs."""
    models = [row.model for row in summary]  # the most accurate first
    place = {model: number for number, model in enumerate(models)}
    pairs = [pair.of(min(pair.models, key=place.__getitem__)) for pair in pairwise]
    pairs.sort(key=lambda pair: (place[pair.model_a], place[pair.model_b]))
    if not pairs:
        return style.empty_figure("There is one model: nothing was compared")
    if all(pair.p_value is None for pair in pairs):
        return style.empty_figure("Too few groups to compare models")
    return draw_rows(pairs) if len(pairs) <= MAX_PAIR_ROWS else draw_matrix(models, pairs)


def draw_rows(pairs: list[PairedDifference]) -> Figure:
    """Draw one row per pair: difference and interval, filled if significant (Holm); a band of undetectable ones."""
    figure, axis = style.plt.subplots(figsize=(style.WIDTH, 0.9 + 0.3 * len(pairs)), layout="constrained")
    axis.use_sticky_edges = False  # leave a margin beside the band
    significant, insignificant = style.plt.get_cmap("cividis")([0.05, 0.55])
    for index, pair in enumerate(pairs):
        color = significant if pair.told_apart else insignificant
        reach = 100 * (pair.detectable or nan)
        axis.barh(index, 2 * reach, left=-reach, height=0.8, color="0.92", zorder=0)
        if pair.low is not None and pair.high is not None:
            axis.plot([100 * pair.low, 100 * pair.high], [index, index], color=color, linewidth=2)
        face = color if pair.told_apart else "white"
        axis.plot(100 * pair.difference, index, "o", color=color, markerfacecolor=face, markersize=6)
    labels = [" − ".join(style.shorten([pair.model_a, pair.model_b], 22)) for pair in pairs]
    axis.set_yticks(range(len(pairs)), labels)
    beside = axis.secondary_yaxis("right")
    beside.set_yticks(range(len(pairs)), [p_words(pair.p_holm) for pair in pairs])
    beside.tick_params(length=0)
    beside.spines["right"].set_visible(False)
    axis.axvline(0, color="black", linewidth=0.6, zorder=1)
    axis.set(xlabel="difference of accuracy, in points", ylim=(len(pairs) - 0.5, -0.5))
    axis.grid(axis="x", linewidth=0.3)
    return figure


def p_words(p_holm: float | None) -> str:
    """Return the text of Holm's p value beside a row; a dash if it could not be computed."""
    if p_holm is None:
        return "–"
    return "p < 0.001" if p_holm < 0.001 else f"p = {p_holm:.2g}" if p_holm < 0.9995 else "p = 1"


def draw_matrix(models: list[str], pairs: list[PairedDifference]) -> Figure:
    """Draw a matrix: below the diagonal the lead of the column's model in points, above it the detectable one."""
    count = len(models)
    place = {model: number for number, model in enumerate(models)}
    size = style.WIDTH * min(1, 0.35 + 0.05 * count)
    figure, axis = style.plt.subplots(figsize=(style.WIDTH, size), layout="constrained")
    significant, insignificant = np.full((2, count, count), np.nan)
    for pair in pairs:
        values = significant if pair.told_apart else insignificant
        values[place[pair.model_b], place[pair.model_a]] = 100 * pair.difference
    scale = np.nanmax(significant) if np.isfinite(significant).any() else 1
    lines = {"edgecolor": "white", "linewidth": 0.5}
    axis.pcolormesh(significant, cmap="Blues", vmin=-0.25 * scale, vmax=scale, **lines)
    axis.pcolormesh(0 * insignificant, cmap="Greys", vmin=-0.1, vmax=1, **lines)
    font: dict[str, Any] = {"fontsize": max(6, min(8, 130 / count)), "ha": "center", "va": "center"}
    for pair in pairs:
        x, y = place[pair.model_a] + 0.5, place[pair.model_b] + 0.5
        dark = pair.told_apart and pair.difference * 100 > DARK * scale
        text: dict[str, Any] = {
            "weight": "bold" if pair.told_apart else "normal",
            "color": "white" if dark else "black",
        }
        axis.text(x, y, points(pair.difference), **font, **text)
        if pair.detectable is not None:
            axis.text(y, x, points(pair.detectable), **font, color="0.35")
    label_models(axis, models)
    return figure


def label_models(axis: Axes, models: list[str]) -> None:
    """Write the names of the models on both sides of a matrix."""
    ticks, names = np.arange(len(models)) + 0.5, style.shorten(models, 20)
    axis.set_yticks(ticks, names)
    axis.set_xticks(ticks, names, rotation=45, ha="right", rotation_mode="anchor")
    axis.set(xlim=(0, len(models)), ylim=(len(models), 0), aspect="equal")
    axis.tick_params(length=0, labelsize=max(6, min(8, 150 / len(models))))
    style.sns.despine(ax=axis, left=True, bottom=True)


def points(difference: float) -> str:
    """Return a difference in points as '3.4', or as '34' if one more digit would not fit."""
    value = 100 * abs(difference)
    return f"{value:.1f}" if value < 9.95 else f"{value:.0f}"


if __name__ == "__main__":
    summaries = Reader(partial(read_table, kind=ModelSummary))
    plot(__doc__, draw, summary=summaries, pairwise=Reader(partial(read_table, kind=PairedDifference)))
