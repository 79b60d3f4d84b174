"""Test results in memory, from planted answers: what comparisons and tables of errors are tested on."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from vidbench.datasets.video import Video
from vidbench.evaluation.answers import Answers, mean
from vidbench.evaluation.ensembles import every_network
from vidbench.evaluation.test_results import TestResults


@dataclass(frozen=True)
class Split:
    """What every model's seeds say of the videos that a split tests."""

    name: str
    videos: list[Video]
    probabilities: Mapping[str, Mapping[int, np.ndarray]]  # model -> seed -> (n, K); NaN for a video without frames


def results_of(splits: list[Split], classes: list[str], subset: str = "test") -> TestResults:
    """As TestResults.read finds them in files."""
    runs = {model: {seed: {} for seed in seeds} for model, seeds in splits[0].probabilities.items()}
    results = TestResults({split.name: split.videos for split in splits}, classes, runs, subset)
    for networks in every_network(results.seeds):
        parts = []
        for split in splits:
            truth = np.array([classes.index(video.label) for video in split.videos], int)
            averaged = mean([split.probabilities[model][seed] for model, seed in networks])
            parts.append(Answers.of(averaged, truth))
        results.known[networks] = Answers.join(parts)
    return results
