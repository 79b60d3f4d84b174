"""A model beside a simpler explanation of its accuracy: is it better, by how much, and could the test tell?"""

from dataclasses import dataclass

import numpy as np

from vidbench.evaluation.explanations import Alternative
from vidbench.evaluation.groups import Groups
from vidbench.evaluation.power import detectable_difference
from vidbench.evaluation.significance import accuracy_interval, paired_differences, t_quantile, wilson


@dataclass(frozen=True)
class Sample:
    """Group and class of each of the N videos that are tested."""

    groups: np.ndarray  # (N,)
    classes: np.ndarray  # (N,)


def compare(
    name: str, model: np.ndarray, other: np.ndarray, sample: Sample, seeds: np.ndarray | None = None
) -> Alternative | None:
    """Compare a model's results (N,) with those of an alternative (N,), both 0 to 1, on the same videos.

    `seeds`: the model's accuracies (S,) in its trainings, where the alternative has no part in how these differ. None
    where there are too few groups for a test.
    """
    groups = Groups.of(sample.groups, sample.classes)
    drawn = np.empty(0) if seeds is None else seeds
    test = paired_differences(groups.sums(model - other), groups, drawn, np.empty(0)).as_floats()
    if np.isnan(test.p_value):
        return None
    accuracy = accuracy_interval(other, sample.groups, sample.classes)
    low, high, seen = test.low, test.high, detectable_difference(test.standard_error, test.freedom, 1)
    if test.standard_error == 0:
        half = most_unseen(groups)
        low, high = test.difference - half, test.difference + half
    bounds = (test.difference, low, high, None if np.isnan(seen) else seen)
    return Alternative(name, accuracy.value, accuracy.low, accuracy.high, *bounds)


def most_unseen(groups: Groups) -> float:
    """Return the share of new videos that may be unlike all in these groups: the upper end of Wilson's interval of 0.

    Where two differ by the same in all groups, their variance says nothing. Each group counts as one video.
    """
    return float(wilson(0.0, groups.effective, t_quantile(groups.effective - 1))[1])
