"""One model's results in all tests, seed by seed: the input of the tables of pooled scores."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from vidbench.evaluation import view_ladder
from vidbench.evaluation.answers import most_probable
from vidbench.evaluation.calibration import scale
from vidbench.evaluation.metrics import SubsetResult
from vidbench.evaluation.predictions import Predictions
from vidbench.evaluation.runs import Run
from vidbench.evaluation.test_results import TestResults


@dataclass(frozen=True)
class ModelScores:
    """Results of one model, because the probabilities of many may not fit in memory; T tests of N videos."""

    tests: TestResults
    model: str
    seeds: list[SubsetResult]  # one per seed, of T tests
    scaled: list[np.ndarray]  # one per seed: log-probabilities (T, K) at its temperatures; NaN where there are none

    @classmethod
    def read(cls, tests: TestResults, model: str) -> "ModelScores":
        """Read the predictions and temperatures of a model's runs."""
        seeds = [tests.evaluate(model, seed) for seed in tests.runs[model]]
        scaled = [
            scale(result.log_probabilities, read_temperatures(tests, model, seed)[:, None])
            for seed, result in zip(tests.runs[model], seeds, strict=True)
        ]
        return cls(tests, model, seeds, scaled)

    @property
    def runs(self) -> list[Run]:
        """The runs of the model's complete seeds."""
        return [run for by_split in self.tests.runs[self.model].values() for run in by_split.values()]

    @property
    def num_unreadable(self) -> int:
        """Number of test videos that could not be decoded, those that are left out included."""
        return self.tests.left_out + len(self.seeds[0].undecodable)

    def mean(self, values: Callable[[SubsetResult], np.ndarray]) -> np.ndarray:
        """Return the mean over seeds and splits, (N,), of what `values` returns for the tests of a seed, (T,)."""
        return np.mean([self.tests.pool(values(result)) for result in self.seeds], axis=0)


def read_temperatures(tests: TestResults, model: str, seed: int) -> np.ndarray:
    """Read the temperature that was fitted in the split of each test, (T,); NaN where none could be."""
    by_split = {split: run.json("metrics.json")["temperature"] for split, run in tests.runs[model][seed].items()}
    return np.array([by_split[split] for split in tests.test_splits], float)


def read_ladder(tests: TestResults, model: str) -> dict[tuple[int, int], np.ndarray]:
    """Read who was right, (N,), with each number of (clips, crops) per video; mean over seeds and splits."""
    by_seed = [_read_ladder_of_seed(tests, model, seed) for seed in tests.runs[model]]
    return {rung: np.mean([tests.pool(correct[rung]) for correct in by_seed], axis=0) for rung in by_seed[0]}


def _read_ladder_of_seed(tests: TestResults, model: str, seed: int) -> dict[tuple[int, int], np.ndarray]:
    """Read the correctness (T,) of one seed with each number of (clips, crops)."""
    predicted_by_rung: dict[tuple[int, int], list[np.ndarray]] = {}
    for split in tests.tests:
        predictions = Predictions.read(tests.runs[model][seed][split].predictions, tests.condition)
        for rung in view_ladder.rungs(predictions.view):
            predicted = most_probable(tests.align(predictions, split, rung.views))
            predicted_by_rung.setdefault((rung.clips, rung.crops), []).append(predicted)
    return {rung: np.concatenate(predicted) == tests.truth for rung, predicted in predicted_by_rung.items()}
