"""How much moves in a video."""

import numpy as np
import pytest

from vidbench.doctor.difficulty import differences


def test_motion_is_the_mean_gray_difference() -> None:
    random = np.random.default_rng(0)
    frames = random.integers(0, 256, (5, 6, 7, 3), np.uint8)
    gray = frames @ np.array([0.299, 0.587, 0.114])
    expected = np.abs(np.diff(gray, axis=0)).mean(axis=(1, 2))
    assert differences(frames) == pytest.approx(expected, abs=1.0)
    white = np.stack([np.zeros((4, 4, 3), np.uint8), np.full((4, 4, 3), 255, np.uint8)])
    assert differences(white).tolist() == [255.0]
