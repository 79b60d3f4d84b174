"""The common style of all figures: sizes, colours, markers, saving. Imports no torch."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import AutoLocator

from vidbench.errors import UserError
from vidbench.files import atomic_path
from vidbench.plotting import lettering
from vidbench.plotting.light_seaborn import sns

WIDTH = 7.0  # inches: both columns of a two-column paper
FORMATS = ("svg", "png", "pdf")
Palette = dict[str, tuple[float, float, float]]  # RGB of each model
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">")
LINE_STYLES = ("-", (0, (5, 1.5)), (0, (1.5, 1)), (0, (6, 1, 1, 1)))  # offset, lengths of dashes and gaps


def apply() -> None:
    """Set the style of all figures of this process."""
    sns.set_theme(context="paper", style="ticks", palette="colorblind")
    lettering.install()
    plt.rcParams.update(
        {
            "text.parse_math": False,  # dollar signs in names are no formulas
            "svg.hashsalt": "vidbench",  # the same figure gives the same bytes
            "svg.fonttype": "path",  # looks the same everywhere; 10 to 20 kB larger per figure than text
            "pdf.fonttype": 42,  # TrueType, embedded: publishers refuse type 3
            "font.family": [lettering.FONT],
            "axes.spines.top": False,
            "axes.spines.right": False,
            "savefig.dpi": 200,
            "savefig.bbox": "tight",
            "legend.frameon": False,
            "axes.labelsize": 8.5,
            "axes.titlesize": 8.5,
            "xtick.labelsize": 8,
            "ytick.labelsize": 8,
            "legend.fontsize": 7.5,
        }
    )


def colors(models: Sequence[str]) -> Palette:
    """Return one colour per model, the same in every figure of a run; safe for the colour-blind."""
    palette = sns.color_palette("colorblind" if len(models) <= 10 else "husl", len(models))
    return dict(zip(models, palette, strict=True))


def sort_by_accuracy(models: Sequence[str], table: pd.DataFrame, accuracy: str) -> list[str]:
    """Return the models in the order of legends and panels: most accurate first, by the mean of a column of `table`."""
    means = table.groupby("model")[accuracy].mean().dropna()
    return sorted(models, key=lambda model: -means.get(model, -1.0))


def markers(models: Sequence[str]) -> dict[str, str]:
    """Return one marker per model, a second way to tell models apart beside the colour.

    The first ten differ; each further ten start two places later in MARKERS.
    """
    return {model: MARKERS[(index + 2 * (index // len(MARKERS))) % len(MARKERS)] for index, model in enumerate(models)}


def line_styles(models: Sequence[str]) -> dict[str, Any]:
    """Return one line style per model, for lines without markers: with the colours they tell twenty models apart."""
    return {model: LINE_STYLES[index % len(LINE_STYLES)] for index, model in enumerate(models)}


def show_percent(*axes: Axis) -> None:
    """Label the ticks of `axes` (such as panel.xaxis), whose values are fractions of 1, in percent."""
    for axis in axes:
        axis.set_major_formatter(lambda value, _: f"{100 * value:.4g}".replace("-", "−"))


class _WithinHundred(AutoLocator):
    """The usual ticks, but none where no accuracy can be."""

    def tick_values(self, vmin: float, vmax: float) -> Any:
        return [value for value in super().tick_values(vmin, vmax) if -1e-9 < value < 1 + 1e-9]


def show_accuracy(*axes: Axis) -> None:
    """Label the ticks of `axes`, whose values are shares of videos, in percent; none is below 0 or above 100."""
    show_percent(*axes)
    for axis in axes:
        axis.set_major_locator(_WithinHundred())


def save(figure: Figure, paths: Sequence[Path]) -> None:
    """Save a figure under each of `paths` in the format of its suffix, without time stamps. UserError for others."""
    no_date = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {}}
    _note_transcriptions(figure)
    for path in paths:
        kind = path.suffix[1:]
        if kind not in FORMATS:
            raise UserError(f"{path}: a figure is one of {', '.join(FORMATS)}")
        with atomic_path(path) as temporary:
            figure.savefig(temporary, format=kind, metadata=no_date[kind])
    plt.close(figure)


def _note_transcriptions(figure: Figure) -> None:
    """If names of the figure are transcribed, say so below it, and in the log which font would help."""
    figure.draw_without_rendering()  # the axes get their tick labels only now
    if lettering.transcribed:
        names = ", ".join(map(repr, sorted(lettering.transcribed)[:3]))
        print(f"WARNING: no font here has all letters of {names}: transcribed; install one, e.g. fonts-noto-cjk")
        below = figure.get_tightbbox().y0 / figure.get_figheight()
        figure.text(0, below - 0.02, lettering.NOTE, ha="left", va="top", fontsize=6.5)
        lettering.transcribed.clear()


def empty_figure(text: str) -> Figure:
    """Return a figure of one text, which says why there is nothing to show."""
    figure = plt.figure(figsize=(WIDTH, 0.6))
    figure.text(0.5, 0.5, text, ha="center", va="center", fontsize="large", wrap=True)
    return figure


def shorten(labels: Sequence[str], length: int = 30) -> list[str]:
    """Cut labels to `length` letters. The middle is left out, because names often differ at their end."""
    tail = (length - 1) // 3
    head = (length - 1) - tail
    return [label if len(label) <= length else f"{label[:head]}…{label[-tail:]}" for label in labels]
