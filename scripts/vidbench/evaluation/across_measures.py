"""What one data set adds to a comparison over several: accuracies, accuracies of resampled groups, paired tests."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from vidbench.evaluation import comparison, significance
from vidbench.evaluation.bootstrap import RESAMPLES, draw_group_weights
from vidbench.evaluation.significance import Comparison
from vidbench.evaluation.test_results import TestResults
from vidbench.video import Video


@dataclass(frozen=True)
class DataSetMeasures:
    """Results of M models on one data set, over its full splits and complete seeds."""

    name: str
    models: tuple[str, ...]  # M
    top1: np.ndarray  # (M,)
    low: np.ndarray  # (M,) of the 95 % interval; NaN where there are too few groups
    high: np.ndarray  # (M,)
    draws: np.ndarray  # (R, M) accuracies with other groups, and other seeds where a model has several
    tests: Mapping[tuple[str, str], Comparison[float]]  # of each pair, not adjusted
    effective_groups: float
    diverged: frozenset[str] = frozenset()  # models with a training that diverged
    baselines: Mapping[str, str] = field(default_factory=dict)  # models that are baselines, with their kinds
    num_seeds: Mapping[str, int] = field(default_factory=dict)  # of each model; 0: nothing in it is random
    files: frozenset[str] = frozenset()  # of its test videos

    @property
    def enough_groups(self) -> bool:
        """True where there are enough groups for intervals and tests."""
        return self.effective_groups >= significance.MIN_GROUPS

    def places(self, models: Sequence[str]) -> list[int]:
        """Return the places of some models in the arrays."""
        return [self.models.index(model) for model in models]


def measure(name: str, results: TestResults, diverged: Mapping[str, int], draw: int = 0) -> DataSetMeasures:
    """Measure all models on a data set; `diverged`: their numbers of diverged trainings, `draw`: of random numbers."""
    sound = comparison.sound_models(dict(diverged))
    sums = np.stack([comparison.group_sums(results, model) for model in results.models])  # (M, G)
    top1, low, high = significance.intervals(sums, results.structure)
    return DataSetMeasures(
        name=name,
        models=tuple(results.models),
        top1=top1,
        low=low,
        high=high,
        draws=draw_accuracies(results, sums, sound, draw),
        tests=comparison.paired_tests(results, sound),
        effective_groups=results.structure.effective,
        diverged=frozenset(model for model, count in diverged.items() if count),
        baselines=results.baselines,
        num_seeds={model: len(results.drawn_accuracies(model)) for model in results.models},
        files=whole_paths(results.videos),
    )


def whole_paths(videos: Iterable[Video]) -> frozenset[str]:
    """Return the files of videos, links followed: one manifest may have whole paths where another one has not."""
    return frozenset(os.path.realpath(video.path) for video in videos)


def draw_accuracies(
    results: TestResults, sums: np.ndarray, sound: set[str], draw: int, resamples: int = RESAMPLES
) -> np.ndarray:
    """Return accuracies (R, M) with resampled groups, the same for all models, from sums of right videos (M, G).

    Those of a model with several seeds also vary as the mean over its seeds does. They may leave [0, 1] a little.
    """
    structure = results.structure
    weights = draw_group_weights(structure.stratum, resamples, seed=draw).astype(float)  # (R, G)
    accuracies = weights @ sums.T / (weights @ structure.sizes)[:, None]
    variance = float(comparison.pooled_spread(results, sound).variance)
    seeds = np.array([len(results.drawn_accuracies(model)) for model in results.models])
    deviation = np.sqrt(np.where(seeds > 1, variance / np.maximum(seeds, 1), 0))  # (M,) of a mean over seeds
    return accuracies + deviation * np.random.default_rng([draw, 1]).standard_normal(accuracies.shape)
