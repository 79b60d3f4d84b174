"""The difference of two videos' pictures: is it made by something that has moved, or by a codec?

For each part of the picture, the shift is estimated that turns one picture into the other. Such shifts explain most of
the difference between two takes, but little of a codec's noise.
"""

from dataclasses import dataclass

import numpy as np

from vidbench.doctor.duplicates.tiny_images import FINE, correlation

HALF = 8  # cells: half the side of a part
PART = (2 * HALF) ** 2  # cells of a part
CONTRAST = 2.0  # gray levels per cell: weaker edges do not determine a shift
DOUBT = 9.0  # times the variance of noise: up to there it is no movement
PARTS = 3  # the number of parts that must have moved


@dataclass(frozen=True)
class Difference:
    """The difference of two videos' pictures at the same moments."""

    shift: float  # cells by which parts have moved
    share: float  # of the energy of all differences that movement explains, 0 to 1
    change: float  # cells by which parts would have to move to differ as much as shifts do not explain
    similarity: float  # correlation of the mean pictures

    @property
    def movement(self) -> float:
        """Cells; small where little has moved, or where movement explains little of the difference."""
        return self.shift * self.share**0.5


def measure_difference(a: np.ndarray, b: np.ndarray) -> Difference:
    """Measure the difference of pictures (P, FINE, FINE) of two videos at the same moments."""
    picture = (a.mean(axis=0) + b.mean(axis=0)) / 2
    down, right = np.gradient(picture)
    difference, noise = _remove_common(b - a, picture, down, right)
    edges = (_sum_parts(down * down) + _sum_parts(right * right)) / 2 + PART * CONTRAST**2
    shift_y, shift_x, residual = _fit_shifts(difference, down, right)
    variance = np.maximum(residual / (PART - 2), noise**2) / edges
    moved = (shift_y**2 + shift_x**2 - DOUBT * variance).mean(axis=0)
    share = 1 - float(residual.sum() / max(_sum_parts(difference * difference).sum(), 1e-9))
    return Difference(
        shift=_reached_by_parts(moved),
        share=max(share, 0.0),
        change=_reached_by_parts((residual / edges).mean(axis=0)),
        similarity=_picture_similarity(a, b),
    )


def _fit_shifts(
    difference: np.ndarray, down: np.ndarray, right: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Fit shifts, in cells down and right, to differences (P, FINE, FINE) by least squares, for each part.

    down, right: (FINE, FINE), the slopes of the picture. Returns both shifts and the residual energy, each
    (P, parts, parts). This is Lucas and Kanade's optical flow with a ridge: two normal equations per part.
    """
    ridge = PART * CONTRAST**2
    edges_y = _sum_parts(down * down) + ridge
    edges_x = _sum_parts(right * right) + ridge
    both = _sum_parts(down * right)
    on_y = _sum_parts(down * difference)
    on_x = _sum_parts(right * difference)
    scale = edges_y * edges_x - both**2
    shift_y = (edges_x * on_y - both * on_x) / scale
    shift_x = (edges_y * on_x - both * on_y) / scale
    return shift_y, shift_x, np.maximum(_sum_parts(difference * difference) - shift_y * on_y - shift_x * on_x, 0)


def _remove_common(
    difference: np.ndarray, picture: np.ndarray, down: np.ndarray, right: np.ndarray
) -> tuple[np.ndarray, float]:
    """Remove from differences (P, FINE, FINE) what brightness, contrast, sharpness or framing explain.

    Returns the rest and its noise. The fit is robust: reweighted least squares, three times, so that most of the
    picture counts and not the places where something has moved.
    """
    causes = np.stack([np.ones_like(picture), picture, _blur(picture), down, right]).reshape(5, -1).T  # (cells, 5)
    flat = difference.reshape(len(difference), -1).T  # (cells, P)
    weight = np.ones((len(causes), 1), np.float32)
    for _ in range(3):
        mean = flat.mean(axis=1, keepdims=True)
        residual = mean - causes @ np.linalg.lstsq(causes * weight, mean * weight, rcond=None)[0]
        noise = 1.48 * float(np.median(np.abs(residual))) + 0.1  # the standard deviation of normal noise
        weight = 1 / np.sqrt(1 + np.square(residual / (2 * noise)))
    rest = flat - causes @ np.linalg.lstsq(causes * weight, flat * weight, rcond=None)[0]
    return rest.T.reshape(difference.shape), noise


def _blur(picture: np.ndarray) -> np.ndarray:
    """Return what blurring adds to a picture: its discrete Laplacian."""
    padded = np.pad(picture, 1, "edge")
    around = padded[2:, 1:-1] + padded[:-2, 1:-1] + padded[1:-1, 2:] + padded[1:-1, :-2]
    return around - 4 * picture


def _sum_parts(cells: np.ndarray) -> np.ndarray:
    """Sum cells (..., FINE, FINE) over parts that overlap by half, (..., parts, parts)."""
    halves = cells.reshape(*cells.shape[:-2], FINE // HALF, HALF, FINE // HALF, HALF).sum(axis=(-3, -1))
    rows = halves[..., 1:, :] + halves[..., :-1, :]
    return rows[..., 1:] + rows[..., :-1]


def _reached_by_parts(squared: np.ndarray) -> float:
    """Return the value that PARTS of the parts reach, from squared values (parts, parts)."""
    return float(np.sqrt(np.maximum(np.sort(squared, axis=None)[-PARTS], 0)))


def _picture_similarity(a: np.ndarray, b: np.ndarray) -> float:
    """Return the correlation of the means of pictures (P, FINE, FINE)."""
    mean_a = a.mean(axis=0)
    mean_b = b.mean(axis=0)
    return correlation(mean_a - mean_a.mean(), mean_b - mean_b.mean())
