"""Windows that keep to what lies between cuts and rests; movement is made up here."""

from collections.abc import Sequence

import numpy as np
import pytest

from vidbench.errors import UserError
from vidbench.inference.frame_stream import Frame
from vidbench.inference.motion import Motion
from vidbench.inference.stretches import LONGEST, REST, StretchCutter
from vidbench.inference.windows import Window, cut


class Script:
    """In place of a MotionMeter: `c` is a cut, `m` movement, `.` none."""

    def __init__(self, text: str) -> None:
        self.letters = iter(text)

    def measure(self, _: Frame) -> Motion:
        letter = next(self.letters)
        return Motion(letter == "m", letter == "c")


def windows(text: str, length: float = 2.0, stride: float = 1.0, fps: float = 10) -> list[Window]:
    frames = [Frame(place / fps, b"", 0.0) for place in range(len(text))]
    return list(cut(StretchCutter(length, stride, Script(text)), frames))  # pyright: ignore[reportArgumentType]


def spans(found: Sequence[Window]) -> list[tuple[float, float, bool]]:
    return [(round(each.start, 3), round(each.end, 3), each.whole) for each in found]


def test_a_stretch_begins_with_the_frame_before_the_movement_and_ends_with_the_last_one() -> None:
    (window,) = windows("....." + 10 * "m" + 8 * ".")
    assert spans([window]) == [(0.4, 1.5, True)]
    assert [frame.time for frame in window.frames] == pytest.approx(np.arange(4, 15) / 10)


def test_a_short_rest_is_a_part_of_it_and_a_long_one_ends_it() -> None:
    assert spans(windows("." + 9 * "m" + 4 * "." + 5 * "m" + 9 * "." + 10 * "m")) == [
        (0.0, 1.9, True),
        (2.7, 3.8, True),
    ]


def test_no_window_crosses_a_cut() -> None:
    found = windows("." + 32 * "m" + "c" + 15 * "m" + "c" + 3 * "m")
    assert spans(found) == [
        (0.0, 2.0, False), (1.0, 3.0, False), (0.0, 3.3, True),
        (3.3, 4.9, True),
    ]  # fmt: skip
    assert {each.stretch for each in found} == {0.0, 3.3}
    for each in found:
        assert not any(each.start < border < each.end - 1e-6 for border in (3.3, 4.9))


def test_a_flicker_and_a_still_video_have_no_window() -> None:
    assert windows(5 * "." + "mm" + 20 * ".") == []
    assert windows(50 * ".") == []
    assert windows("c") == []
    assert windows("") == []


def test_a_stretch_that_is_too_long_has_windows_that_slide_over_it_alone() -> None:
    found = windows("." + 99 * "m")
    assert not any(each.whole for each in found)
    assert spans(found)[:2] == [(0.0, 2.0, False), (1.0, 3.0, False)]
    assert spans(found)[-1] == (8.0, 10.0, False)


def test_no_more_is_kept_than_the_longest_stretch_that_is_a_window() -> None:
    cutter = StretchCutter(2.0, 1.0, Script(5000 * "m" + 5000 * "."))  # pyright: ignore[reportArgumentType]
    most = 0
    for place in range(10_000):
        cutter.add(Frame(place / 10, b"", 0.0))
        most = max(most, len(cutter._frames or []) + len(cutter._resting))
    assert most <= (LONGEST * 2.0 + REST) * 10 + 2


def test_lengths_that_are_none_are_refused() -> None:
    with pytest.raises(UserError, match="stride: 0 s; give seconds above 0"):
        StretchCutter(1.0, 0, Script(""))  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("fps", [0.5, 1, 1.9])
def test_what_always_moves_is_one_stretch_also_where_frames_are_far_apart(fps: float) -> None:
    found = windows("." + 11 * "m", length=8 / fps, fps=fps)
    assert [each.start for each in found if each.whole] == [0.0]
    assert len(next(each for each in found if each.whole).frames) == 12
    assert [each.whole for each in windows(".mm..mmm", length=8 / fps, fps=fps)] == [True, True], "a rest ends it"


def test_a_gap_between_many_frames_per_second_ends_a_stretch() -> None:
    cutter = StretchCutter(2.0, 1.0, Script("." + 30 * "m"))  # pyright: ignore[reportArgumentType]
    times = [place / 10 + 3.0 * (place >= 15) for place in range(31)]
    found = list(cut(cutter, [Frame(time, b"", 0.0) for time in times]))
    assert [round(each.end, 3) for each in found if each.whole] == [1.5, 6.1]
