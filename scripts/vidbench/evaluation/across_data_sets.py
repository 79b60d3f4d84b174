"""Several data sets in one comparison: which of them count, which models all of them have, and their numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np

from vidbench.evaluation import across_tests
from vidbench.evaluation.across_limits import MIN_DATA_SETS
from vidbench.evaluation.across_measures import DataSetMeasures
from vidbench.evaluation.runs import in_order

TOO_FEW_GROUPS = "too few groups for a test"


@dataclass(frozen=True)
class Across:
    """K data sets that count, those that do not, and P pairs of models; M models are complete."""

    used: Sequence[DataSetMeasures]  # K
    others: Sequence[DataSetMeasures]
    left_out: dict[str, str]  # data set -> why it does not count

    @classmethod
    def of(cls, measures: Sequence[DataSetMeasures]) -> "Across":
        """Select the data sets that have enough groups, and whose test videos are not those of another one."""
        left_out = reasons_to_leave_out(measures)
        used = [one for one in measures if one.name not in left_out]
        return cls(used, [one for one in measures if one.name in left_out], left_out)

    @cached_property
    def models(self) -> list[str]:
        """All models, in the order of the first data set that has them."""
        return in_order(model for one in [*self.used, *self.others] for model in one.models)

    def missing(self, model: str) -> list[str]:
        """Return the data sets that lack a model, or on which a training of it diverged."""
        return [one.name for one in self.used if model not in one.models or model in one.diverged]

    @cached_property
    def complete(self) -> list[str]:
        """The M models of which every data set has sound trainings: only these have means and ranks."""
        return [model for model in self.models if self.used and not self.missing(model)]

    @property
    def is_comparison(self) -> bool:
        """True where there are two data sets or more, and models that all of them have."""
        return len(self.used) >= 2 and bool(self.complete)

    @property
    def enough_for_new(self) -> bool:
        """True where there are enough data sets to say something of others like them."""
        return len(self.used) >= MIN_DATA_SETS

    @cached_property
    def top1(self) -> np.ndarray:
        """Accuracies (K, M) of the complete models."""
        return np.array([one.top1[one.places(self.complete)] for one in self.used])

    @cached_property
    def draws(self) -> np.ndarray:
        """Accuracies (K, R, M) of the complete models with resampled groups."""
        return np.stack([one.draws[:, one.places(self.complete)] for one in self.used])

    @cached_property
    def pairs(self) -> list[tuple[str, str]]:
        """The P pairs of models."""
        return list(combinations(self.models, 2))

    def of_tests(self, field: str) -> np.ndarray:
        """Return a number (K, P) of each data set's test of each pair; NaN where it lacks one of the two."""
        values = np.full((len(self.used), len(self.pairs)), np.nan)
        gaps = {model: self.missing(model) for model in self.models}
        for k, one in enumerate(self.used):
            for p, (a, b) in enumerate(self.pairs):
                if one.name not in gaps[a] + gaps[b]:
                    swapped = (a, b) not in one.tests
                    value = getattr(one.tests[b, a] if swapped else one.tests[a, b], field)
                    values[k, p] = -value if swapped and field == "difference" else value
        return values

    @cached_property
    def wins(self) -> np.ndarray:
        """1 where the first of a pair is better on a data set, -1 where the second is, 0 for a tie: (K, P)."""
        apart = across_tests.told_apart_on_each(self.of_tests("p_value"))
        return np.where(apart, np.sign(np.nan_to_num(self.of_tests("difference"))), 0).astype(int)


def reasons_to_leave_out(measures: Sequence[DataSetMeasures]) -> dict[str, str]:
    """Return the data sets that do not count, with the reason: too few groups, or the test videos of another one."""
    reasons: dict[str, str] = {}
    for place, one in enumerate(measures):
        counted = [other for other in measures[:place] if other.name not in reasons]
        copies = [other.name for other in counted if shares_videos(one, other)]
        if not one.enough_groups:
            reasons[one.name] = TOO_FEW_GROUPS
        elif copies:
            reasons[one.name] = f"its test videos are those of {copies[0]}"
    return reasons


def shares_videos(one: DataSetMeasures, other: DataSetMeasures) -> bool:
    """Return whether more than half of the test videos of one of two data sets are files of the other's."""
    return len(one.files & other.files) > min(len(one.files), len(other.files)) / 2
