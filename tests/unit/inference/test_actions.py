"""Actions from made answers for windows."""

import numpy as np
import pytest

from vidbench.inference.actions import ActionFinder, WindowAnswer, find_actions
from vidbench.inference.classification import Classification, fail
from vidbench.inference.segments import Hysteresis, Segment

CLASSES = ("a", "b")
LENGTH = 2.0


def window(start: float, end: float, a: float, stretch: float | None = 0.0, *, whole: bool = False) -> WindowAnswer:
    answer = Classification("", CLASSES, np.array([a, 1 - a]), np.empty((0, 2), np.float32))
    return WindowAnswer(start, end, answer, stretch, whole)


def find(*windows: WindowAnswer, enter: float = 0.7, min_length: float = 0.5) -> list[Segment]:
    return find_actions(windows, ActionFinder(CLASSES, Hysteresis(enter, 0.8 * enter, min_length), LENGTH))


def test_a_stretch_that_is_recognised_is_one_action_whatever_its_windows_say() -> None:
    (segment,) = find(window(0, 2, 0.1), window(1, 3, 0.1), window(0, 3.5, 0.9, whole=True))
    assert segment == Segment(0, 3.5, "a", pytest.approx(0.9))


def test_a_short_stretch_that_is_not_recognised_is_none() -> None:
    assert find(window(0, 2, 0.9), window(1, 3, 0.9), window(0, 3.5, 0.6, whole=True)) == []


def test_in_a_long_one_that_is_not_recognised_the_windows_tell() -> None:
    windows = [window(place, place + 2, a) for place, a in enumerate((0.9, 0.8, 0.1, 0.1))]
    found = find(*windows, window(0, 5, 0.5, whole=True))
    assert [(each.label, each.start) for each in found] == [("a", 0), ("b", 3)]
    assert found[-1].end == 5


def test_a_stretch_without_an_end_is_looked_at_as_it_comes() -> None:
    finder = ActionFinder(CLASSES, Hysteresis(0.7, 0.56, 0.5), LENGTH)
    found = [finder.add(window(place, place + 2, 0.9 if place < 20 else 0.1)) for place in range(40)]
    assert [len(each) for each in found].index(1) <= 23
    assert len(finder._waiting) <= 4 * LENGTH
    (last,) = finder.finish()
    assert (last.label, last.end) == ("b", 41)


def test_actions_of_two_stretches_are_not_joined() -> None:
    one = [window(place, place + 2, 0.9) for place in range(10)]
    two = [window(place, place + 2, 0.9, stretch=11.0) for place in range(11, 20)]
    assert [(each.start, each.end) for each in find(*one, *two)] == [(0, 11), (11, 21)]


def test_short_actions_are_dropped() -> None:
    assert find(window(0, 0.4, 0.9, whole=True)) == []


def test_plain_windows_are_joined_over_cuts_and_rests() -> None:
    windows = [window(place, place + 2, 0.9, stretch=None) for place in range(5)]
    assert [(each.start, each.end) for each in find(*windows)] == [(0, 6)]


@pytest.mark.parametrize("length", [3.0, 7.0, 20.0])
def test_windows_without_an_answer_are_no_action_and_spoil_no_other(length: float) -> None:
    nothing = fail("", CLASSES, "diverged")
    whole = WindowAnswer(0.0, length, nothing, 0.0, whole=True)
    assert find(WindowAnswer(0.0, 2.0, nothing, 0.0), whole) == []
    (segment,) = find(window(0, 2, 0.9), WindowAnswer(1.0, 3.0, nothing, 0.0), window(2, 4, 0.9), whole)
    assert (segment.start, segment.end, segment.score) == (0, 4, pytest.approx(0.9))
