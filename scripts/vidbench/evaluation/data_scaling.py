"""A forecast of accuracy with more training videos: a range, and only where the measured points allow one.

The error is modelled as a + b n^-c with n training videos. Method, and when there is no forecast: docs/evaluation.md.
"""

from collections import Counter
from dataclasses import asdict, dataclass, fields
from math import log2
from pathlib import Path
from typing import Any

import numpy as np
from scipy import optimize

from vidbench.datasets.fractions import fraction_of, full_split
from vidbench.evaluation.runs import Run, chance
from vidbench.evaluation.significance import accuracy_interval
from vidbench.evaluation.test_results import TestResults
from vidbench.video import Video

Z = 1.96  # normal quantile of a 95 % interval
MAX_EXPONENT = 2.0  # the largest c
MIN_SIZES = 4  # measured numbers of training videos


@dataclass(frozen=True)
class AccuracyPoint:
    """A row of accuracy_by_data.csv: a model's accuracy after training on a fraction of the videos."""

    model: str
    fraction: float
    train_videos: float  # mean over runs
    top1: float
    top1_low: float  # NaN, like the next two, where there are too few groups
    top1_high: float
    standard_error: float
    chance: float
    num_seeds: int


POINTS = tuple(field.name for field in fields(AccuracyPoint))


@dataclass(frozen=True)
class Forecast:
    """A range of accuracy at `videos` training videos; None where `reason` says why there is none."""

    videos: float
    low: float | None
    high: float | None
    reason: str = ""


FORECAST = ("model", *(field.name for field in fields(Forecast)))


def forecast(
    videos: np.ndarray, accuracy: np.ndarray, standard_error: np.ndarray, chance: float, target: float
) -> Forecast:
    """Forecast the accuracy at `target` training videos from the accuracies (n,) at n increasing numbers of them."""
    reason = why_no_forecast(videos, accuracy, standard_error, chance)
    if reason:
        return Forecast(target, None, None, reason)
    above = accuracy - 2 * standard_error >= chance
    low, high = error_range(videos[above], 1 - accuracy[above], standard_error[above], target)
    return Forecast(target, 1 - high, 1 - low)


def why_no_forecast(videos: np.ndarray, accuracy: np.ndarray, standard_error: np.ndarray, chance: float) -> str:
    """Return the reason why these points allow no forecast; empty where they do."""
    if len(videos) < MIN_SIZES:
        return f"fewer than {MIN_SIZES} sizes"
    if np.isnan(standard_error).any():
        return "too few groups"
    above = accuracy - 2 * standard_error >= chance
    if above.sum() < MIN_SIZES:
        return f"fewer than {MIN_SIZES} sizes above chance"
    videos, error, standard_error = videos[above], 1 - accuracy[above], standard_error[above]
    if error[-2] - error[-1] <= 2 * standard_error[-1]:
        return "no clear gain in the last step"
    low, high = error_range(videos[:-1], error[:-1], standard_error[:-1], videos[-1])
    return "" if low <= error[-1] <= high else "the last point does not follow from the others"


def error_range(
    videos: np.ndarray, error: np.ndarray, standard_error: np.ndarray, target: float
) -> tuple[float, float]:
    """Return the lowest and the highest error to expect at `target` videos, within [0, 1].

    The range goes from the most optimistic of three extrapolations to no gain at all, and is widened at both ends by
    1.96 standard errors of the last point.
    """
    optimistic = min(
        error[-1],
        power_law(videos, error, standard_error, target),
        power_law(videos, error, standard_error, target, floor=False),
        same_gain(videos, error, target),
    )
    margin = Z * standard_error[-1]
    return float(max(optimistic - margin, 0)), float(min(error[-1] + margin, 1))


