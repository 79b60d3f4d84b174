"""Accuracy of each model by a property of the videos: their duration, the motion in them."""

import math
from itertools import product

import numpy as np

from vidbench.evaluation import significance
from vidbench.evaluation.test_results import TestResults
from vidbench.video import Video

BY_DIFFICULTY = (
    "quantity", "model", "bin", "from", "to", "middle", "videos", "groups", "accuracy", "low", "high",
)  # fmt: skip
QUANTITIES = ("duration", "motion")
MAX_BINS = 6
MIN_BIN = 20  # videos
ALIKE = 0.05  # of the median: videos whose values differ by less are in one bin


def difficulty_rows(results: TestResults, difficulty: dict[str, dict[str, str]]) -> list[dict[str, object]]:
    """Return rows of BY_DIFFICULTY: accuracy in bins of equal numbers of videos, mean over seeds and splits.

    Intervals are by group. `difficulty`: rows of difficulty.csv by video. A video without a value is in no bin.
    """
    videos = [results.videos[index] for index in results.by_name]
    correct = {model: results.pool(1 - results.wrong(model))[results.by_name] for model in results.models}
    rows = []
    for quantity in QUANTITIES:
        values = np.array([_number(difficulty.get(video.id, {}).get(quantity, "")) for video in videos])
        measured = np.flatnonzero(np.isfinite(values))
        bins = assign_quantile_bins(values[measured]) if len(measured) else measured
        for model, bin_ in product(results.models, sorted(set(bins.tolist()))):
            inside = measured[bins == bin_]
            binned = [videos[index] for index in inside.tolist()]
            rows.append(
                {"quantity": quantity, "model": model, "bin": bin_}
                | _span(values[inside])
                | _accuracy(correct[model][inside], binned)
            )
    return rows


def _number(text: str) -> float:
    """Read a cell of difficulty.csv; empty means unknown."""
    return float(text) if text else math.nan


def _span(values: np.ndarray) -> dict[str, object]:
    return {"from": float(values.min()), "to": float(values.max()), "middle": float(np.median(values))}


def _accuracy(correct: np.ndarray, videos: list[Video]) -> dict[str, object]:
    groups = np.array([video.group for video in videos])
    classes = np.array([video.label for video in videos])
    interval = significance.accuracy_interval(correct, groups, classes)
    return {
        "videos": len(videos), "groups": len(set(groups)),
        "accuracy": interval.value, "low": interval.low, "high": interval.high,
    }  # fmt: skip


def assign_quantile_bins(values: np.ndarray) -> np.ndarray:
    """Return the bin number (N,) of each value, from 0: bins of about equal size, equal values together, none empty.

    There is one bin where the values hardly differ.
    """
    if np.ptp(values) <= ALIKE * abs(np.median(values)):
        return np.zeros(len(values), int)
    num_bins = int(np.clip(len(values) // MIN_BIN, 1, MAX_BINS))
    edges = np.unique(np.quantile(values, np.arange(1, num_bins) / num_bins, method="higher"))
    number = np.searchsorted(edges, values, side="right")
    return np.unique(number, return_inverse=True)[1]
