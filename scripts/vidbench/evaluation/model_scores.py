"""One model's scored tests, seed by seed: what tables of pooled scores are made from."""

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
    """Of one model, for the probabilities of many may not fit in memory; T tests of N videos, as in `tests`."""

    tests: TestResults
    model: str
    seeds: list[SubsetResult]  # each of T tests
    scaled: list[np.ndarray]  # (T, K) of each seed: log-probabilities at its temperatures; NaN where there are none

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
        """All of the model that count."""
        return [run for by_split in self.tests.runs[self.model].values() for run in by_split.values()]

    @property
    def num_unreadable(self) -> int:
        """Test videos that could not be decoded, those that are left out included."""
        return self.tests.left_out + len(self.seeds[0].undecodable)

    def mean(self, values: Callable[[SubsetResult], np.ndarray]) -> np.ndarray:
        """(N,) mean over seeds and splits of what `values` gives for the tests of a seed, (T,)."""
        return np.mean([self.tests.pool(values(result)) for result in self.seeds], axis=0)


def read_temperatures(tests: TestResults, model: str, seed: int) -> np.ndarray:
    """(T,) temperature that was fitted in the split of each test; NaN where none could be."""
    fitted = {split: run.json("metrics.json")["temperature"] for split, run in tests.runs[model][seed].items()}
    return np.array([fitted[split] for split in tests.test_splits], float)


def read_ladder(tests: TestResults, model: str) -> dict[tuple[int, int], np.ndarray]:
    """(clips, crops) -> (N,) right or wrong with so many views of each video, mean over seeds and splits."""
    by_seed = [_read_ladder_of_seed(tests, model, seed) for seed in tests.runs[model]]
    return {rung: np.mean([tests.pool(correct[rung]) for correct in by_seed], axis=0) for rung in by_seed[0]}


def _read_ladder_of_seed(tests: TestResults, model: str, seed: int) -> dict[tuple[int, int], np.ndarray]:
    """(clips, crops) -> (T,) right or wrong."""
    parts: dict[tuple[int, int], list[np.ndarray]] = {}
    for split in tests.tests:
        predictions = Predictions.read(tests.runs[model][seed][split].predictions, tests.condition)
        for rung in view_ladder.rungs(predictions.view):
            predicted = most_probable(tests.aligned(predictions, split, rung.views))
            parts.setdefault((rung.clips, rung.crops), []).append(predicted)
    return {rung: np.concatenate(predicted) == tests.truth for rung, predicted in parts.items()}
