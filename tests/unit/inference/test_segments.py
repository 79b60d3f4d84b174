"""Segments of made probabilities."""

import numpy as np
import pytest

from vidbench.inference.segments import ENTER, Hysteresis, Segment, find_segments
from vidbench.inference.timecode import format_time

CLASSES = ("a", "b", "c")


def segments(*rows: tuple[float, float], length: float = 2.0, stride: float = 1.0, **rule: float) -> list[Segment]:
    """Windows with these probabilities of a and b."""
    windows = [
        (place * stride, place * stride + length, np.array([*row, 1 - sum(row)])) for place, row in enumerate(rows)
    ]
    return find_segments(windows, CLASSES, Hysteresis(**rule))


def test_a_moment_has_the_mean_of_the_windows_that_cover_it() -> None:
    first, second = segments((0.9, 0.1), (0.3, 0.7), (0.1, 0.9), enter=0.6, leave=0.55)
    # a: 0.9 until 1 s, then (0.9 + 0.3) / 2 = 0.6; b: (0.7 + 0.9) / 2 from 2 s on, and 0.9 from 3 s on.
    assert (first.label, first.start, first.end, first.score) == ("a", 0.0, 2.0, pytest.approx(0.75))
    assert (second.label, second.start, second.end, second.score) == ("b", 2.0, 4.0, pytest.approx(0.85))


def test_a_dip_between_leave_and_enter_cuts_nothing_in_two() -> None:
    (segment,) = segments((0.9, 0), (0.45, 0.3), (0.9, 0), length=1.0, enter=0.6, leave=0.4)
    assert (segment.start, segment.end, segment.label) == (0.0, 3.0, "a")
    assert segment.score == pytest.approx(0.75)


def test_a_dip_below_leave_ends_it_and_no_other_class_begins_below_enter() -> None:
    first, second = segments((0.9, 0), (0.2, 0.35), (0.9, 0), length=1.0, enter=0.6, leave=0.4)
    assert (first.start, first.end, second.start, second.end) == (0.0, 1.0, 2.0, 3.0)


def test_another_class_takes_over_where_it_reaches_enter() -> None:
    first, second = segments((0.55, 0.45), (0.4, 0.6), (0.1, 0.9), length=1.0, enter=0.5, leave=0.3)
    assert (first.label, first.end, second.label, second.start) == ("a", 1.0, "b", 1.0)
    assert second.score == pytest.approx(0.75)


def test_what_is_found_does_not_depend_on_when_windows_come() -> None:
    random = np.random.default_rng(0)
    windows = [(place * 0.5, place * 0.5 + 2.0, random.dirichlet([0.3] * 3)) for place in range(60)]
    moments = [0.25 + 0.5 * place for place in range(63)]
    mean = [np.mean([p for start, end, p in windows if start < moment < end], axis=0) for moment in moments]
    steps = [(moment - 0.25, moment + 0.25, p) for moment, p in zip(moments, mean, strict=True)]
    rule = Hysteresis(0.5, 0.4, 0.5)
    overlapping, single = (find_segments(each, CLASSES, rule) for each in (windows, steps))
    assert len(single) > 5
    assert [(s.label, s.start, s.end) for s in overlapping] == [(s.label, s.start, s.end) for s in single]
    assert [s.score for s in overlapping] == pytest.approx([s.score for s in single])


def test_short_segments_are_dropped() -> None:
    rows = ((0.1, 0.1), (0.9, 0), (0.1, 0.1), (0, 0.9), (0, 0.9), (0.1, 0.1))
    assert [each.label for each in segments(*rows, length=1.0, enter=0.85, leave=0.5, min_length=0)] == ["a", "b"]
    assert [each.label for each in segments(*rows, length=1.0, enter=0.85, leave=0.5, min_length=1.5)] == ["b"]


def test_time_between_windows_that_do_not_touch_is_nobodys() -> None:
    first, second = segments((0.9, 0), (0, 0.9), length=1.0, stride=3.0)
    assert (first.end, second.start) == (1.0, 3.0)


def test_nothing_is_found_in_nothing() -> None:
    assert segments() == []
    assert segments((np.nan, np.nan)) == []


def test_the_threshold_of_a_model_is_where_a_segment_begins() -> None:
    assert Hysteresis.of_threshold(0.8, 1).enter == 0.8
    assert Hysteresis.of_threshold(None).enter == ENTER


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00.0"), (59.96, "1:00.0"), (3.24, "0:03.2"), (3723.4, "1:02:03.4")]
)
def test_times_are_told_in_tenths_of_a_second(seconds: float, text: str) -> None:
    assert format_time(seconds) == text
