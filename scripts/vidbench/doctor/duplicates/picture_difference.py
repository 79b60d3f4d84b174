"""How the pictures of two videos differ: by something that has moved, or by what a codec does to them?

By how much would each part of one picture have to move to become the other one, and how much of all that differs does
such a movement explain? Most of what differs between two takes, but little of a codec's noise.
"""

from dataclasses import dataclass

import numpy as np

from vidbench.doctor.duplicates.tiny_images import FINE

HALF = 8  # cells: half the side of a part
PART = (2 * HALF) ** 2  # cells of a part
CONTRAST = 2.0  # gray levels a cell: parts with weaker edges cannot tell
DOUBT = 9.0  # times the variance of noise that is no movement
PARTS = 3  # so many parts must have moved


@dataclass(frozen=True)
class Difference:
    """How pictures of two videos differ at the same moments."""

    shift: float  # cells by which parts have moved
    share: float  # of the energy of all differences that movement explains, 0 to 1
    change: float  # cells by which parts would have to move to differ as much as they do else
    similarity: float  # correlation of the mean pictures

    @property
    def movement(self) -> float:
        """Cells: small where little has moved, or where movement explains little of what differs."""
        return self.shift * self.share**0.5


def measure_difference(a: np.ndarray, b: np.ndarray) -> Difference:
    """Of pictures (P, FINE, FINE) of two videos at the same moments."""
    picture = (a.mean(axis=0) + b.mean(axis=0)) / 2
    down, right = np.gradient(picture)
    rest, noise = _without_common(b - a, picture, down, right)
    edges = (_sum_parts(down * down) + _sum_parts(right * right)) / 2 + PART * CONTRAST**2
    shift_y, shift_x, left = _fit_shifts(rest, down, right)
    variance = np.maximum(left / (PART - 2), noise**2) / edges
    moved = (shift_y**2 + shift_x**2 - DOUBT * variance).mean(axis=0)
    share = 1 - float(left.sum() / max(_sum_parts(rest * rest).sum(), 1e-9))
    return Difference(_of_parts(moved), max(share, 0.0), _of_parts((left / edges).mean(axis=0)), _alike(a, b))


def _fit_shifts(rest: np.ndarray, down: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cells down and right that explain differences (P, FINE, FINE) best, and the energy left, (P, parts, parts) each.

    down, right: (FINE, FINE), the slopes of the picture.
    """
    weak = PART * CONTRAST**2
    edges_y, edges_x, both = _sum_parts(down * down) + weak, _sum_parts(right * right) + weak, _sum_parts(down * right)
    on_y, on_x = _sum_parts(down * rest), _sum_parts(right * rest)
    scale = edges_y * edges_x - both**2
    shift_y, shift_x = (edges_x * on_y - both * on_x) / scale, (edges_y * on_x - both * on_y) / scale
    return shift_y, shift_x, np.maximum(_sum_parts(rest * rest) - shift_y * on_y - shift_x * on_x, 0)


def _without_common(
    difference: np.ndarray, picture: np.ndarray, down: np.ndarray, right: np.ndarray
) -> tuple[np.ndarray, float]:
    """Differences (P, FINE, FINE) without what other brightness, contrast, sharpness or framing explain; their noise.

    What most of the picture says counts, not where something has moved.
    """
    ways = np.stack([np.ones_like(picture), picture, _blur(picture), down, right]).reshape(5, -1).T  # (cells, 5)
    flat = difference.reshape(len(difference), -1).T  # (cells, P)
    weight = np.ones((len(ways), 1), np.float32)
    for _ in range(3):
        mean = flat.mean(axis=1, keepdims=True)
        left = mean - ways @ np.linalg.lstsq(ways * weight, mean * weight, rcond=None)[0]
        noise = 1.48 * float(np.median(np.abs(left))) + 0.1  # the standard deviation, were it normal
        weight = 1 / np.sqrt(1 + np.square(left / (2 * noise)))
    rest = flat - ways @ np.linalg.lstsq(ways * weight, flat * weight, rcond=None)[0]
    return rest.T.reshape(difference.shape), noise


def _blur(picture: np.ndarray) -> np.ndarray:
    """What a picture gains by being blurred."""
    padded = np.pad(picture, 1, "edge")
    around = padded[2:, 1:-1] + padded[:-2, 1:-1] + padded[1:-1, 2:] + padded[1:-1, :-2]
    return around - 4 * picture


def _sum_parts(cells: np.ndarray) -> np.ndarray:
    """Sums of (..., FINE, FINE) over parts that overlap by half, (..., parts, parts)."""
    halves = cells.reshape(*cells.shape[:-2], FINE // HALF, HALF, FINE // HALF, HALF).sum(axis=(-3, -1))
    rows = halves[..., 1:, :] + halves[..., :-1, :]
    return rows[..., 1:] + rows[..., :-1]


def _of_parts(squared: np.ndarray) -> float:
    """What PARTS of the parts reach, from its squares (parts, parts)."""
    return float(np.sqrt(np.maximum(np.sort(squared, axis=None)[-PARTS], 0)))


def _alike(a: np.ndarray, b: np.ndarray) -> float:
    """Correlation of the means of pictures (P, FINE, FINE)."""
    a, b = a.mean(axis=0), b.mean(axis=0)
    a, b = a - a.mean(), b - b.mean()
    return float((a * b).sum() / max(np.linalg.norm(a) * np.linalg.norm(b), 1e-9))
