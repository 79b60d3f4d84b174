"""The figure of a timeline: which classes it shows, with few, many and awkward names."""

from pathlib import Path

import numpy as np
import pytest

from vidbench.errors import UserError
from vidbench.inference.curve import ProbabilityCurve
from vidbench.inference.segments import Segment
from vidbench.inference.timeline_figure import (
    MAX_CLASSES,
    check_figure_name,
    choose_classes,
    choose_tick,
    draw_timeline,
    save_timeline,
)
from vidbench.plotting import style


@pytest.fixture(autouse=True)
def in_style() -> None:
    style.apply()


def made_curve(num_classes: int, seconds: int = 60) -> ProbabilityCurve:
    random = np.random.default_rng(0)
    curve = ProbabilityCurve(num_classes)
    for start in range(seconds):
        curve.add(start, start + 2, random.dirichlet([0.1] * num_classes))
    return curve


def test_two_classes_have_lines_rows_and_a_threshold() -> None:
    segments = [Segment(3, 8, "left", 0.9), Segment(20, 30, "right", 0.8)]
    figure = draw_timeline("a.mp4", made_curve(2), segments, ["left", "right"], 0.5)
    upper, lower = figure.axes
    legend = upper.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["left", "right", "threshold"]
    assert [label.get_text() for label in lower.get_yticklabels()] == ["left", "right"]
    assert len(lower.collections) == 2


def test_of_400_classes_those_with_the_longest_segments_are_shown_and_the_others_named_together() -> None:
    classes = [f"class {number}" for number in range(400)]
    segments = [Segment(3 * place, 3 * place + 1 + place / 20, f"class {399 - 7 * place}", 0.9) for place in range(19)]
    shown = choose_classes(made_curve(400), segments, classes)
    assert len(shown) == MAX_CLASSES
    assert shown == [f"class {399 - 7 * place}" for place in range(18, 18 - MAX_CLASSES, -1)]
    figure = draw_timeline("a.mp4", made_curve(400), segments, classes, 0.5)
    legend = figure.axes[0].get_legend()
    assert legend is not None
    assert legend.get_texts()[-2].get_text() == "highest of 393 others"
    assert figure.axes[1].get_yticklabels()[-1].get_text() == "12 other classes"
    assert figure.get_figheight() < 6


def test_names_of_any_script_and_any_length_and_nothing_found(tmp_path: Path) -> None:
    classes = ["взмах", "$x^2$_<b>", "n" * 200, "приве́т"]
    save_timeline(str(tmp_path / "a.png"), "v" * 300, made_curve(4), [Segment(1, 2, "взмах", 0.9)], classes, 0.5)
    save_timeline(str(tmp_path / "b.svg"), "b", made_curve(4), [], classes, 0.5)
    save_timeline(str(tmp_path / "c.pdf"), "c", ProbabilityCurve(4), [], classes, 0.5)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "b.svg", "c.pdf"]


def test_a_short_answer_in_a_long_video_has_a_width() -> None:
    curve = ProbabilityCurve(2)
    curve.add(7200, 7201, np.array([0.9, 0.1]))
    figure = draw_timeline("a.mp4", curve, [], ["a", "b"], 0.5)
    times, levels = (np.asarray(values) for values in figure.axes[0].lines[0].get_data())
    drawn = times[np.isfinite(levels)]
    assert drawn.max() - drawn.min() >= 1


@pytest.mark.parametrize(("seconds", "tick"), [(3, 0.5), (47, 5), (300, 30), (3600, 600), (10_800, 1800)])
def test_ticks_are_round_times(seconds: float, tick: float) -> None:
    assert choose_tick(seconds) == tick


def test_other_formats_are_refused() -> None:
    for name in ("a.gif", "a", "-"):
        with pytest.raises(UserError, match=r"a figure is one of \.png, \.svg, \.pdf"):
            check_figure_name(name)
