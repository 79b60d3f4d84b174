"""The answers of every model in each test: read from the logits in one place, and pooled over splits once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from vidbench.clips.frame_orders import NORMAL
from vidbench.errors import UserError
from vidbench.evaluation.answers import Answers, mean_probabilities
from vidbench.evaluation.groups import Groups
from vidbench.evaluation.metrics import NO_PREDICTION, SubsetResult, evaluate_subset, join
from vidbench.evaluation.predictions import Predictions
from vidbench.evaluation.runs import Run, in_order
from vidbench.evaluation.significance import MIN_GROUPS
from vidbench.evaluation.split_tests import RunsByModel, Tests, read_tests, select_complete_seeds, select_decoded_tests
from vidbench.video import Video

Networks = tuple[tuple[str, int], ...]  # (model, seed) of one network, or of several that are averaged
SEVERAL_LABELS = "its videos may have several labels each; use compare_labels.py, which compares models on them"
ONE_LABEL = "its videos have one label each; use compare_models.py, which compares models on them"


@dataclass(frozen=True)
class TestResults:
    """The tests of all splits, one after another, and the answers of each model's seeds in them.

    A test is a video in a split; there are T tests of N videos. A video that several splits test counts once, with its
    mean: see `pool`. Probabilities, which may fill gigabytes, are read on demand; answers are cached.
    """

    __test__ = False  # or pytest collects it, because of its name

    tests: Tests  # split -> videos that it tests
    classes: list[str]  # K, sorted
    runs: RunsByModel  # of complete seeds only
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
        several_labels: bool = False,
    ) -> "TestResults":
        """Find the tests of some runs; `splits`: the files of their splits, `unreadable`: as in metrics.scored.

        A seed counts where it has every split that any run has: pooled with the others, one that lacks a split would be
        compared on other videos. UserError for a model without such a seed, and for videos that may have several
        labels each where these are not asked for, or the other way round.
        """
        if any(video.multi for video in videos) != several_labels:
            raise UserError(f"--videos: {ONE_LABEL if several_labels else SEVERAL_LABELS}")
        tests = read_tests(splits, videos, subset, runs)
        complete = select_complete_seeds(runs)
        counted = [run for seeds in complete.values() for by_split in seeds.values() for run in by_split.values()]
        decoded = tests if unreadable == "wrong" else select_decoded_tests(tests, counted, subset, condition)
        return cls(
            tests=decoded,
            classes=sorted({label for run in counted for label in Predictions.classes_of(run.predictions)}),
            runs=complete,
            subset=subset,
            condition=condition,
            left_out=len(_names(tests)) - len(_names(decoded)),
        )

    @property
    def models(self) -> list[str]:
        """The names of the models."""
        return list(self.runs)

    @property
    def seeds(self) -> dict[str, list[int]]:
        """The complete seeds of each model."""
        return {model: list(seeds) for model, seeds in self.runs.items()}

    @cached_property
    def baselines(self) -> dict[str, str]:
        """The models that are baselines, with their kinds: nothing in them is random, so they have one seed."""
        kinds: dict[str, str] = {}
        for model, seeds in self.runs.items():
            runs = [run for by_split in seeds.values() for run in by_split.values()]
            if runs and (kind := runs[0].baseline):
                kinds[model] = kind
        return kinds

    @cached_property
    def test_videos(self) -> list[str]:
        """The ids of the T tests' videos."""
        return [video.id for tested in self.tests.values() for video in tested]

    @cached_property
    def test_splits(self) -> list[str]:
        """The splits of the T tests."""
        return [split for split, tested in self.tests.items() for _ in tested]

    @cached_property
    def truth(self) -> np.ndarray:
        """Class number of each test's video, (T,)."""
        number = {label: index for index, label in enumerate(self.classes)}
        return np.array([number[video.label] for tested in self.tests.values() for video in tested], int)

    @cached_property
    def videos(self) -> list[Video]:
        """The N videos that are tested, each once."""
        return list({video.id: video for tested in self.tests.values() for video in tested}.values())

    @cached_property
    def groups(self) -> np.ndarray:
        """Group of each video, (N,)."""
        return np.array([video.group for video in self.videos])

    @property
    def group_numbers(self) -> np.ndarray:
        """Number of the group of each test's video among the sorted unique groups, (T,)."""
        return np.unique(self.groups, return_inverse=True)[1][self._column]

    @cached_property
    def labels(self) -> np.ndarray:
        """Label of each video, (N,)."""
        return np.array([video.label for video in self.videos])

    @cached_property
    def structure(self) -> Groups:
        """The groups of the N videos, with the classes as strata where they can be."""
        return Groups.of(self.groups, self.labels)

    @property
    def enough_groups(self) -> bool:
        """True where there are enough groups for intervals and tests."""
        return self.structure.effective >= MIN_GROUPS

    @cached_property
    def by_name(self) -> np.ndarray:
        """Order of the videos by their names, (N,) places."""
        return np.argsort([video.id for video in self.videos], kind="stable")

    @cached_property
    def _column(self) -> np.ndarray:
        """Which of the N videos each test is of, (T,)."""
        column = {video.id: index for index, video in enumerate(self.videos)}
        return np.array([column[name] for name in self.test_videos], int)

    @cached_property
    def weight(self) -> np.ndarray:
        """1 / the number of splits that test the video, (T,), so that every video counts once."""
        return 1 / np.bincount(self._column)[self._column]

    def pool(self, values: np.ndarray) -> np.ndarray:
        """Average the values of tests (T,) over the splits that test each video, (N,)."""
        videos = len(self.videos)
        return np.bincount(self._column, values, videos) / np.bincount(self._column, minlength=videos)

    def predicted(self, model: str) -> np.ndarray:
        """Return the class numbers that each of S seeds of a model predicts, (S, T)."""
        if model not in self._predicted:
            networks = [((model, seed),) for seed in self.runs[model]]
            self.read_answers(networks)
            self._predicted[model] = np.stack([self.answers_of[network].predicted for network in networks])
        return self._predicted[model]

    def mean_answers(self, model: str) -> Answers:
        """Return the answers of the mean of all seeds of a model."""
        return self.answers(tuple((model, seed) for seed in self.runs[model]))

    def answers(self, networks: Networks) -> Answers:
        """Return the answers of the mean of some networks' probabilities."""
        self.read_answers([networks])
        return self.answers_of[networks]

    def correct(self, model: str) -> np.ndarray:
        """Return whether each seed is right about each video, (S, N), mean over splits."""
        return np.stack([self.pool(row == self.truth) for row in self.predicted(model)])

    def accuracies(self, model: str) -> np.ndarray:
        """Return the accuracy of each seed, (S,)."""
        return self.correct(model).mean(axis=1)

    def drawn_accuracies(self, model: str) -> np.ndarray:
        """Return the accuracies from which the variance over seeds is estimated: (S,), none of a baseline, (0,)."""
        return np.empty(0) if model in self.baselines else self.accuracies(model)

    def wrong(self, model: str) -> np.ndarray:
        """Return the share of a model's seeds that are wrong in each test, (T,)."""
        return (self.predicted(model) != self.truth).mean(axis=0)

    @cached_property
    def answered(self) -> np.ndarray:
        """Mask (T,) of the tests in which at least one network has probabilities."""
        return np.any([(self.predicted(model) != NO_PREDICTION).any(axis=0) for model in self.models], axis=0)

    def read_answers(self, averages: Iterable[Networks]) -> None:
        """Read these answers into the cache; each run is read once, those of one split at a time."""
        missing = [networks for networks in in_order(averages) if networks not in self.answers_of]
        answers_by_networks: dict[Networks, list[Answers]] = {networks: [] for networks in missing}
        for split in self.tests if missing else ():
            for networks, answers in self._read_split(split, missing):
                answers_by_networks[networks].append(answers)
        for networks, answers_in_splits in answers_by_networks.items():
            self.answers_of[networks] = Answers.join(answers_in_splits)

    def _read_split(self, split: str, averages: list[Networks]) -> Iterable[tuple[Networks, Answers]]:
        """Yield the answers of these averages in a split, for which networks' probabilities are held in memory."""
        truth = self.truth[np.array(self.test_splits) == split]
        members = {network for networks in averages if len(networks) > 1 for network in networks}
        probabilities_of: dict[tuple[str, int], np.ndarray] = {}
        for network in in_order(network for networks in averages for network in networks):
            probabilities = self.probabilities(*network, split)
            if (network,) in averages:
                yield (network,), Answers.from_probabilities(probabilities, truth)
            if network in members:
                probabilities_of[network] = probabilities
        for networks in averages:
            if len(networks) > 1:
                mean = mean_probabilities([probabilities_of[network] for network in networks])
                yield networks, Answers.from_probabilities(mean, truth)

    def probabilities(self, model: str, seed: int, split: str) -> np.ndarray:
        """Read a network's probabilities (n, K) of a split's n tests, mean over views; NaN where it has none."""
        return self.align(Predictions.read(self.runs[model][seed][split].predictions, self.condition), split)

    def align(self, predictions: Predictions, split: str, views: Sequence[int] | None = None) -> np.ndarray:
        """Return the probabilities (n, K) of a split's n tests, in their order; mean over all views, or over these."""
        names, probabilities = predictions.probabilities(self.subset, self.condition, views)
        row = {name: index for index, name in enumerate(names)}
        tested = [video.id for video in self.tests[split]]
        indices = [index for index, name in enumerate(tested) if name in row]
        columns = [self.classes.index(label) for label in predictions.classes]
        aligned = np.full((len(tested), len(self.classes)), np.nan)
        aligned[indices] = 0  # a class that the split does not have is never predicted there
        aligned[np.ix_(indices, columns)] = probabilities[[row[tested[index]] for index in indices]]
        return aligned

    def evaluate(self, model: str, seed: int) -> SubsetResult:
        """Evaluate a network in the T tests; UserError where its splits have other classes."""
        results = []
        for split, tested in self.tests.items():
            predictions = Predictions.read(self.runs[model][seed][split].predictions, self.condition)
            labels = {video.id: video.label for video in tested}
            results.append(evaluate_subset(predictions, self.subset, list(labels), labels, self.condition))
        return join(results)


def _names(tests: Tests) -> set[str]:
    return {video.id for tested in tests.values() for video in tested}
