"""What all figures share: style, sizes, colours, saving. Imports no torch."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from matplotlib.axis import Axis
from matplotlib.figure import Figure

from vidbench.errors import UserError
from vidbench.files import atomic_path
from vidbench.plotting import lettering

WIDTH = 7.0  # inches: both columns of a two-column paper
COLUMN = 3.4  # inches: one of its columns
FORMATS = ("svg", "png", "pdf")
Palette = dict[str, tuple[float, float, float]]  # RGB of each model
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">")


def apply() -> None:
    """Set the style of every figure: colour-blind safe colours."""
    sns.set_theme(context="paper", style="ticks", palette="colorblind")
    lettering.install()
    plt.rcParams.update(
        {
            "text.parse_math": False,  # a label may hold dollar signs
            "svg.hashsalt": "vidbench",  # the same figure gives the same bytes
            "svg.fonttype": "path",  # looks alike everywhere, for 10 to 20 kB more a figure than text
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
    """One colour a model, the same in every figure of a run."""
    palette = sns.color_palette("colorblind" if len(models) <= 10 else "husl", len(models))
    return dict(zip(models, palette, strict=True))


def ranked(models: Sequence[str], table: pd.DataFrame, accuracy: str) -> list[str]:
    """The models as legends and panels have them, the most accurate first, by the mean of a column of `table`."""
    means = table.groupby("model")[accuracy].mean().dropna()
    return sorted(models, key=lambda model: -means.get(model, -1.0))


def markers(models: Sequence[str]) -> dict[str, str]:
    """One marker a model, beside its colour: a second way to tell models apart; the first ten differ, as colours do.

    From the eleventh on they begin again two places further.
    """
    return {model: MARKERS[(place + 2 * (place // len(MARKERS))) % len(MARKERS)] for place, model in enumerate(models)}


def in_percent(*axes: Axis) -> None:
    """Number the ticks of `axes` (such as panel.xaxis), which show fractions of 1, in percent, as the page does."""
    for axis in axes:
        axis.set_major_formatter(lambda value, _: f"{100 * value:.4g}".replace("-", "−"))


def size(height: float, columns: int = 2) -> tuple[float, float]:
    """Width and height in inches of a figure over one or both columns of a paper."""
    return (WIDTH if columns == 2 else COLUMN), height


def save(figure: Figure, paths: Sequence[Path]) -> None:
    """Save a figure under each of `paths`; the suffix chooses the format. Without time stamps."""
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
    """Say below the figure that names of it are transcribed, and in the log which font would help."""
    figure.draw_without_rendering()  # only now do the axes have their labels
    if lettering.transcribed:
        named = ", ".join(map(repr, sorted(lettering.transcribed)[:3]))
        print(f"WARNING: no font here has all letters of {named}: transcribed; install one, e.g. fonts-noto-cjk")
        below = figure.get_tightbbox().y0 / figure.get_figheight()
        figure.text(0, below - 0.02, lettering.NOTE, ha="left", va="top", fontsize=6.5)
        lettering.transcribed.clear()


def nothing(text: str) -> Figure:
    """A figure that has nothing to show, and says so."""
    figure = plt.figure(figsize=(WIDTH, 0.6))
    figure.text(0.5, 0.5, text, ha="center", va="center", fontsize="large", wrap=True)
    return figure


def short(labels: Sequence[str], length: int = 30) -> list[str]:
    """Labels that leave room for the figure: without their middle, for names often differ at their end."""
    head, tail = (length - 1) - (length - 1) // 3, (length - 1) // 3
    return [label if len(label) <= length else f"{label[:head]}…{label[-tail:]}" for label in labels]
