"""Each verdict, with divergence, and its words."""

import numpy as np
import pytest

from vidbench.evaluation.verdicts import SIGNS, Verdict, decide

SURE, UNSURE = 0.001, 0.5


def verdicts(accuracies: list[float], p: float, diverged: list[bool], enough: bool = True) -> list[str]:
    """Of models of which every two differ with this p value."""
    models = len(accuracies)
    p_values = np.where(np.eye(models, dtype=bool), np.nan, p)
    return [verdict.value for verdict in decide(np.array(accuracies), p_values, np.array(diverged), enough)]


@pytest.mark.parametrize(
    ("accuracies", "p", "diverged", "expected"),
    [
        ([0.9, 0.8, 0.7], SURE, [False] * 3, ["best", "behind", "behind"]),
        ([0.9, 0.8, 0.7], UNSURE, [False] * 3, ["tied"] * 3),
        ([0.9, 0.8, 0.7], SURE, [True, False, False], ["diverged", "best", "behind"]),
        ([0.9, 0.8], UNSURE, [True, False], ["diverged", "best"]),  # a diverged model takes no place
        ([0.9, 0.8], UNSURE, [False, True], ["best", "diverged"]),
        ([0.9, 0.8], SURE, [True, True], ["diverged", "diverged"]),
        ([0.9], SURE, [False], ["best"]),
    ],
)
def test_verdicts(accuracies: list, p: float, diverged: list, expected: list) -> None:
    assert verdicts(accuracies, p, diverged) == expected


def test_with_too_few_groups_only_divergence_is_known() -> None:
    assert verdicts([0.9, 0.1, 0.5], SURE, [False, False, True], enough=False) == ["unknown", "unknown", "diverged"]


def test_a_tie_is_told_where_something_is_known() -> None:
    assert {verdict.value: verdict.tied_with_best for verdict in Verdict} == {
        "best": True, "tied": True, "behind": False, "unknown": None, "diverged": None,
    }  # fmt: skip


def test_every_verdict_has_words_and_each_sign_leads_one() -> None:
    assert len({verdict.short for verdict in Verdict}) == len({verdict.words for verdict in Verdict}) == len(Verdict)
    assert {verdict.short[0] for verdict in Verdict if verdict.sign} == set(SIGNS) == {"◆", "○", "×"}
