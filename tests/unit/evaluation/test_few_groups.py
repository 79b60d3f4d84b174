"""A model beside a simpler explanation in few groups: planted answers, and how often chance alone is enough."""

import numpy as np
import pytest

from vidbench.evaluation.explanations import Standing
from vidbench.evaluation.few_groups import compare_in_few_groups, is_above_chance
from vidbench.evaluation.test_results import TestResults
from vidbench.video import Video


def results_of(groups: int, videos: int) -> TestResults:
    """So many groups with so many videos each, of two classes in turn."""
    tested = [Video(f"v{number}", "", str(number % 2), f"g{number // videos}") for number in range(groups * videos)]
    return TestResults({"split1": tested}, ["0", "1"], {})


@pytest.mark.parametrize("groups", [4, 6, 8, 9])
def test_two_that_are_always_right_are_no_chance_and_cannot_be_compared(groups: int) -> None:
    results = results_of(groups, 6)
    right = results.truth[None]
    found = compare_in_few_groups("frame rate", np.repeat(right, 3, axis=0), right, results)
    assert found is not None
    assert (found.top1, found.low, found.difference, found.difference_high) == (1, None, 0, None)
    assert found.standing is Standing.UNTESTED


def test_a_model_that_is_often_wrong_is_behind_and_one_far_better_leads() -> None:
    results = results_of(8, 6)
    often = np.where(np.arange(48) % 6 == 0, 1 - results.truth, results.truth)[None]
    lead = compare_in_few_groups("duration", results.truth[None], often, results)
    lag = compare_in_few_groups("duration", often, results.truth[None], results)
    assert lead is not None
    assert lag is not None
    assert (lead.standing, lag.standing) == (Standing.UNTESTED_LEAD, Standing.UNTESTED)
    assert lead.difference == -lag.difference == pytest.approx(1 / 6)


def test_answers_that_have_nothing_to_do_with_the_classes_are_chance() -> None:
    results = results_of(8, 6)
    constant, by_group = np.zeros((1, 48), int), (np.arange(48) // 6 % 2)[None]
    for other in (constant, by_group):
        assert compare_in_few_groups("codec", results.truth[None], other, results) is None
        assert compare_in_few_groups("codec", other, results.truth[None], results) is None


def test_a_property_of_few_groups_of_one_class_each_may_be_chance() -> None:
    """Four recordings, two of each class: one of six orders of their rates gives the class of all."""
    tested = [Video(f"v{number}", "", str(number // 12), f"g{number // 6}") for number in range(24)]
    results = TestResults({"split1": tested}, ["0", "1"], {})
    assert not is_above_chance(results.truth[None], results)


@pytest.mark.parametrize("alike", [0.0, 0.5, 1.0])
def test_chance_is_seldom_taken_for_more(alike: float) -> None:
    """Of 200 properties that tell nothing, drawn per group in part, 5 % may be said to tell something."""
    results, random = results_of(7, 6), np.random.default_rng(1)
    said = 0
    for _ in range(200):
        of_group = random.integers(0, 2, 7)[results.group_numbers]
        predicted = np.where(random.random(42) < alike, of_group, random.integers(0, 2, 42))[None]
        said += is_above_chance(predicted, results)
    assert said / 200 <= 0.05 + 2 * (0.05 * 0.95 / 200) ** 0.5
