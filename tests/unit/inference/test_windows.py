"""Windows of frames: by time, with gaps, at the end, and without growing memory."""

from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidbench.errors import UserError
from vidbench.frames.recipe import Recipe
from vidbench.inference.frame_stream import Frame, _Clock
from vidbench.inference.windows import Window, WindowCutter, WindowFrames, cut_windows


def frames(times: Sequence[float]) -> Iterator[Frame]:
    for time in times:
        yield Frame(time, b"", 0.0)


def cut(times: Sequence[float], length: float, stride: float) -> list[tuple[float, float, int]]:
    return [(w.start, round(w.end, 6), len(w.frames)) for w in cut_windows(frames(times), length, stride)]


def test_windows_slide_by_the_stride_and_the_last_ends_with_the_video() -> None:
    assert cut(np.arange(50) / 10, 2.0, 1.0) == [(0, 2, 20), (1, 3, 20), (2, 4, 20), (3, 5, 20)]
    assert cut(np.arange(56) / 10, 2.0, 1.0)[-2:] == [(3, 5, 20), (pytest.approx(3.6), 5.6, 20)]
    assert cut(np.arange(52) / 10, 2.0, 1.0)[-1] == (3, 5, 20), "less than half a stride is left"


def test_a_video_that_is_shorter_than_a_window_is_one() -> None:
    assert cut([0, 0.1, 0.2], 2.0, 1.0) == [(0, 0.3, 3)]
    assert cut([0], 2.0, 1.0)[0][2] == 1
    assert cut([], 2.0, 1.0) == []


def test_a_gap_in_time_has_no_windows() -> None:
    times = [*np.arange(20) / 10, *(10_000 + np.arange(20) / 10)]
    windows = cut(times, 1.0, 0.5)
    assert all(count for _, _, count in windows)
    assert not [start for start, _, _ in windows if 2 <= start < 9_998]
    assert windows[-1][1] == pytest.approx(10_002)


def test_windows_may_leave_time_out() -> None:
    assert cut(np.arange(60) / 10, 1.0, 2.0)[:3] == [(0, 1, 10), (2, 3, 10), (4, 5, 10)]


@given(st.lists(st.floats(0, 2), min_size=1, max_size=60), st.floats(0.1, 3), st.floats(0.1, 3))
def test_each_window_has_the_frames_of_its_time(steps: list[float], length: float, stride: float) -> None:
    times = np.cumsum(steps)
    times = times - times[0]
    windows = list(cut_windows(frames(times), length, stride))
    for window in windows[:-1]:
        expected = [time for time in times if window.start <= time < window.end]
        assert [frame.time for frame in window.frames] == expected
    assert all(window.frames for window in windows)
    # All that is in a window by the stride is in one.
    if stride <= length:
        covered = {frame.time for window in windows for frame in window.frames}
        left = [time for time in times if time not in covered]
        assert not left or times[-1] - min(left) <= stride


def test_no_more_frames_are_kept_than_a_window_has() -> None:
    cutter = WindowCutter(2.0, 1.0)
    most = 0
    for frame in frames(np.arange(20_000) / 25):
        cutter.add(frame)
        most = max(most, len(cutter._frames))
    assert most <= 2 * 25 + 2


@pytest.mark.parametrize(("length", "stride"), [(0, 1), (1, 0), (-1, 1), (float("nan"), 1), (1, float("inf"))])
def test_lengths_that_are_none_are_refused(length: float, stride: float) -> None:
    with pytest.raises(UserError, match="give seconds above 0"):
        WindowCutter(length, stride)


def test_a_window_gives_frames_and_times_as_a_store_does() -> None:
    pictures = np.random.default_rng(0).integers(0, 255, (3, 4, 5, 3), np.uint8)
    stored = [Frame(7 + place / 10, picture.tobytes(), 0.0) for place, picture in enumerate(pictures)]
    recipe = Recipe(size=(4, 5), fps=None, codec="raw", quality=2)
    store = WindowFrames([Window(7, 8, stored)], recipe, (4, 5))
    assert (store.read("0") == pictures).all()
    out = np.empty((2, 4, 5, 3), np.uint8)
    assert store.read("0", [0, 2], out) is out
    assert (out == pictures[[0, 2]]).all()
    assert store.times("0") == pytest.approx([0, 0.1, 0.2])
    assert store.frame_size("0") == (4, 5)


def test_stamps_become_seconds_that_rise() -> None:
    clock = _Clock(0.1)
    stamps = [None, 5.0, 5.1, None, 5.3, 5.25, 0.0, 0.1]  # two are missing, one falls, and then they begin again
    assert [clock.seconds(stamp) for stamp in stamps] == pytest.approx([0, 0, 0.1, 0.2, 0.3, 0.3, 0.4, 0.5])
