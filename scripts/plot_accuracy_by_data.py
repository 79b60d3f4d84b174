"""Draw test accuracy against the number of training videos, and the forecast for twice that number.

Example:
    python scripts/plot_accuracy_by_data.py --accuracy-by-data results/motion/accuracy_by_data.csv \\
        --data-forecast results/motion/data_forecast.csv --output results/motion/figures/accuracy_by_data.svg
"""

import textwrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from vidbench.evaluation.runs import in_order
from vidbench.plotting import style
from vidbench.plotting.main import TABLE, plot

MAX_TOGETHER = 4  # models in one panel; if there are more, each gets its own
COLUMNS = 4  # of panels
GREY = "0.75"


def draw(accuracy_by_data: pd.DataFrame, data_forecast: pd.DataFrame) -> Figure:
    """Draw all models in one panel, or one panel per model with the others in grey behind it."""
    points = accuracy_by_data
    forecasts = data_forecast.set_index("model")
    models = in_order(points["model"].tolist())
    order = style.sort_by_accuracy(models, points, "top1")
    panels = [order] if len(models) <= MAX_TOGETHER else [[model] for model in order]
    columns = min(COLUMNS, len(panels))
    rows = -(-len(panels) // columns)
    figure, axes = style.plt.subplots(
        rows, columns, figsize=(style.WIDTH, 3.4 if rows == columns == 1 else 1.75 * rows + 0.3),
        sharex=True, sharey=True, squeeze=False, layout="constrained",
    )  # fmt: skip
    palette = style.colors(models)
    for axis, shown in zip(axes.flat, panels, strict=False):
        draw_panel(axis, points, forecasts, shown, palette)
    for axis in axes.flat[len(panels) :]:
        axis.set_axis_off()
    for index, axis in enumerate(axes.flat[: len(panels)]):
        axis.tick_params(labelbottom=index + columns >= len(panels), labelsize=6.5 if rows > 1 else 8)
    figure.supxlabel("training videos", fontsize=8.5)
    figure.supylabel("top-1 accuracy on the test videos (%)", fontsize=8.5)
    style.show_accuracy(axes[0, 0].yaxis)
    return figure


def draw_panel(axis: Axes, points: pd.DataFrame, forecasts: pd.DataFrame, shown: list[str], palette: dict) -> None:
    """Draw the lines of the models `shown`, those of other models in grey, and ticks at the numbers of videos."""
    one_of_several = len(shown) == 1 and points["model"].nunique() > 1
    if one_of_several:
        for _, line in points[~points["model"].isin(shown)].groupby("model"):
            axis.plot(line["train_videos"], line["top1"], color=GREY, linewidth=0.6, zorder=1)
    axis.axhline(points["chance"].iloc[0], color="black", linestyle=":", linewidth=1, label="the largest class")
    shifts = 1.03 ** (np.arange(len(shown)) - (len(shown) - 1) / 2)  # so that intervals are side by side
    markers = style.markers(list(palette))
    for model, shift in zip(shown, shifts, strict=True):
        marks = {"color": palette[model], "marker": markers[model]}
        draw_model(axis, points[points["model"] == model], forecasts.loc[[model]].iloc[0], marks, shift)
    reasons = in_order(forecasts.loc[shown, "reason"].fillna("").tolist())
    axis.set(xscale="log", ylim=(0, 1.04))
    set_ticks(axis, points, bool(forecasts["low"].notna().any()), one_of_several)
    axis.grid(linewidth=0.3)
    if one_of_several:
        axis.set_title(style.shorten(shown, 24)[0], fontsize="small")
        if reasons[0]:
            text = textwrap.fill(f"no forecast: {reasons[0]}", 24)
            axis.text(0.97, 0.04, text, transform=axis.transAxes, fontsize=6, ha="right",
                      bbox={"color": "white", "alpha": 0.8, "pad": 1})  # fmt: skip
        return
    handles, labels = axis.get_legend_handles_labels()
    common = f"no forecast: {reasons[0]}" if len(reasons) == 1 and reasons[0] else ""
    labels = style.shorten(labels, 24) if common else [add_reason(label, forecasts) for label in labels]
    axis.legend(handles, labels, title=textwrap.fill(common, 26), loc="center left", bbox_to_anchor=(1, 0.5),
                title_fontsize="small", alignment="left")  # fmt: skip


def add_reason(model: str, forecasts: pd.DataFrame) -> str:
    """Return a model's name for the legend, with the reason if it has no forecast."""
    reason = forecasts["reason"].fillna("").get(model, "")
    return "\n".join([style.shorten([model], 24)[0], *textwrap.wrap(f"(no forecast: {reason})" if reason else "", 26)])


def draw_model(axis: Axes, points: pd.DataFrame, forecast: pd.Series, marks: dict, shift: float) -> None:
    """Draw a model's points with intervals, and the range at twice the videos as a bar at the end of a fan."""
    videos = points["train_videos"] * shift
    color = marks["color"]
    axis.plot(videos, points["top1"], "-", **marks, markersize=4, label=points["model"].iloc[0], zorder=3)
    axis.vlines(videos, points["top1_low"], points["top1_high"], color, linewidth=1)
    if pd.isna(forecast["low"]):
        return
    low, high = forecast["low"], forecast["high"]
    last = points["top1"].iloc[-1]
    ends = [videos.iloc[-1], forecast["videos"] * shift]
    axis.fill_between(ends, [last, low], [last, high], color=color, alpha=0.15, linewidth=0)
    axis.vlines(ends[1], low, high, color, linewidth=3, alpha=0.8)


def set_ticks(axis: Axes, points: pd.DataFrame, with_forecast: bool, small: bool) -> None:
    """Label the numbers of videos, with their share in brackets; in small panels only the first, last and forecast."""
    videos = points.groupby("fraction")["train_videos"].mean()
    # A fraction consists of whole groups, so its share of all videos can differ much from its nominal value.
    whole = videos.iloc[-1] / videos.index[-1]
    places = [*videos, *([2 * videos.iloc[-1]] if with_forecast else [])]
    labels = [f"{count:.0f}" if small else f"{count:.0f}\n({100 * count / whole:.3g} %)" for count in places]
    if small:
        labels = [label if index in (0, len(videos) - 1, len(videos)) else "" for index, label in enumerate(labels)]
    axis.minorticks_off()
    axis.set_xticks(places, labels)


if __name__ == "__main__":
    plot(__doc__, draw, accuracy_by_data=TABLE, data_forecast=TABLE)
