"""Draw the accuracy of the same weights with fewer test-time views: clips and crops per video, and time per video.

Example:
    python scripts/plot_ladder.py --ladder results/motion/ladder.csv --output results/motion/figures/ladder.svg
"""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from vidbench.plotting import style
from vidbench.plotting.limits import MAX_LADDERS
from vidbench.plotting.main import TABLE, plot


def draw(ladder: pd.DataFrame) -> Figure:
    """Draw a line per model and number of crops over clips, and over milliseconds if they were measured."""
    measured = ladder["ms_per_video"].notna().any()
    if ladder["model"].nunique() > MAX_LADDERS:
        most = ladder.groupby("model")["crops"].transform("max")
        ladder = ladder[ladder["crops"] == most].assign(top1_low=np.nan, top1_high=np.nan)
    figure, axes = style.plt.subplots(
        1,
        2 if measured else 1,
        figsize=(style.WIDTH, 3.2 + 0.04 * ladder["model"].nunique()),
        layout="constrained",
        sharey=True,
        squeeze=False,
    )
    counts = sorted(ladder["clips"].unique())
    # Models are shifted by up to a factor of 2 ** 0.1, so that their intervals do not hide each other.
    models = list(ladder["model"].unique())
    shift = dict(zip(models, np.linspace(-1, 1, len(models)) * (0.1 if len(models) > 1 else 0), strict=True))
    palette = style.colors(models)
    _draw_lines(axes[0, 0], palette, ladder.assign(x=ladder["clips"] * 2.0 ** ladder["model"].map(shift)))
    axes[0, 0].set(xscale="log", xlabel="clips/video", ylabel="top-1 accuracy (%)")
    axes[0, 0].set_xticks(counts, [str(count) for count in counts])
    axes[0, 0].minorticks_off()
    if measured:
        _draw_lines(axes[0, 1], palette, ladder.assign(x=ladder["ms_per_video"]).dropna(subset="x"))
        axes[0, 1].set(xscale="log", xlabel="ms/video")
        axes[0, 1].xaxis.set_major_formatter("{x:g}")
        axes[0, 1].xaxis.set_minor_formatter(lambda x, _: f"{x:g}" if f"{x:e}"[0] in "25" else "")
    for axis in axes.flat:
        axis.grid(linewidth=0.3)
    style.show_accuracy(axes[0, 0].yaxis)
    handles, names = axes[0, 0].get_legend_handles_labels()
    columns = 1 if len(names) <= 12 and not measured else 4 if len(names) == 4 else 3
    place = "outside right center" if columns == 1 else "outside lower center"
    figure.legend(handles, names, loc=place, ncols=min(columns, len(names)), fontsize=7)
    return figure


def _draw_lines(axis: Axes, palette: style.Palette, data: pd.DataFrame) -> None:
    """Draw each model's lines with intervals over column x; hollow points for fewer than the model's most crops."""
    markers = style.markers(list(palette))
    for model in style.sort_by_accuracy(list(palette), data, "top1"):
        color = palette[model]
        views = data[data["model"] == model]
        for crops, line in views.groupby("crops"):
            all_crops = crops == views["crops"].max()
            errors = np.clip([line["top1"] - line["top1_low"], line["top1_high"] - line["top1"]], 0, None)
            axis.errorbar(
                line["x"], line["top1"], yerr=errors, color=color, linewidth=1.2,
                elinewidth=0.8, linestyle="-" if all_crops else ":", marker=markers[model],
                markersize=4, markerfacecolor=color if all_crops else "white",
                label=style.shorten([model])[0] if all_crops else None,
            )  # fmt: skip


if __name__ == "__main__":
    plot(__doc__, draw, ladder=TABLE)
