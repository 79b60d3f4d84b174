"""Labels beside points: where they fit, and that nothing covers another."""

from itertools import combinations

import pytest
from matplotlib.text import Text

from vidbench.plotting import style
from vidbench.plotting.label_placement import place_labels


@pytest.fixture
def axis():
    figure, made = style.plt.subplots(figsize=(4, 3))
    made.set(xscale="log", xlim=(1, 100), ylim=(0, 1))
    figure.draw_without_rendering()
    yield made
    style.plt.close(figure)


def boxes(axis) -> list:
    renderer = axis.figure.canvas.get_renderer()
    return [Text.get_window_extent(text, renderer) for text in axis.texts]


def test_no_text_covers_another_a_point_or_a_line(axis) -> None:
    points = [(10 ** (0.3 + 0.15 * n), 0.5 + 0.02 * (n % 3)) for n in range(9)]
    lines = [((x, y - 0.2), (x, y + 0.2)) for x, y in points]
    assert place_labels(axis, points, [str(n) for n in range(9)], lines, 7) == []
    found = boxes(axis)
    assert len(found) == 9
    assert not any(one.overlaps(other) for one, other in combinations(found, 2))
    for x, y in points:
        for at in (y, y - 0.1, y + 0.1):
            assert not any(box.contains(*axis.transData.transform((x, at))) for box in found)


def test_a_single_label_stands_at_the_right_and_within_the_axes(axis) -> None:
    place_labels(axis, [(10, 0.5), (99, 0.5)], ["middle", "edge"], [((10, float("nan")), (10, float("nan")))], 8)
    middle, edge = boxes(axis)
    assert middle.x0 > axis.transData.transform((10, 0.5))[0]
    assert edge.x1 < axis.transData.transform((99, 0.5))[0]


def test_what_fits_nowhere_is_told(axis) -> None:
    texts = ["a name of some length"] * 30
    left = place_labels(axis, [(10, 0.5)] * 30, texts, [], 12)
    assert 0 < len(left) < 30
    assert len(left) + len(axis.texts) == 30
