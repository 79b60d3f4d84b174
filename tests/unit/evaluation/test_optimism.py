"""The luck of choosing the best of several trials: estimates against planted truths."""

import numpy as np
import pytest

from vidbench.evaluation.optimism import Estimate, estimate
from vidbench.evaluation.trial_answers import TrialAnswers

VIDEOS = 60


def answers(right: np.ndarray, group_size: int = 1) -> TrialAnswers:
    """`right`: (E, N)."""
    videos = range(right.shape[1])
    return TrialAnswers(
        tuple(f"v{video}" for video in videos), tuple(f"g{video // group_size}" for video in videos), right.astype(bool)
    )


def searched(accuracies: list[float], draw: int, epochs: int = 1, group_size: int = 1) -> tuple[float, Estimate]:
    """Accuracy of the best of trials with these true accuracies, and the estimate; videos of a group are alike."""
    random = np.random.default_rng(draw)
    trials = []
    for accuracy in accuracies:
        right = random.random((epochs, VIDEOS // group_size)) < accuracy
        trials.append([answers(right.repeat(group_size, axis=1), group_size)])
    observed = max(float(of_trial[0].right.mean(axis=1).max()) for of_trial in trials)
    found = estimate(trials, draws=150)
    assert found is not None
    return observed, found


@pytest.mark.parametrize(("trials", "epochs", "group_size"), [(16, 1, 1), (4, 8, 1), (16, 1, 3), (1, 1, 1)], ids=str)
def test_equal_trials_are_estimated_without_the_luck_of_the_best(trials: int, epochs: int, group_size: int) -> None:
    """All have the truth 0.6; without the correction the best of them looks up to 17 points better."""
    drawn = [searched([0.6] * trials, draw, epochs, group_size) for draw in range(60)]
    found = [estimated.top1 for _, estimated in drawn]
    error = np.std(found) / np.sqrt(len(found))
    assert np.mean(found) == pytest.approx(0.6, abs=3 * error)
    assert 3 * error < 0.05
    covered = [estimated.low <= 0.6 <= estimated.high for _, estimated in drawn]
    assert np.mean(covered) >= 0.93
    luck = np.mean([observed for observed, _ in drawn]) - np.mean(found)
    print(f"{trials} trials of {epochs} epochs, groups of {group_size}: luck {100 * luck:.1f} points,"
          f" estimate {100 * np.mean(found):.1f} %, covered {100 * np.mean(covered):.0f} %")  # fmt: skip
    assert (luck > 0.08) == (trials > 1)


def test_a_trial_that_is_better_by_far_has_no_luck() -> None:
    drawn = [searched([0.9, *[0.5] * 7], draw) for draw in range(40)]
    assert np.mean([observed - estimated.top1 for observed, estimated in drawn]) == pytest.approx(0, abs=0.01)


def test_trials_with_the_same_answers_have_no_luck() -> None:
    right = np.random.default_rng(0).random((1, VIDEOS)) < 0.7
    found = estimate([[answers(right)] for _ in range(20)])
    assert found is not None
    assert found.top1 == pytest.approx(right.mean(), abs=0.01)
    assert (found.num_videos, found.num_groups) == (VIDEOS, VIDEOS)


def test_seeds_are_averaged_before_the_choice() -> None:
    """Two trials that are right with one seed each are as good as each other, and as a trial that is half right."""
    always, never = np.ones((1, VIDEOS)), np.zeros((1, VIDEOS))
    found = estimate([[answers(always), answers(never)], [answers(never), answers(always)]])
    assert found is not None
    assert (found.top1, found.low, found.high) == (0.5, 0.5, 0.5)


def test_nothing_is_said_of_few_groups_or_of_other_videos() -> None:
    right = np.ones((2, 8), bool)
    assert estimate([[answers(right, group_size=2)]]) is None
    assert estimate([[answers(right)], [answers(np.ones((1, 9)))]]) is None
    assert estimate([[answers(right)]]) is not None
