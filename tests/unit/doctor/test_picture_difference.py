"""What has moved in a picture is told from what a codec does to it."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import pytest
import still_scenes

from vidbench.doctor.duplicates import stillness
from vidbench.doctor.duplicates.picture_difference import Difference, measure_difference
from vidbench.doctor.duplicates.stillness import Still
from vidbench.doctor.duplicates.tiny_images import FINE, PIXELS, shrink

MOMENTS = 7
SEEDS = range(6)  # of rooms


@lru_cache
def pictures(seed: int, moved: float = 0.0) -> np.ndarray:
    """(MOMENTS, FINE, FINE) float32 of somebody in a room who sits `moved` cells further to the right and down."""
    y, x = np.mgrid[0 : still_scenes.HEIGHT, 0 : still_scenes.WIDTH].astype(np.float32)
    person = np.exp(-((((y - 150) / 70) ** 2 + ((x - 150) / 55) ** 2) ** 2))
    down, right = moved * still_scenes.HEIGHT / FINE, moved * still_scenes.WIDTH / FINE
    shown = still_scenes._warped(still_scenes.room(seed), y - person * down, x - person * right)
    return np.repeat(shrink(shown[None], FINE).reshape(1, FINE, FINE), MOMENTS, axis=0).astype(np.float32)


def coded(values: np.ndarray, amount: float, seed: int = 0) -> np.ndarray:
    """With noise of a codec: in blocks of 4 x 4 cells, half of it the same at all moments."""
    random = np.random.default_rng(seed)
    lasting, passing = random.normal(0, amount, (1, 16, 16)), random.normal(0, amount, (MOMENTS, 16, 16))
    noise = (lasting + passing) / 2**0.5
    return (values + noise.repeat(4, axis=1).repeat(4, axis=2)).astype(np.float32)


def still(pieces: np.ndarray) -> Still:
    return Still(np.zeros((48, PIXELS), np.float32), 0.08, pieces, 4.0)


@pytest.mark.parametrize("moved", [0.35, 0.7])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_movement_is_measured_and_explains_much_of_what_differs(seed: int, moved: float) -> None:
    difference = measure_difference(pictures(seed), pictures(seed, moved))
    assert difference.shift == pytest.approx(moved * 2**0.5, rel=0.5)
    assert difference.share > 0.2
    assert stillness.compare(still(pictures(seed)), still(pictures(seed, moved))) is None


@pytest.mark.parametrize("amount", [0.5, 3])
@pytest.mark.parametrize("seed", SEEDS)
def test_little_of_noise_is_explained_by_movement(seed: int, amount: float) -> None:
    difference = measure_difference(pictures(seed), coded(pictures(seed), amount, seed))
    assert difference.share < 0.1
    assert stillness.compare(still(pictures(seed)), still(coded(pictures(seed), amount, seed))) is not None


@pytest.mark.parametrize("seed", SEEDS)
def test_what_moves_a_little_is_seen_through_noise(seed: int) -> None:
    """By less than half a cell, as between two takes."""
    assert stillness.compare(still(pictures(seed)), still(coded(pictures(seed, 0.35), 1, seed))) is None


def test_pictures_that_are_the_same_do_not_differ() -> None:
    difference = measure_difference(pictures(0), pictures(0))
    assert (difference.movement, difference.change) == (0, pytest.approx(0, abs=1e-3))
    assert difference.similarity == pytest.approx(1)


@pytest.mark.parametrize("change", [lambda p: p + 12, lambda p: 1.1 * p - 9, lambda p: 0.9 * p])
def test_brightness_and_contrast_do_not_count(change: Callable[[np.ndarray], np.ndarray]) -> None:
    assert measure_difference(pictures(3), change(pictures(3))).movement < 0.01


@pytest.mark.parametrize(
    ("difference", "is_noise"),
    [
        (Difference(shift=0.24, share=0.02, change=1, similarity=0.99), True),  # poor codecs
        (Difference(shift=0.04, share=0.9, change=0.1, similarity=1), True),  # moments that are not quite the same
        (Difference(shift=0.2, share=0.08, change=1, similarity=0.99), False),  # another posture
        (Difference(shift=0.5, share=0.005, change=1, similarity=0.99), False),  # something small has moved
        (Difference(shift=0.1, share=0.02, change=3, similarity=0.99), False),
        (Difference(shift=0.1, share=0.02, change=1, similarity=0.9), False),
    ],
)
def test_what_noise_explains(difference: Difference, is_noise: bool) -> None:
    assert stillness._is_noise(difference) is is_noise
