"""The figure of a video over time: probabilities, threshold and segments. Imports no torch."""

import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator

from vidbench.errors import UserError
from vidbench.inference.curve import ProbabilityCurve
from vidbench.inference.segments import Segment
from vidbench.inference.timecode import format_time
from vidbench.plotting import style

FORMATS = (".png", ".svg", ".pdf")
MAX_CLASSES = 7  # with a line and a row of their own: the eighth colour is grey
OTHERS = "0.6"
ROW = 0.22  # inches
MAX_DRAWN = 2000  # segments
TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)  # seconds
MAX_TICKS = 10


def check_figure_name(path: str) -> None:
    """Raise UserError where a figure cannot be written under a name."""
    if Path(path).suffix not in FORMATS:
        raise UserError(f"{path}: a figure is one of {', '.join(FORMATS)}; give a name that ends so")


def save_timeline(
    path: str, name: str, curve: ProbabilityCurve, segments: Sequence[Segment], classes: Sequence[str],
    threshold: float,
) -> None:  # fmt: skip
    """Draw a video's timeline into a file. `name`: of the video; `threshold`: from which on a segment begins."""
    style.apply()
    figure = draw_timeline(name, curve, segments, classes, threshold)
    with redirect_stdout(sys.stderr):  # it tells of letters that no font has; standard output may be a table
        style.save(figure, [Path(path)])


def draw_timeline(
    name: str, curve: ProbabilityCurve, segments: Sequence[Segment], classes: Sequence[str], threshold: float
) -> Figure:
    """Return the figure of a video's timeline."""
    import matplotlib.pyplot as plt

    if not len(curve.times):
        return style.empty_figure(f"{name}: no window was classified: nothing moves in it, or it is too short")
    shown = choose_classes(curve, segments, classes)
    rows = [label for label in shown if any(segment.label == label for segment in segments)]
    rest = {segment.label for segment in segments} - set(rows)
    others = f"{len(rest)} other class{'es' * (len(rest) > 1)}"
    rows += [others] if rest else []
    heights = [1.7, ROW * max(1, len(rows))]
    figure, (upper, lower) = plt.subplots(
        2, 1, sharex=True, figsize=(style.WIDTH, 0.8 + sum(heights)), height_ratios=heights, layout="constrained"
    )
    palette = style.colors(shown)
    _draw_curves(upper, curve, shown, classes, threshold, palette)
    _draw_segments(lower, segments, rows, others, palette)
    upper.set_title(style.shorten([name], 60)[0], loc="left")
    lower.xaxis.set_major_formatter(lambda seconds, _: format_time(seconds).removesuffix(".0"))
    lower.xaxis.set_major_locator(MultipleLocator(choose_tick(curve.times[-1])))
    lower.set_xlabel("time (min:s)" if curve.times[-1] < 3600 else "time (h:min:s)")
    lower.set_xlim(0, curve.times[-1] + curve.step / 2)
    return figure


def choose_classes(curve: ProbabilityCurve, segments: Sequence[Segment], classes: Sequence[str]) -> list[str]:
    """Return the classes that are shown: those with the longest segments, then the most probable ones; in order."""
    seconds = dict.fromkeys(classes, 0.0)
    for segment in segments:
        seconds[segment.label] += segment.end - segment.start
    means = dict(zip(classes, np.nanmean(curve.probabilities, axis=0), strict=True))
    ranked = sorted(classes, key=lambda label: (-seconds[label], -means[label]))
    return sorted(ranked[:MAX_CLASSES], key=list(classes).index)


def choose_tick(seconds: float) -> float:
    """Return the seconds between two ticks of an axis so long: ten ticks at most where hours are few."""
    return next((tick for tick in TICKS if seconds <= MAX_TICKS * tick), seconds / MAX_TICKS)


def _draw_curves(
    axes: Axes, curve: ProbabilityCurve, shown: Sequence[str], classes: Sequence[str], threshold: float,
    palette: style.Palette,
) -> None:  # fmt: skip
    """Draw a line per class; of those without one the largest probability."""
    places = {label: place for place, label in enumerate(classes)}
    labels = style.shorten(shown, 24)
    half = np.tile([-0.5, 0.5], len(curve.times)) * curve.step  # a step has a width, also one that stands alone
    times = np.repeat(curve.times, 2) + half
    levels = np.repeat(curve.probabilities, 2, axis=0)
    for label, short, dashes in zip(shown, labels, style.line_styles(shown).values(), strict=True):
        line = levels[:, places[label]]
        axes.plot(times, line, color=palette[label], linestyle=dashes, linewidth=1.1, label=short)
    left = [place for label, place in places.items() if label not in palette]
    if left:
        text = f"highest of {len(left)} others"
        axes.plot(times, levels[:, left].max(axis=1), color=OTHERS, linewidth=0.8, label=text)
    axes.axhline(threshold, color="0.3", linestyle=":", linewidth=1, label="threshold")
    axes.set_ylim(0, 1.02)
    axes.set_ylabel("probability (%)")
    style.show_percent(axes.yaxis)
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), handlelength=2.4)


def _draw_segments(
    axes: Axes, segments: Sequence[Segment], rows: Sequence[str], others: str, palette: style.Palette
) -> None:
    """Draw a row of bars per class."""
    places = {label: place for place, label in enumerate(rows)}
    for segment in segments[:MAX_DRAWN]:
        row = places.get(segment.label, places.get(others, 0))
        span = [(segment.start, segment.end - segment.start)]
        axes.broken_barh(span, (row - 0.38, 0.76), facecolor=palette.get(segment.label, OTHERS), linewidth=0)
    axes.set_ylim(max(1, len(rows)) - 0.5, -0.5)
    axes.set_yticks(range(len(rows)), style.shorten(rows, 24))
    if not rows:
        axes.set_yticks([])
        axes.text(0.5, 0.5, "no segment", transform=axes.transAxes, ha="center", va="center", color=OTHERS)
    axes.tick_params(axis="y", length=0)
