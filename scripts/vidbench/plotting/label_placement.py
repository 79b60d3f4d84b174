"""Texts beside the points of a figure, where they fit without covering each other, points or intervals."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from matplotlib.transforms import Bbox

Point = tuple[float, float]
NEAR, FAR = 5, 12  # points between a point and its text
LEADER = {"arrowstyle": "-", "linewidth": 0.4, "color": "0.4", "shrinkA": 0, "shrinkB": 3}  # to a text that is far
SIDES = ((1, 0), (-1, 0), (1, 1), (-1, 1), (1, -1), (-1, -1), (0, 1), (0, -1))  # right, left, the corners, above, below
ALIGNED = {1: "left", 0: "center", -1: "right"}, {1: "bottom", 0: "center", -1: "top"}


def place_labels(
    axis: Axes, points: Sequence[Point], texts: Sequence[str], lines: Sequence[tuple[Point, Point]], size: float
) -> list[str]:
    """Write each text beside its point; return the texts that fit nowhere, which are left out.

    `lines`: ends of upright and level lines that no text may cover. The figure's layout has to be final.
    """
    canvas = axis.figure.canvas
    assert isinstance(canvas, FigureCanvasAgg)  # as style.py sets it
    renderer = canvas.get_renderer()
    inside = axis.get_window_extent(renderer)
    pixel = axis.figure.dpi / 72
    taken = [_around(x, y, 2.5 * pixel) for x, y in axis.transData.transform(np.reshape(points, (-1, 2)))]
    taken += [Bbox(axis.transData.transform(sorted(line))).padded(1) for line in lines if not np.isnan(line).any()]
    left = []
    for point, text in zip(points, texts, strict=True):
        for distance, (right, up) in ((distance, side) for distance in (NEAR, FAR) for side in SIDES):
            drawn = axis.annotate(
                text, point, (right * distance, up * distance), textcoords="offset points", fontsize=size,
                ha=ALIGNED[0][right], va=ALIGNED[1][up], zorder=4,
                arrowprops=LEADER if distance == FAR else None,
            )  # fmt: skip
            drawn.update_positions(renderer)
            box = Text.get_window_extent(drawn, renderer)  # without the line to its point
            if _within(box, inside) and not any(box.overlaps(other) for other in taken):
                taken.append(box)
                break
            drawn.remove()
        else:
            left.append(text)
    return left


def _around(x: float, y: float, radius: float) -> Bbox:
    return Bbox([[x - radius, y - radius], [x + radius, y + radius]])


def _within(box: Bbox, outer: Bbox) -> bool:
    return box.x0 >= outer.x0 and box.x1 <= outer.x1 + 2 and box.y0 >= outer.y0 and box.y1 <= outer.y1 + 4
