"""Times of frames: regular or not, and those that no camera can have made."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidbench.doctor.difficulty import frames_at_rate
from vidbench.doctor.duplicates.tiny_images import resample_at, time_grid
from vidbench.frames.stored_times import are_known, clock, duration, nearest, typical_interval

JITTER = np.random.default_rng(0).uniform(-0.02, 0.02, 90)


def regular(frames: int, fps: float) -> np.ndarray:
    return (np.arange(frames) / fps).astype(np.float32)


@pytest.mark.parametrize(("frames", "fps", "known"), [
    (75, 25, True), (200, 240, True), (2, 1 / 600, True), (1, 25, True), (10, 60, True),
    (75, 1000, False), (75, 90_000, False), (75, 400, False),
])  # fmt: skip
def test_times_that_no_camera_can_have_made_are_not_believed(frames: int, fps: float, known: bool) -> None:
    times = regular(frames, fps)
    assert are_known(times) is known
    assert clock(times) == pytest.approx(times if known else np.arange(frames) / 25)
    assert duration(times) == (pytest.approx(frames / fps) if known and frames > 1 else None)


def test_a_gap_of_minutes_counts_as_seconds() -> None:
    times = np.concatenate([regular(40, 25), 601.6 + regular(40, 25)]).astype(np.float32)
    assert clock(times)[39] == pytest.approx(1.56, abs=1e-3)
    assert clock(times)[40] == pytest.approx(2.56, abs=1e-3)
    assert len(time_grid(clock(times))[0]) < 70
    a_picture_a_minute = regular(50, 1 / 60)
    assert clock(a_picture_a_minute) == pytest.approx(a_picture_a_minute)
    assert len(time_grid(a_picture_a_minute)[0]) == 50


@given(st.lists(st.floats(1e-3, 2), min_size=1, max_size=30), st.floats(0, 40))
def test_the_nearest_frame_is_the_nearest(intervals: list[float], wanted: float) -> None:
    times = np.concatenate([[0], np.cumsum(intervals)])
    found = int(nearest(times, np.array([wanted]))[0])
    assert abs(times[found] - wanted) == pytest.approx(np.abs(times - wanted).min())


@pytest.mark.parametrize("fps", [8, 12.5, 23.976, 25, 29.97, 50, 60, 240])
def test_a_regular_video_is_looked_at_in_whole_frames(fps: float) -> None:
    times = regular(200, fps)
    grid, step = time_grid(clock(times))
    frames = nearest(times, grid)
    stride = np.diff(frames)
    assert (stride == stride[0]).all()
    assert step == pytest.approx(stride[0] / fps, rel=1e-3)
    assert step <= max(1 / 12, 1 / fps) * 1.01
    images = np.arange(len(grid), dtype=np.uint8)[:, None]
    assert (resample_at(images, clock(times), grid, step) == images).all()


def test_what_moves_evenly_does_so_under_uneven_times() -> None:
    """Brightness tells the time: images at regular times have regular brightness."""
    times = np.sort(np.arange(90) / 30 + JITTER)
    times -= times[0]
    grid, step = time_grid(times)
    images = np.rint(40 * times[nearest(times, grid)]).astype(np.uint8)[:, None]
    assert resample_at(images, times, grid, step)[:, 0] == pytest.approx(40 * grid, abs=1.2)


def test_what_stands_for_long_does_not_fade() -> None:
    times = np.array([0, 0.04, 0.08, 0.12, 1.12, 1.16, 1.2, 1.24, 1.28])
    grid, step = time_grid(times)
    values = np.array([0, 0, 0, 0, 200, 200, 200, 200, 200], np.uint8)
    images = resample_at(values[nearest(times, grid)][:, None], times, grid, step)[:, 0]
    assert (images[grid < 1.12 - step - 1e-6] == 0).all()
    assert (images[grid > 1.12] == 200).all()


def test_the_amount_of_motion_is_of_four_moments_a_second() -> None:
    assert frames_at_rate(regular(50, 25)).tolist() == [0, 6, 12, 19, 25, 31, 37, 44]
    assert frames_at_rate(regular(5, 25)).tolist() == [0, 4]
    assert frames_at_rate(regular(4, 1)).tolist() == [0, 1, 2, 3]
    uneven = np.concatenate([regular(20, 20), 1 + regular(60, 60)])  # a phone that sees more light
    assert np.diff(uneven[frames_at_rate(uneven)]) == pytest.approx(0.25, abs=0.03)


def test_the_typical_interval_is_not_that_of_a_gap() -> None:
    assert typical_interval(np.array([0, 0.04, 0.08, 60])) == pytest.approx(0.04)
    assert typical_interval(np.zeros(1)) == pytest.approx(0.04)