def power_law(
    videos: np.ndarray, error: np.ndarray, standard_error: np.ndarray, target: float, floor: bool = True
) -> float:
    """Extrapolate the error to `target` videos by a + b n^-c with a, b >= 0 and 0 <= c <= 2; without `floor`, a is 0.

    The fit is by weighted least squares. For a given c it is linear in a and b, so only c is searched for: on a grid,
    and then between the neighbours of the best grid point.
    """
    weight = 1 / np.maximum(standard_error, 1e-9)

    def fit(c: float) -> tuple[np.ndarray, float]:
        powers = (videos / videos[-1]) ** -c  # relative to the last size: all of order one
        columns = np.stack([np.ones_like(powers), powers], axis=1)[:, 0 if floor else 1 :]
        return optimize.nnls(columns * weight[:, None], error * weight)

    grid = np.linspace(0, MAX_EXPONENT, 41)
    best = grid[np.argmin([fit(c)[1] for c in grid])]
    bounds = (max(best - grid[1], 0), min(best + grid[1], MAX_EXPONENT))
    result: Any = optimize.minimize_scalar(
        lambda c: fit(c)[1], bounds=bounds, method="bounded", options={"xatol": 1e-6}
    )
    c = result.x
    coefficients, _ = fit(c)
    return float(coefficients[-1] * (target / videos[-1]) ** -c + (coefficients[0] if floor else 0))


def same_gain(videos: np.ndarray, error: np.ndarray, target: float) -> float:
    """Extrapolate the error to `target` videos with the gain per doubling of the last three points.

    The gain of the last two points alone is so noisy that the range too often misses a curve that is straight in log n.
    """
    slope = np.polyfit(np.log2(videos[-3:]), error[-3:], 1)[0]
    return float(error[-1] + slope * log2(target / videos[-1]))


def select_comparable(runs: list[Run]) -> list[Run]:
    """Return the runs of the splits that were run with every fraction."""
    names = {run.split for run in runs}
    num_fractions = len({fraction_of(name) for name in names})
    fractions = Counter(full_split(name) for name in names)
    return [run for run in runs if fractions[full_split(run.split)] == num_fractions]


def measure_points(
    fraction: float, runs: list[Run], videos: list[Video], splits: list[Path], unreadable: str
) -> list[AccuracyPoint]:
    """Return one point per model, in their order; the other arguments are those of TestResults.read."""
    trained = [run for run in runs if fraction_of(run.split) == fraction]
    results = TestResults.read(trained, videos, splits, unreadable=unreadable)
    points = []
    for model in results.models:
        correct = results.correct(model)
        interval = accuracy_interval(correct.mean(axis=0), results.groups, results.labels)
        counts = [run.json("options.json")["videos"]["train"] for run in trained if run.model == model]
        points.append(
            AccuracyPoint(
                model=model,
                fraction=fraction,
                train_videos=float(np.mean(counts)),
                top1=interval.value,
                top1_low=interval.low,
                top1_high=interval.high,
                standard_error=standard_error(interval.low, interval.high, correct.mean(axis=1)),
                chance=chance(results.labels.tolist(), len({video.label for video in videos})),
                num_seeds=len(correct),
            )
        )
    return points


def standard_error(low: float, high: float, seeds: np.ndarray) -> float:
    """Return the standard error of an accuracy, from its interval by group and the accuracies of its seeds (S,)."""
    seed_variance = seeds.var(ddof=1) / len(seeds) if len(seeds) > 1 else 0.0
    return float(np.sqrt(((high - low) / (2 * Z)) ** 2 + seed_variance))


def forecast_row(model: str, points: list[AccuracyPoint]) -> dict[str, object]:
    """Return a row of FORECAST: the accuracy at twice the training videos of a model."""
    curve = sorted((point for point in points if point.model == model), key=lambda point: point.train_videos)
    videos = np.array([point.train_videos for point in curve])
    accuracy = np.array([point.top1 for point in curve])
    errors = np.array([point.standard_error for point in curve])
    expected = forecast(videos, accuracy, errors, curve[0].chance, 2 * curve[-1].train_videos)
    return {"model": model, **asdict(expected)}
