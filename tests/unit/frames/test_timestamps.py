"""Times made of time stamps: rising whatever the stamps are, and as they are wherever they can be right."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidbench.frames.timestamps import ASSUMED_FPS, read_stamps, repair

STEADY = np.arange(30) / 25
STAMPS = st.lists(st.floats(-100, 100_000, width=32) | st.just(float("nan")), max_size=60)


def test_stamps_that_rise_stay_as_they_are() -> None:
    stamps = 7 + np.sort(np.random.default_rng(0).random(50))
    times = repair(stamps)
    np.testing.assert_array_equal(times.seconds, (stamps - stamps[0]).astype(np.float32))
    assert times.notes == ()


@given(STAMPS, st.just(0.0) | st.floats(0.001, 100_000))
def test_times_always_rise_from_zero(stamps: list[float], header_fps: float) -> None:
    times = repair(np.array(stamps), header_fps)
    assert times.seconds.dtype == np.float32
    assert len(times.seconds) == len(stamps)
    assert np.isfinite(times.seconds).all()
    assert (np.diff(times.seconds) > 0).all()
    assert not len(stamps) or times.seconds[0] == 0


@given(st.integers(0, 29), st.floats(-50, 5000))
def test_one_wrong_stamp_moves_only_its_own_frame(place: int, wrong: float) -> None:
    stamps = STEADY.copy()
    stamps[place] = wrong
    times = repair(stamps).seconds
    others = [number for number in range(1, 29) if abs(number - place) > 1]
    moved = times - times[others[0]] - (STEADY - STEADY[others[0]])
    assert np.abs(moved[others]).max() < 1e-5 or place in (0, 29)


@pytest.mark.parametrize(
    ("stamps", "seconds", "words"),
    [
        ([0, 0, 1, 1, 2, 2], [0, 0.5, 1, 1.5, 2, 3], "the one before: 3"),
        ([0, 1, np.nan, 3], [0, 1, 2, 3], "without a time stamp: 1"),
        ([0, 2, 1, 3], [0, 0.5, 1, 3], "out of order by their time stamps: 1"),
        ([*range(9), 9, 8.5, 8.2, 8.8, *range(10, 13)], None, "out of order"),
        ([5, 6, 7, 600, 9, 10], [0, 1, 2, 3, 4, 5], "out of order by their time stamps: 1"),
        ([*STEADY, *STEADY + 9, *STEADY], None, "begin again: 1"),
        ([*STEADY, *(STEADY + 99)], [*STEADY, *(STEADY + 99)], "a gap of 97.84 s in the time stamps at 1.16 s"),
        (STEADY / 1000, None, "2.5e+04 frames per second by its time stamps"),
    ],
)
def test_what_is_odd_is_mended_and_said(stamps: list[float], seconds: list[float] | None, words: str) -> None:
    times = repair(np.array(stamps, float))
    assert words in "; ".join(times.notes)
    if seconds is not None:
        np.testing.assert_allclose(times.seconds, seconds, atol=1e-4)


def test_recordings_that_were_joined_follow_one_another() -> None:
    first, second = np.arange(50) / 25, np.arange(40) / 10
    times = repair(np.concatenate([first, second])).seconds
    np.testing.assert_allclose(times[:50], first, atol=1e-6)
    np.testing.assert_allclose(np.diff(times[50:]), 0.1, atol=1e-5)
    assert 0 < times[50] - times[49] < 0.2


def test_stamps_in_disorder_do_not_change_the_length() -> None:
    stamps = STEADY + np.random.default_rng(0).uniform(-0.1, 0.1, 30)
    assert repair(stamps).seconds[-1] == pytest.approx(np.ptp(stamps), abs=1e-3)


@pytest.mark.parametrize(("header", "rate"), [(10, 10), (0, ASSUMED_FPS), (90_000, ASSUMED_FPS)])
def test_without_stamps_the_header_counts_if_it_can_be_right(header: float, rate: float) -> None:
    for stamps in (np.zeros(5), np.full(5, np.nan)):
        np.testing.assert_allclose(repair(stamps, header).seconds, np.arange(5) / rate, rtol=1e-6)


def test_the_rate_leaves_gaps_out() -> None:
    times = repair(np.concatenate([STEADY, STEADY + 600]))
    assert (times.rate, times.step, times.has_gaps) == (pytest.approx(25), pytest.approx(0.04), True)


def test_hours_of_video_still_rise() -> None:
    times = repair(np.arange(0, 36_000, 1 / 240)[-5000:] + 1.0, 240).seconds
    assert (np.diff(times) > 0).all()
    assert (np.diff(repair(np.concatenate([[0.0], 30_000 + np.arange(500) / 2000])).seconds) > 0).all()


def test_stamps_are_read_as_ffmpeg_prints_them(tmp_path) -> None:
    (tmp_path / "stamps").write_text(
        "frame:0    pts:0       pts_time:0\nstored=1\n"
        "frame:1    pts:NOPTS   pts_time:NOPTS\nstored=1\n"
        "frame:2    pts:-80000000 pts_time:-0.08\nstored=1\n"
    )
    np.testing.assert_array_equal(read_stamps(tmp_path / "stamps"), [0, np.nan, -0.08])
