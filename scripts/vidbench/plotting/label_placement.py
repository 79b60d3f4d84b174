"""Placing texts beside the points of a figure so that they cover no other text, point or interval."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from matplotlib.transforms import Bbox

Point = tuple[float, float]
NEAR, FAR = 5, 12  # distance of a text from its point, in points of 1/72 inch
LEADER = {"arrowstyle": "-", "linewidth": 0.4, "color": "0.4", "shrinkA": 0, "shrinkB": 3}  # a line to a far text
# Right, left, the corners, above, below: in the order of preference.
SIDES = ((1, 0), (-1, 0), (1, 1), (-1, 1), (1, -1), (-1, -1), (0, 1), (0, -1))
HORIZONTAL = {1: "left", 0: "center", -1: "right"}  # alignment of a text by its side
VERTICAL = {1: "bottom", 0: "center", -1: "top"}


def place_labels(
    axis: Axes, points: Sequence[Point], texts: Sequence[str], lines: Sequence[tuple[Point, Point]], size: float
) -> list[str]:
    """Write each text beside its point; return the texts that fit nowhere and are not drawn.

    Greedy: in the order of `points`, each text gets the first free place. `lines`: ends of vertical and horizontal
    lines that no text may cover. The figure's layout must be final.
    """
    canvas = axis.figure.canvas
    assert isinstance(canvas, FigureCanvasAgg)  # as style.py sets it
    renderer = canvas.get_renderer()
    panel = axis.get_window_extent(renderer)
    pixel = axis.figure.dpi / 72
    occupied = [_around(x, y, 2.5 * pixel) for x, y in axis.transData.transform(np.reshape(points, (-1, 2)))]
    occupied += [Bbox(axis.transData.transform(sorted(line))).padded(1) for line in lines if not np.isnan(line).any()]
    unplaced = []
    for point, text in zip(points, texts, strict=True):
        for distance, (right, up) in ((distance, side) for distance in (NEAR, FAR) for side in SIDES):
            label = axis.annotate(
                text, point, (right * distance, up * distance), textcoords="offset points", fontsize=size,
                ha=HORIZONTAL[right], va=VERTICAL[up], zorder=4,
                arrowprops=LEADER if distance == FAR else None,
            )  # fmt: skip
            label.update_positions(renderer)
            box = Text.get_window_extent(label, renderer)  # of the text alone, without the line to its point
            if _within(box, panel) and not any(box.overlaps(other) for other in occupied):
                occupied.append(box)
                break
            label.remove()
        else:
            unplaced.append(text)
    return unplaced


def _around(x: float, y: float, radius: float) -> Bbox:
    return Bbox([[x - radius, y - radius], [x + radius, y + radius]])


def _within(box: Bbox, outer: Bbox) -> bool:
    return box.x0 >= outer.x0 and box.x1 <= outer.x1 + 2 and box.y0 >= outer.y0 and box.y1 <= outer.y1 + 4
