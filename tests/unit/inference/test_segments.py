"""Segments of made probabilities."""

import numpy as np
import pytest

from vidbench.inference.segments import ENTER, Hysteresis, Segment, find_segments
from vidbench.inference.timeline_output import format_time

CLASSES = ("a", "b", "c")


def segments(*rows: tuple[float, float], length: float = 2.0, stride: float = 1.0, **rule: float) -> list[Segment]:
    """Windows with these probabilities of a and b."""
    windows = [
        (place * stride, place * stride + length, np.array([*row, 1 - sum(row)])) for place, row in enumerate(rows)
    ]
    return find_segments(windows, CLASSES, Hysteresis(**rule))


def test_a_dip_between_leave_and_enter_cuts_nothing_in_two() -> None:
    (segment,) = segments((0.9, 0), (0.45, 0.3), (0.9, 0), enter=0.6, leave=0.4)
    assert (segment.start, segment.end, segment.label) == (0.0, 4.0, "a")
    assert segment.score == pytest.approx(0.75)


def test_a_dip_below_leave_ends_it_and_no_other_class_begins_below_enter() -> None:
    first, second = segments((0.9, 0), (0.2, 0.35), (0.9, 0), enter=0.6, leave=0.4)
    # The windows' middles are 1, 2 and 3 s; the first speaks from its start on, the last until its end.
    assert (first.start, first.end, second.start, second.end) == (0.0, 1.5, 2.5, 4.0)


def test_another_class_takes_over_where_it_reaches_enter() -> None:
    first, second = segments((0.55, 0.45), (0.4, 0.6), (0.1, 0.9), enter=0.5, leave=0.3)
    assert (first.label, first.end, second.label, second.start) == ("a", 1.5, "b", 1.5)
    assert second.score == pytest.approx(0.75)


def test_short_segments_are_dropped() -> None:
    rows = ((0.1, 0.1), (0.9, 0), (0.1, 0.1), (0, 0.9), (0, 0.9), (0.1, 0.1))
    assert [each.label for each in segments(*rows, enter=0.85, leave=0.5, min_length=0)] == ["a", "b"]
    assert [each.label for each in segments(*rows, enter=0.85, leave=0.5, min_length=1.5)] == ["b"]


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
