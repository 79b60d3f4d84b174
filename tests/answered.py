"""Test results in memory, from planted answers: what comparisons and tables of errors are tested on."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np

from vidbench.evaluation.answers import Answers, mean_probabilities
from vidbench.evaluation.ensembles import list_networks
from vidbench.evaluation.test_results import TestResults
from vidbench.video import Video

CLASSES = ["a", "b", "c"]
LABELS = {f"v{n:02d}": CLASSES[n % 3] for n in range(40)}
VIDEOS = {name: Video(name, name, label, f"g{n // 2}") for n, (name, label) in enumerate(LABELS.items())}
MODELS = ("one", "two", "three")


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
    for networks in list_networks(results.seeds):
        parts = []
        for split in splits:
            truth = np.array([classes.index(video.label) for video in split.videos], int)
            averaged = mean_probabilities([split.probabilities[model][seed] for model, seed in networks])
            parts.append(Answers.from_probabilities(averaged, truth))
        results.answers_of[networks] = Answers.join(parts)
    return results


def split_of(name: str, videos: list[str], runs: dict[str, dict[int, np.ndarray]]) -> Split:
    return Split(name, [VIDEOS[video] for video in videos], runs)


def random_split(name: str, videos: list[str], random: np.random.Generator, seeds: int, unreadable: int) -> Split:
    """Random answers to some videos, the first of which have no frames."""
    runs = {model: {} for model in MODELS}
    for model, seed in product(MODELS, range(seeds)):
        probabilities = random.dirichlet(np.ones(3), len(videos))
        probabilities[:unreadable] = np.nan
        runs[model][seed] = probabilities
    return split_of(name, videos, runs)


def random_splits(number: int, seeds: int = 2, unreadable: int = 0) -> list[Split]:
    """Two splits that share some test videos; an unreadable video is one in both."""
    random = np.random.default_rng(number)
    names = list(LABELS)
    return [
        random_split(f"split{n + 1}",
                     names[:unreadable] + sorted(random.choice(names[unreadable:], 20, replace=False)),
                     random, seeds, unreadable)
        for n in range(2)
    ]  # fmt: skip


def answers(results: TestResults, model: str) -> dict[str, list[list[int]]]:
    """Video -> one list per split of each seed's answer: what the tables are compared with."""
    by_video: dict[str, list[list[int]]] = {}
    for place, video in enumerate(results.test_videos):
        by_video.setdefault(video, []).append(results.predicted(model)[:, place].tolist())
    return by_video
