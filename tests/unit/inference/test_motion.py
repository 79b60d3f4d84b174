"""Movement, rests and cuts between frames that are drawn here."""

from collections.abc import Sequence

import numpy as np
import pytest
import simplejpeg

from vidbench.frames.recipe import Recipe
from vidbench.inference.frame_stream import Frame
from vidbench.inference.motion import Motion, MotionMeter

SIZE = (48, 64)
RAW = Recipe(size=SIZE, fps=None, codec="raw", quality=2)
JPEG = Recipe(size=SIZE, fps=None, codec="jpeg", quality=2)
STILL, MOVES, CUT = Motion(False, False), Motion(True, False), Motion(False, True)


def scene(grey: int, left: int = 0) -> np.ndarray:
    """(48, 64, 3) uint8: a plain background, and a square of 12 pixels."""
    picture = np.full((*SIZE, 3), grey, np.uint8)
    picture[20:32, left : left + 12] = 255 - grey
    return picture


def measure(pictures: Sequence[np.ndarray], fps: float = 25.0, recipe: Recipe = RAW) -> list[Motion]:
    meter = MotionMeter(recipe, pictures[0].shape[:2])
    encode = np.ndarray.tobytes if recipe.codec == "raw" else simplejpeg.encode_jpeg
    return [meter.measure(Frame(place / fps, encode(each), 0.0)) for place, each in enumerate(pictures)]


@pytest.mark.parametrize("recipe", [RAW, JPEG], ids=["raw", "jpeg"])
def test_what_stands_still_and_what_moves(recipe: Recipe) -> None:
    pictures = [scene(60)] * 3 + [scene(60, 2 * step) for step in range(1, 4)]
    assert measure(pictures, recipe=recipe) == [STILL] * 3 + [MOVES] * 3


@pytest.mark.parametrize("recipe", [RAW, JPEG], ids=["raw", "jpeg"])
def test_a_cut_is_no_movement_and_what_follows_is_compared_with_its_first_frame(recipe: Recipe) -> None:
    pictures = [scene(60, 2 * step) for step in range(5)] + [scene(160)] * 3
    assert measure(pictures, recipe=recipe) == [STILL] + [MOVES] * 4 + [CUT, STILL, STILL]


def test_a_camera_that_swings_is_no_row_of_cuts() -> None:
    random = np.random.default_rng(0)
    background = np.kron(random.integers(0, 255, (1, 200, 1), np.uint8), np.ones((48, 4, 3), np.uint8))
    motions = measure([np.ascontiguousarray(background[:, 9 * step : 9 * step + 64]) for step in range(30)])
    assert sum(motion.cut for motion in motions) <= 1, "its first movement at most"
    assert all(motion.moves or motion.cut for motion in motions[1:])


def test_the_noise_of_a_camera_is_no_movement() -> None:
    random = np.random.default_rng(0)
    noisy = [np.clip(scene(60) + random.normal(0, 2, (*SIZE, 3)), 0, 255).astype(np.uint8) for _ in range(20)]
    assert measure(noisy) == [STILL] * 20


def test_at_a_high_rate_frames_of_a_thirtieth_of_a_second_are_compared() -> None:
    """Each frame is one and a half levels brighter: not seen from one to the next, seen over eight."""
    pictures = [np.full((*SIZE, 3), 20, np.uint8) for _ in range(60)]
    for place, picture in enumerate(pictures):
        picture[:, :32] += int(1.5 * place)
    assert measure(pictures, fps=240)[10:] == [MOVES] * 50
    assert measure(pictures, fps=25) == [STILL] * 60
