"""The timeline as an SVG picture: probabilities over time, and below them the segments that they show."""

from collections.abc import Sequence
from html import escape
from itertools import cycle, pairwise

import numpy as np

from vidbench.inference.curve import ProbabilityCurve
from vidbench.inference.segments import Segment

WIDTH, HEIGHT = 640, 234  # units of the picture, which takes the width that there is
LEFT, RIGHT, TOP = 54, 16, 12  # margins
CURVES = 150  # height of the part with the curves
BAR = (186, 18)  # top and height of the segments
MAX_CURVES = 5
MAX_TICKS = 8
STEPS = (0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300)  # seconds between two ticks
# Wong's colours (Nature Methods 8, 441), which the colour-blind tell apart, and a dash for each.
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00")
DASHES = ("", "7 3", "2 3", "9 3 2 3", "4 4")


def choose_classes(curve: ProbabilityCurve, segments: Sequence[Segment], classes: Sequence[str]) -> list[str]:
    """Return the classes that have a curve: those of segments, then those that are likely somewhere; at most five."""
    highest = np.nanmax(curve.probabilities, axis=0)  # (K,)
    order: list[int] = np.argsort(-highest, kind="stable").tolist()
    ranked = [classes[place] for place in order]
    names = dict.fromkeys([*(segment.label for segment in segments), *ranked])
    return list(names)[:MAX_CURVES]


def draw_timeline(
    curve: ProbabilityCurve, segments: Sequence[Segment], classes: Sequence[str], seconds: float, threshold: float
) -> str:
    """Return the SVG element of a video of some seconds; `threshold`: from which on a segment begins."""
    shown = choose_classes(curve, segments, classes)
    end = max(seconds, curve.times[-1] + curve.step / 2)
    y = _y(threshold)
    parts = [_axes(end)]
    parts.append(f'<line class="vb-threshold" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
    for name, color, dash in zip(shown, COLORS, DASHES, strict=False):
        parts.append(_curve(curve, classes.index(name), color, dash, end))
    colors = dict(zip(shown, COLORS, strict=False))
    parts += [_segment(segment, colors.get(segment.label, "#666"), end) for segment in segments]
    words = escape(_describe(segments, end), quote=True)
    picture = f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{words}">{"".join(parts)}</svg>'
    return picture + _legend(shown)


def _axes(end: float) -> str:
    step = next((step for step in STEPS if end / step <= MAX_TICKS), STEPS[-1])
    lines = []
    for share in (0, 0.5, 1):
        y = _y(share)
        lines.append(f'<line class="vb-grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        lines.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{share:.0%}</text>')
    for tick in np.arange(0, end + 1e-9, step):
        lines.append(f'<text x="{_x(tick, end):.1f}" y="{HEIGHT - 6}" text-anchor="middle">{tick:g} s</text>')
    return "".join(lines)


def _curve(curve: ProbabilityCurve, place: int, color: str, dash: str, end: float) -> str:
    """Return a class's probability as one path, which stops where there is no window."""
    levels = curve.probabilities[:, place]
    known = ~np.isnan(levels)
    # Steps of equal level are one line: the mean over windows changes only where one begins or ends.
    changes = np.flatnonzero(np.diff(levels) != 0) + 1  # NaN differs from all
    parts = []
    for first, last in pairwise([0, *changes.tolist(), len(levels)]):
        if known[first]:
            command = "L" if first and known[first - 1] else "M"
            left, right = _x(curve.step * first, end), _x(curve.step * last, end)
            parts.append(f"{command}{left:.1f},{_y(float(levels[first])):.1f}H{right:.1f}")
    style = f'stroke="{color}" stroke-dasharray="{dash}"' if dash else f'stroke="{color}"'
    return f'<path class="vb-curve" d="{"".join(parts)}" {style}/>'


def _segment(segment: Segment, color: str, end: float) -> str:
    left, right = _x(segment.start, end), _x(min(segment.end, end), end)
    top, height = BAR
    words = escape(f"{segment.label}, {segment.start:.1f} to {segment.end:.1f} s, {segment.score:.0%}")
    shape = f'x="{left:.1f}" y="{top}" width="{max(1.0, right - left):.1f}" height="{height}" rx="3"'
    return f'<rect {shape} fill="{color}"><title>{words}</title></rect>'


def _legend(classes: Sequence[str]) -> str:
    entries = []
    for name, color, dash in zip(classes, COLORS, cycle(DASHES), strict=False):
        line = f'<line x1="0" x2="26" y1="5" y2="5" class="vb-curve" stroke="{color}" stroke-dasharray="{dash}"/>'
        entries.append(f'<li><svg viewBox="0 0 26 10" aria-hidden="true">{line}</svg>{escape(name)}</li>')
    return f'<ul class="vb-legend">{"".join(entries)}</ul>'


def _describe(segments: Sequence[Segment], end: float) -> str:
    found = ", ".join(f"{each.label} from {each.start:.1f} to {each.end:.1f} s" for each in segments)
    return f"Probabilities over {end:.1f} seconds. Segments: {found or 'none'}"


def _x(seconds: float, end: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * seconds / max(end, 1e-9)


def _y(share: float) -> float:
    return TOP + CURVES * (1 - share)
