"""A model beside a simpler explanation of its accuracy: is it better, by how much, and could the test tell?"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from vidbench.evaluation.groups import Groups
from vidbench.evaluation.power import detectable_difference
from vidbench.evaluation.significance import accuracy_interval, paired_differences

MARGIN = 0.05  # in accuracy: a lead that is surely smaller is none, as it is for shortcuts and shares of motion


class Standing(StrEnum):
    """How a model stands against a simpler explanation."""

    NO_MORE = "no more"  # it is surely less than MARGIN better
    NOT_SHOWN = "not shown"  # it is not shown to be better, and was not MARGIN better in this test
    UNCLEAR = "unclear"  # it was more than MARGIN better, which may be chance
    BETTER = "better"


@dataclass(frozen=True)
class Sample:
    """Group and class of each of the N videos that are tested."""

    groups: np.ndarray  # (N,)
    classes: np.ndarray  # (N,)


@dataclass(frozen=True)
class Alternative:
    """The accuracy of a simpler explanation, and the model's minus that, with 95 % intervals, all as fractions."""

    name: str
    top1: float
    low: float
    high: float
    difference: float  # the model's accuracy minus that of the alternative, on the same videos
    difference_low: float
    difference_high: float
    detectable: float | None  # the smallest difference found with a power of 0.8; None where the two never differ

    @classmethod
    def compare(
        cls, name: str, model: np.ndarray, other: np.ndarray, tested: Sample, seeds: np.ndarray | None = None
    ) -> "Alternative | None":
        """Compare a model's results (N,) with those of an alternative (N,), both 0 to 1, on the same videos.

        `seeds`: the model's accuracies (S,) in its trainings, where the alternative has no part in how these differ.
        None where there are too few groups for a test.
        """
        groups = Groups.of(tested.groups, tested.classes)
        drawn = np.empty(0) if seeds is None else seeds
        test = paired_differences(groups.sums(model - other), groups, drawn, np.empty(0)).as_floats()
        if np.isnan(test.p_value):
            return None
        accuracy = accuracy_interval(other, tested.groups, tested.classes)
        seen = detectable_difference(test.standard_error, test.freedom, 1)
        bounds = (test.difference, test.low, test.high, None if np.isnan(seen) else seen)
        return cls(name, accuracy.value, accuracy.low, accuracy.high, *bounds)

    @property
    def standing(self) -> Standing:
        """How the model stands against it."""
        if self.difference_high <= MARGIN:
            return Standing.NO_MORE
        if self.difference_low > 0:
            return Standing.BETTER
        return Standing.NOT_SHOWN if self.difference <= MARGIN else Standing.UNCLEAR
