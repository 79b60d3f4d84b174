"""A model beside a simpler explanation: planted accuracies, each beside its opposite."""

import numpy as np
import pytest

from vidbench.evaluation.alternatives import Sample, compare
from vidbench.evaluation.explanations import Alternative, Standing

GROUPS = np.repeat(np.arange(60), 5)
SAMPLE = Sample(GROUPS, np.tile(np.arange(5), 60))


def right(share: float, seed: int, groups: int = 60) -> np.ndarray:
    """Which of 5 videos per group are right, at random."""
    return (np.random.default_rng(seed).random(5 * groups) < share).astype(float)


def compared(model: np.ndarray, other: np.ndarray, seeds: np.ndarray | None = None) -> Alternative:
    found = compare("duration", model, other, SAMPLE, seeds)
    assert found is not None
    return found


def test_a_model_that_is_right_where_the_property_is_has_learned_no_more() -> None:
    other = right(0.9, 0, 120)
    groups = np.repeat(np.arange(120), 5)
    found = compare("duration", other, other, Sample(groups, np.tile(np.arange(5), 120)))
    assert found is not None
    assert (found.standing, found.difference, found.detectable) == (Standing.NO_MORE, 0, None)
    assert compared(right(0.6, 1), right(0.9, 0)).standing is Standing.NO_MORE  # worse is no more, too


def test_that_few_groups_are_all_alike_does_not_make_two_equal() -> None:
    """Of 60 groups without a difference, 6.2 % of new ones may have one."""
    found = compared(right(0.9, 0), right(0.9, 0))
    assert found.difference_high == -found.difference_low == pytest.approx(2.001**2 / (60 + 2.001**2), rel=1e-3)
    assert found.standing is Standing.NOT_SHOWN


def test_a_model_that_is_far_better_is_better() -> None:
    found = compared(right(0.9, 1), right(0.4, 2))
    assert found.standing is Standing.BETTER
    assert found.difference_low > 0.3


def test_equal_accuracies_on_other_videos_are_not_shown_to_be_equal() -> None:
    """The test is too small for that: its interval reaches beyond 5 points."""
    model = right(0.7, 1)
    found = compared(model, np.roll(model, 5))
    assert found.difference == 0
    assert found.standing is Standing.NOT_SHOWN
    assert found.detectable is not None
    assert found.detectable > found.difference_high > 0.05


def test_a_lead_that_may_be_chance_is_unclear() -> None:
    groups = np.repeat(np.arange(12), 5)
    other = (groups > 3).astype(float)
    model = np.where(groups < 3, 1, np.where((groups == 4) | (groups == 5), 0, other))  # right about other groups
    found = compare("duration", model, other, Sample(groups, np.tile(np.arange(5), 12)))
    assert found is not None
    assert found.difference == pytest.approx(5 / 60)
    assert found.standing is Standing.UNCLEAR


def test_seeds_that_differ_widen_the_interval() -> None:
    model, other = right(0.7, 1), right(0.68, 2)
    alike, different = (compared(model, other, np.array(seeds)) for seeds in ([0.7, 0.7, 0.7], [0.5, 0.7, 0.9]))
    assert different.difference_high > alike.difference_high + 0.1
    assert compared(model, other) == alike


@pytest.mark.parametrize("groups", [9, 1])
def test_with_too_few_groups_nothing_is_compared(groups: int) -> None:
    videos = right(0.7, 1, groups)
    assert compare("size", videos, videos, Sample(np.repeat(np.arange(groups), 5), videos)) is None
