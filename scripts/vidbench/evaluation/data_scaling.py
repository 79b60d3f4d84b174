"""What accuracy more training videos may bring: a range, and only where the measured points allow one.

The error is taken for a + b n^-c with n training videos. Method, and when nothing is said: docs/evaluation.md.
"""

from dataclasses import dataclass
from math import log2, nan

import numpy as np
from scipy import optimize

Z = 1.96
STEEPEST = 2.0  # the largest c
FEWEST_SIZES = 4


@dataclass(frozen=True)
class Forecast:
    """A range of accuracy at `videos` training videos; NaN where `reason` says why there is none."""

    videos: float
    low: float
    high: float
    reason: str = ""


def forecast(
    videos: np.ndarray, accuracy: np.ndarray, standard_error: np.ndarray, chance: float, target: float
) -> Forecast:
    """Range of accuracy at `target` training videos from the accuracies (n,) at n increasing numbers of them."""
    reason = why_not(videos, accuracy, standard_error, chance)
    if reason:
        return Forecast(target, nan, nan, reason)
    able = accuracy - 2 * standard_error >= chance
    low, high = error_range(videos[able], 1 - accuracy[able], standard_error[able], target)
    return Forecast(target, 1 - high, 1 - low)


def why_not(videos: np.ndarray, accuracy: np.ndarray, standard_error: np.ndarray, chance: float) -> str:
    """Why these points allow no forecast, in a few words; empty where they do."""
    if len(videos) < FEWEST_SIZES:
        return f"fewer than {FEWEST_SIZES} sizes"
    if np.isnan(standard_error).any():
        return "too few groups"
    able = accuracy - 2 * standard_error >= chance
    if able.sum() < FEWEST_SIZES:
        return f"fewer than {FEWEST_SIZES} sizes above chance"
    videos, error, standard_error = videos[able], 1 - accuracy[able], standard_error[able]
    if error[-2] - error[-1] <= 2 * standard_error[-1]:
        return "no clear gain in the last step"
    low, high = error_range(videos[:-1], error[:-1], standard_error[:-1], videos[-1])
    return "" if low <= error[-1] <= high else "the last point does not follow from the others"


def error_range(
    videos: np.ndarray, error: np.ndarray, standard_error: np.ndarray, target: float
) -> tuple[float, float]:
    """Lowest and highest error to expect at `target` videos, within [0, 1].

    From the most hopeful of three continuations to no gain at all, each widened by the last point's standard error.
    """
    hopeful = min(
        error[-1],
        power_law(videos, error, standard_error, target),
        power_law(videos, error, standard_error, target, floor=False),
        same_gain(videos, error, target),
    )
    margin = Z * standard_error[-1]
    return float(max(hopeful - margin, 0)), float(min(error[-1] + margin, 1))


def power_law(
    videos: np.ndarray, error: np.ndarray, standard_error: np.ndarray, target: float, floor: bool = True
) -> float:
    """The error at `target` videos by a + b n^-c with a, b >= 0 and 0 <= c <= 2; without `floor`, a is 0.

    Weighted least squares: for a given c they are linear, so only c is searched for.
    """
    weight = 1 / np.maximum(standard_error, 1e-9)

    def fit(c: float) -> tuple[np.ndarray, float]:
        powers = (videos / videos[-1]) ** -c  # relative to the last size: all of order one
        columns = np.stack([np.ones_like(powers), powers], axis=1)[:, 0 if floor else 1 :]
        return optimize.nnls(columns * weight[:, None], error * weight)

    grid = np.linspace(0, STEEPEST, 41)
    best = grid[np.argmin([fit(c)[1] for c in grid])]
    bounds = (max(best - grid[1], 0), min(best + grid[1], STEEPEST))
    c = optimize.minimize_scalar(lambda c: fit(c)[1], bounds=bounds, method="bounded", options={"xatol": 1e-6}).x
    coefficients, _ = fit(c)
    return float(coefficients[-1] * (target / videos[-1]) ** -c + (coefficients[0] if floor else 0))


def same_gain(videos: np.ndarray, error: np.ndarray, target: float) -> float:
    """The error at `target` videos where each doubling gains what it has gained over the last three points.

    Of the last two alone the gain is so noisy that the range misses a curve that is straight in log n too often.
    """
    slope = np.polyfit(np.log2(videos[-3:]), error[-3:], 1)[0]
    return float(error[-1] + slope * log2(target / videos[-1]))
