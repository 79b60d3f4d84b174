"""What all figures share: style, sizes, colours, saving. Imports no torch."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt
import seaborn as sns
from matplotlib.figure import Figure

from vidbench.errors import UserError
from vidbench.files import atomic_path

WIDTH = 7.0  # inches: both columns of a two-column paper
FORMATS = ("svg", "png", "pdf")


def style() -> None:
    """Set the style of every figure: colour-blind safe colours."""
    sns.set_theme(context="paper", style="ticks", palette="colorblind")
    plt.rcParams.update(
        {
            "svg.hashsalt": "vidbench",  # the same figure gives the same bytes
            "font.family": ["DejaVu Sans"],
            "axes.spines.top": False,
            "axes.spines.right": False,
            "savefig.dpi": 200,
            "savefig.bbox": "tight",
            "legend.frameon": False,
        }
    )


def colors(models: Sequence[str]) -> dict[str, object]:
    """One colour a model, the same in every figure of a run."""
    palette = sns.color_palette("colorblind" if len(models) <= 10 else "husl", len(models))
    return dict(zip(models, palette, strict=True))


def save(figure: Figure, paths: Sequence[Path]) -> None:
    """Save a figure under each of `paths`; the suffix chooses the format. Without time stamps."""
    no_date = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {}}
    for path in paths:
        kind = path.suffix[1:]
        if kind not in FORMATS:
            raise UserError(f"{path}: a figure is one of {', '.join(FORMATS)}")
        with atomic_path(path) as temporary:
            figure.savefig(temporary, format=kind, metadata=no_date[kind])
    plt.close(figure)
