"""What more videos do: nothing where those of a group are alike, as much as new groups where they are not."""

import numpy as np
import pytest

from vidbench.evaluation.groups import Groups
from vidbench.evaluation.more_videos import narrowing

GROUPS = np.repeat(np.arange(50), 4)


def test_videos_of_a_group_that_are_all_right_or_all_wrong_are_worth_one() -> None:
    found = narrowing((GROUPS % 5 > 0).astype(float), Groups.of(GROUPS))
    assert found is not None
    assert found.videos_per_group == 4
    assert found.same_groups == pytest.approx(0, abs=0.01)
    assert found.new_groups == pytest.approx(1 - np.sqrt(0.5))


def test_videos_that_have_nothing_in_common_count_each() -> None:
    found = narrowing(np.tile([1.0, 1, 1, 0], 50), Groups.of(GROUPS))
    assert found is not None
    assert found.same_groups == pytest.approx(found.new_groups)


def test_the_formula_is_that_of_the_variance() -> None:
    """With rho between 0 and 1, against variances of means of such videos, written out."""
    correct = (np.random.default_rng(0).random(200) < np.repeat(np.where(np.arange(50) % 2, 0.9, 0.3), 4)).astype(float)
    found = narrowing(correct, Groups.of(GROUPS))
    p, sums = correct.mean(), correct.reshape(50, 4).sum(axis=1)
    variance = ((sums - 4 * p) ** 2).sum() / (1 - 4 / 200) / 200**2
    rho = (variance * 200 / (p * (1 - p)) - 1) / 3
    twice = p * (1 - p) / 400 * (1 + 7 * rho)
    assert found is not None
    assert 0.1 < rho < 0.9
    assert found.same_groups == pytest.approx(1 - np.sqrt(twice / variance))


@pytest.mark.parametrize(("correct", "groups"), [(np.ones(200), GROUPS), (np.arange(200) % 2, np.arange(200)),
                                                 (np.arange(200) % 2, GROUPS // 10)])  # fmt: skip
def test_nothing_is_said_without_errors_without_groups_or_of_few(correct: np.ndarray, groups: np.ndarray) -> None:
    assert narrowing(correct.astype(float), Groups.of(groups)) is None
