"""What every model answers in each test: read from the logits in one place, and pooled over splits once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from vidbench.clips.frame_orders import NORMAL
from vidbench.evaluation.answers import Answers, mean_probabilities
from vidbench.evaluation.groups import Groups
from vidbench.evaluation.metrics import NO_PREDICTION, SubsetResult, evaluate_subset, join
from vidbench.evaluation.predictions import Predictions
from vidbench.evaluation.runs import Run, in_order
from vidbench.evaluation.significance import MIN_GROUPS
from vidbench.evaluation.split_tests import RunsByModel, Tests, read_tests, select_complete_seeds, select_decoded_tests
from vidbench.video import Video

Networks = tuple[tuple[str, int], ...]  # model and seed of the networks whose probabilities are averaged; or of one


@dataclass(frozen=True)
class TestResults:
    """The tests of all splits, one after another, and what each model's seeds answer in them.

    A test is a video in a split. A video that several splits test counts once, with its mean: `pool` is where.
    Probabilities, of which there may be gigabytes, are read when they are asked for; answers are kept.
    """

    __test__ = False  # pytest takes a class of this name for tests

    tests: Tests  # split -> videos that it tests
    classes: list[str]  # K, sorted
    runs: RunsByModel  # complete seeds alone
    subset: str = "test"
    condition: str = NORMAL
    left_out: int = 0  # videos without frames, where these are left out
    answers_of: dict[Networks, Answers] = field(default_factory=dict, repr=False)
    _predicted: dict[str, np.ndarray] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def read(
        cls,
        runs: list[Run],
        videos: list[Video],
        splits: list[Path],
        *,
        subset: str = "test",
        condition: str = NORMAL,
        unreadable: str = "wrong",
    ) -> "TestResults":
        """Find the tests of some runs; `splits`: the files of their splits, `unreadable`: as in metrics.scored.

        A seed counts where it has every split that any run has: pooled with the others, one that lacks a split would be
        compared on other videos. UserError for a model without such a seed.
        """
        tests = read_tests(splits, videos, subset, runs)
        complete = select_complete_seeds(runs)
        counted = [run for seeds in complete.values() for of_seed in seeds.values() for run in of_seed.values()]
        kept = tests if unreadable == "wrong" else select_decoded_tests(tests, counted, subset, condition)
        return cls(
            tests=kept,
            classes=sorted({label for run in counted for label in Predictions.classes_of(run.predictions)}),
            runs=complete,
            subset=subset,
            condition=condition,
            left_out=len(_names(tests)) - len(_names(kept)),
        )

    @property
    def models(self) -> list[str]:
        return list(self.runs)

    @property
    def seeds(self) -> dict[str, list[int]]:
        """The complete seeds of each model."""
        return {model: list(seeds) for model, seeds in self.runs.items()}

    @cached_property
    def test_videos(self) -> list[str]:
        """The video of each test, T."""
        return [video.video for tested in self.tests.values() for video in tested]

    @cached_property
    def test_splits(self) -> list[str]:
        """The split of each test, T."""
        return [split for split, tested in self.tests.items() for _ in tested]

    @cached_property
    def truth(self) -> np.ndarray:
        """(T,) class number of each test's video."""
        number = {label: place for place, label in enumerate(self.classes)}
        return np.array([number[video.label] for tested in self.tests.values() for video in tested], int)

    @cached_property
    def videos(self) -> list[Video]:
        """The videos that are tested, N, each once."""
        return list({video.video: video for tested in self.tests.values() for video in tested}.values())

    @cached_property
    def groups(self) -> np.ndarray:
        """(N,) group of each video."""
        return np.array([video.group for video in self.videos])

    @property
    def group_numbers(self) -> np.ndarray:
        """(T,) place of the group of each test's video among the sorted unique groups."""
        return np.unique(self.groups, return_inverse=True)[1][self._column]

    @cached_property
    def labels(self) -> np.ndarray:
        """(N,) label of each video."""
        return np.array([video.label for video in self.videos])

    @cached_property
    def structure(self) -> Groups:
        """The groups of the N videos, with the classes as strata where they can be."""
        return Groups.of(self.groups, self.labels)

    @property
    def enough_groups(self) -> bool:
        """Whether anything is said about how sure a number is."""
        return self.structure.effective >= MIN_GROUPS

    @cached_property
    def by_name(self) -> np.ndarray:
        """(N,) places of the videos in the order of their names."""
        return np.argsort([video.video for video in self.videos], kind="stable")

    @cached_property
    def _column(self) -> np.ndarray:
        """(T,) which of the N videos each test is of."""
        column = {video.video: place for place, video in enumerate(self.videos)}
        return np.array([column[name] for name in self.test_videos], int)

    @cached_property
    def weight(self) -> np.ndarray:
        """(T,) 1 / number of splits that test the video, so that every video counts once."""
        return 1 / np.bincount(self._column)[self._column]

    def pool(self, values: np.ndarray) -> np.ndarray:
        """(T,) values of tests -> (N,) their mean over the splits that test each video."""
        videos = len(self.videos)
        return np.bincount(self._column, values, videos) / np.bincount(self._column, minlength=videos)

    def predicted(self, model: str) -> np.ndarray:
        """(S, T) class numbers that each seed of a model predicts."""
        if model not in self._predicted:
            networks = [((model, seed),) for seed in self.runs[model]]
            self.read_answers(networks)
            self._predicted[model] = np.stack([self.answers_of[network].predicted for network in networks])
        return self._predicted[model]

    def mean_answers(self, model: str) -> Answers:
        """What the mean of all seeds of a model answers."""
        return self.answers(tuple((model, seed) for seed in self.runs[model]))

    def answers(self, networks: Networks) -> Answers:
        """What the mean of some networks' probabilities answers."""
        self.read_answers([networks])
        return self.answers_of[networks]

    def correct(self, model: str) -> np.ndarray:
        """(S, N) whether each seed is right about each video, mean over splits."""
        return np.stack([self.pool(row == self.truth) for row in self.predicted(model)])

    def accuracies(self, model: str) -> np.ndarray:
        """(S,) accuracy of each seed."""
        return self.correct(model).mean(axis=1)

    def wrong(self, model: str) -> np.ndarray:
        """(T,) share of a model's seeds that are wrong."""
        return (self.predicted(model) != self.truth).mean(axis=0)

    @cached_property
    def answered(self) -> np.ndarray:
        """(T,) bool: whether any network has given the test's video probabilities."""
        return np.any([(self.predicted(model) != NO_PREDICTION).any(axis=0) for model in self.models], axis=0)

    def read_answers(self, wanted: Iterable[Networks]) -> None:
        """Make sure that these answers are known; each run is read once, those of one split at a time."""
        missing = [networks for networks in in_order(wanted) if networks not in self.answers_of]
        parts: dict[Networks, list[Answers]] = {networks: [] for networks in missing}
        for split in self.tests if missing else ():
            for networks, answers in self._answers_in(split, missing):
                parts[networks].append(answers)
        for networks, of_splits in parts.items():
            self.answers_of[networks] = Answers.join(of_splits)

    def _answers_in(self, split: str, wanted: list[Networks]) -> Iterable[tuple[Networks, Answers]]:
        truth = self.truth[np.array(self.test_splits) == split]
        averaged = {network for networks in wanted if len(networks) > 1 for network in networks}
        kept: dict[tuple[str, int], np.ndarray] = {}
        for network in in_order(network for networks in wanted for network in networks):
            probabilities = self.probabilities(*network, split)
            if (network,) in wanted:
                yield (network,), Answers.from_probabilities(probabilities, truth)
            if network in averaged:
                kept[network] = probabilities
        for networks in wanted:
            if len(networks) > 1:
                averages = mean_probabilities([kept[network] for network in networks])
                yield networks, Answers.from_probabilities(averages, truth)

    def probabilities(self, model: str, seed: int, split: str) -> np.ndarray:
        """(n, K) what a network says of the tests of a split, mean over views; NaN throughout for none."""
        return self.aligned(Predictions.read(self.runs[model][seed][split].predictions, self.condition), split)

    def aligned(self, predictions: Predictions, split: str, views: Sequence[int] | None = None) -> np.ndarray:
        """(n, K) probabilities of the tests of a split, in their order; mean over all views, or over these."""
        names, probabilities = predictions.probabilities(self.subset, self.condition, views)
        row = {name: place for place, name in enumerate(names)}
        tested = [video.video for video in self.tests[split]]
        there = [place for place, name in enumerate(tested) if name in row]
        aligned = np.full((len(tested), len(self.classes)), np.nan)
        known = np.zeros((len(there), len(self.classes)))  # a class that a split has not is never predicted there
        known[:, [self.classes.index(label) for label in predictions.classes]] = probabilities[
            [row[tested[place]] for place in there]
        ]
        aligned[there] = known
        return aligned

    def evaluate(self, model: str, seed: int) -> SubsetResult:
        """All that a network says in the T tests, ranked; UserError where its splits have other classes."""
        parts = []
        for split, tested in self.tests.items():
            predictions = Predictions.read(self.runs[model][seed][split].predictions, self.condition)
            labels = {video.video: video.label for video in tested}
            parts.append(evaluate_subset(predictions, self.subset, list(labels), labels, self.condition))
        return join(parts)


def _names(tests: Tests) -> set[str]:
    return {video.video for tested in tests.values() for video in tested}
