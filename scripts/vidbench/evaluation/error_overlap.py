"""The overlap of two models' errors, compared with that of independent errors."""

from itertools import combinations_with_replacement

import numpy as np

from vidbench.evaluation.test_results import TestResults

OVERLAP = (
    "model_a", "model_b", "both_wrong", "only_a", "only_b", "both_right", "same_class",
    "expected_both_wrong", "jaccard", "expected_jaccard", "kappa", "num_videos", "num_unreadable",
)  # fmt: skip


def overlap_rows(results: TestResults) -> list[dict[str, object]]:
    """Return rows of OVERLAP: one per pair of models, and one per model with several seeds, paired with itself.

    A share is the mean over all pairs of a seed of one and a seed of the other (of the same model: two different
    seeds). Videos without frames are left out: that both models fail there says nothing about them.
    """
    answered = results.answered
    weight = results.weight * answered
    videos = len(set(np.array(results.test_videos)[answered]))
    counts = {"num_videos": videos, "num_unreadable": len(results.videos) - videos}
    rows = []
    for a, b in combinations_with_replacement(results.models, 2):
        answers = results.predicted(a), results.predicted(b)
        if answered.any() and (a != b or len(answers[0]) > 1):
            shares = _shares(*answers, results.truth, weight / weight.sum(), a == b)
            rows.append({"model_a": a, "model_b": b, **agreement(*shares), **counts})
    return rows


def _shares(
    a: np.ndarray, b: np.ndarray, truth: np.ndarray, weight: np.ndarray, same_model: bool
) -> tuple[float, float, float, float]:
    """Return weighted shares of tests: wrong in both, in a, in b, and in both with the same class; a, b: (S, T)."""
    pairs = [(i, j) for i in range(len(a)) for j in range(len(b)) if not (same_model and i == j)]
    total = np.zeros(4)
    for i, j in pairs:
        wrong_a = a[i] != truth
        wrong_b = b[j] != truth
        wrong_both = wrong_a & wrong_b
        total += [weight[tests].sum() for tests in (wrong_both, wrong_a, wrong_b, wrong_both & (a[i] == b[j]))]
    return tuple((total / len(pairs)).round(12).tolist())  # all of them wrong: 1, not 0.9999999999999999


def agreement(wrong_both: float, wrong_a: float, wrong_b: float, same_class: float) -> dict[str, object]:
    """Return measures of overlap from shares of videos: wrong in both, in a, in b, in both with the same class.

    "" for what is undefined, as kappa is where one of the two models is never, or always, wrong.
    """
    expected = wrong_a * wrong_b
    either, expected_either = wrong_a + wrong_b - wrong_both, wrong_a + wrong_b - expected
    chance = expected + (1 - wrong_a) * (1 - wrong_b)
    varies = min(wrong_a, wrong_b) > 0 and max(wrong_a, wrong_b) < 1
    return {
        "both_wrong": wrong_both, "only_a": wrong_a - wrong_both, "only_b": wrong_b - wrong_both,
        "both_right": 1 - either,
        "same_class": same_class / wrong_both if wrong_both else "", "expected_both_wrong": expected,
        "jaccard": wrong_both / either if either else "",
        "expected_jaccard": expected / expected_either if expected_either else "",
        "kappa": (wrong_both + 1 - either - chance) / (1 - chance) if varies else "",
    }  # fmt: skip
