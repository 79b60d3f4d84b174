"""The answers of every model of a data set of several labels per video, pooled over splits, with paired tests of mAP.

Mean average precision is no mean over videos, so its intervals and tests come from resampled groups: all models see the
same resamples, which makes the differences paired. docs/multi_label.md has the method and its simulation.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import numpy as np

from vidbench.evaluation import bootstrap, power, significance
from vidbench.evaluation.average_precision import precision_of_labels
from vidbench.evaluation.label_results import LabelResult, evaluate_labels
from vidbench.evaluation.label_thresholds import give_labels
from vidbench.evaluation.predictions import Predictions
from vidbench.evaluation.runs import Run
from vidbench.evaluation.significance import Comparison, Interval, SeedVariance
from vidbench.evaluation.tables import PairedDifference
from vidbench.evaluation.test_results import TestResults
from vidbench.video import Video


@dataclass(frozen=True)
class SeedAnswers:
    """One seed of a model in T tests."""

    truth: np.ndarray  # (T, K) mask
    probabilities: np.ndarray  # (T, K)
    scaled: np.ndarray  # (T, K) calibrated, by the temperature of each split
    given: np.ndarray  # (T, K) mask of the labels given, by the thresholds of each split
    known: np.ndarray  # (T,) mask of the tests with probabilities
    undecodable: int


@dataclass(frozen=True)
class LabelTests:
    """The tests of all splits, and how groups of their videos are resampled."""

    tests: TestResults
    classes: list[str]  # K

    @classmethod
    def read(cls, runs: list[Run], videos: list[Video], splits: list[Path], unreadable: str) -> "LabelTests":
        """Find the tests of some runs, as TestResults.read does."""
        tests = TestResults.read(runs, videos, splits, unreadable=unreadable, several_labels=True)
        return cls(tests, tests.classes)

    @property
    def effective_groups(self) -> float:
        """The number of equally large groups that carry the same information."""
        return significance.effective_groups(self.tests.groups)

    @property
    def enough_groups(self) -> bool:
        """True where there are enough groups for intervals and tests."""
        return self.effective_groups >= significance.MIN_GROUPS

    @property
    def approximate(self) -> bool:
        """True where intervals from resampled groups are marked approximate."""
        return len(np.unique(self.tests.groups)) < bootstrap.ENOUGH_GROUPS

    def resamples(self) -> bootstrap.Resamples:
        """Draw the resamples of groups: the same for every model and score."""
        number = len(np.unique(self.tests.groups))
        draws = bootstrap.RESAMPLES if self.enough_groups else 2
        weights = bootstrap.draw_group_weights(np.zeros(number, int), draws)
        return bootstrap.Resamples(weights, self.tests.group_numbers, self.tests.weight)

    def read_model(self, model: str) -> list[SeedAnswers]:
        """Read the answers of each complete seed of a model."""
        return [self._read_seed(runs) for runs in self.tests.runs[model].values()]

    def _read_seed(self, runs: dict[str, Run]) -> SeedAnswers:
        results: list[LabelResult] = []
        answers: list[tuple[np.ndarray, np.ndarray]] = []
        for split, tested in self.tests.tests.items():
            labels = {video.id: video.labels for video in tested}
            result = evaluate_labels(Predictions.read(runs[split].predictions), "test", list(labels), labels)
            results.append(result)
            answers.append(give_labels(result, runs[split].json("metrics.json")))
        return SeedAnswers(
            truth=np.concatenate([result.truth for result in results]),
            probabilities=np.concatenate([result.probabilities for result in results]),
            scaled=np.concatenate([scaled for scaled, _ in answers]),
            given=np.concatenate([given for _, given in answers]),
            known=np.concatenate([result.has_probabilities for result in results]),
            undecodable=len({name for result in results for name in result.undecodable}),
        )


@dataclass(frozen=True)
class ModelPrecision:
    """Mean average precision of a model: of each seed, and in each resample of the groups."""

    model: str
    seeds: np.ndarray  # (S,)
    resampled: np.ndarray  # (R,) mean over seeds
    is_baseline: bool = False

    @classmethod
    def of(
        cls, model: str, answers: Sequence[SeedAnswers], samples: bootstrap.Resamples, is_baseline: bool
    ) -> "ModelPrecision":
        """Compute it from the answers of each seed."""
        weights = samples.row_weights
        seeds = [float(np.nanmean(precision_of_labels(seed.truth, seed.probabilities, weights))) for seed in answers]
        resampled = [bootstrap.mean_precision_of_labels(samples, seed.truth, seed.probabilities) for seed in answers]
        return cls(model, np.array(seeds), np.mean(resampled, axis=0), is_baseline)

    @property
    def value(self) -> float:
        """The mean over seeds."""
        return float(self.seeds.mean())

    @property
    def drawn(self) -> np.ndarray:
        """The seeds from which the variance over seeds is estimated: (0,) where nothing is random."""
        return np.empty(0) if self.is_baseline else self.seeds


def seed_interval(
    answers: Sequence[SeedAnswers],
    groups: np.ndarray,
    score: Callable[[SeedAnswers], float],
    resampled_score: Callable[[SeedAnswers], np.ndarray],
) -> Interval:
    """Return the mean over seeds of a score from 0 to 1, with its interval; the second function gives (R,)."""
    value = float(np.mean([score(seed) for seed in answers]))
    resampled = np.mean([resampled_score(seed) for seed in answers], axis=0)
    return bootstrap.fraction_interval(value, resampled, groups, stratified=False)


def compare_precision(
    a: ModelPrecision, b: ModelPrecision, effective: float, pooled: SeedVariance
) -> Comparison[float]:
    """Test two models by a paired group bootstrap of the difference of their mean average precision.

    Its standard error is the resamples' with the variance over seeds, its quantile Student's with Satterthwaite's
    degrees of freedom, of one less than the effective groups. NaN where there are too few groups.
    """
    from scipy.special import stdtr

    difference = a.value - b.value
    if effective < significance.MIN_GROUPS:
        return Comparison(difference, *[float("nan")] * 6)
    of_groups = float(np.var(a.resampled - b.resampled, ddof=1))
    between, freedom = significance.seed_variance(a.drawn, b.drawn, pooled)
    of_seeds = float(between)
    variance = of_groups + of_seeds
    if variance == 0:
        same = 1.0 if difference == 0 else 0.0
        return Comparison(difference, difference, difference, same, 0.0, 0.0, effective - 1)
    df = variance**2 / (of_groups**2 / (effective - 1) + of_seeds**2 / float(freedom))
    error = variance**0.5
    half = float(significance.t_quantile(df)) * error
    p_value = 2 * float(stdtr(df, -abs(difference) / error))
    return Comparison(difference, difference - half, difference + half, p_value, error, of_seeds, df)


def pair_rows(models: Sequence[ModelPrecision], sound: set[str], groups: np.ndarray) -> list[PairedDifference]:
    """Test every pair of models, with Holm's correction over all pairs; the seeds' variance is of `sound` models."""
    effective = significance.effective_groups(groups)
    pooled = significance.pooled_seed_variance([model.drawn for model in models if model.model in sound])
    pairs = list(combinations(models, 2))
    rows = []
    for a, b in pairs:
        test = compare_precision(a, b, effective, pooled)
        columns = power.power_columns(test, len(np.unique(groups)), len(pairs))
        about = significance.subject(len(a.drawn), len(b.drawn))
        numbers = (test.difference, test.low, test.high, test.p_value)
        rows.append(PairedDifference(a.model, b.model, *numbers, None, about, test.standard_error, **columns))
    adjusted = significance.holm(np.array([row.p_value for row in rows], float))
    return [replace(row, p_holm=p) for row, p in zip(rows, adjusted.tolist(), strict=True)]
