"""Verdicts and tables of planted cases: winner, tie, divergence, a seed or split that is missing, too few groups."""

import numpy as np
import pytest
from answered import Split, results_of

from vidbench.evaluation.comparison import COST, diverged_runs, pairwise_rows, sound_models, summary_rows
from vidbench.evaluation.test_results import TestResults
from vidbench.evaluation.verdicts import Verdict
from vidbench.video import Video

GROUPS = 40


def planted(right: dict[str, list[float]], groups: int = GROUPS, size: int = 5) -> TestResults:
    """Models with these shares of right videos, a number a seed; the easy videos are the same for all."""
    random = np.random.default_rng(0)
    group = np.repeat(np.arange(groups), size)
    videos = [Video(f"v{n}", f"v{n}", "x", f"{number:04d}") for n, number in enumerate(group)]
    hard = random.permutation(np.linspace(0, 1, len(group), endpoint=False))
    noise = {model: random.normal(0, 0.05, len(group)) for model in right}
    probabilities = {
        model: {seed: np.eye(2)[(hard + noise[model] >= share).astype(int)] for seed, share in enumerate(shares)}
        for model, shares in right.items()
    }
    return results_of([Split("split1", videos, probabilities)], ["x", "y"])


def rows_of(results: TestResults, diverged: tuple[str, ...] = ()) -> list[dict]:
    return [
        {"model": model, "split": "split1", "seed": seed, "fraction": 1, "parameters": 1, "train_seconds": 1.0,
         "ms_per_clip": 1.0, "status": "diverged" if model in diverged and seed == 0 else "ok",
         "top1": results.accuracies(model)[seed], "train_clips_per_second": 9.0, **dict.fromkeys(COST, 1.0)}
        for model in results.models for seed in results.seeds[model]
    ]  # fmt: skip


def verdicts(right: dict[str, list[float]], diverged: tuple[str, ...] = (), groups: int = GROUPS) -> dict[str, str]:
    results = planted(right, groups)
    summary = summary_rows(rows_of(results, diverged), results, pairwise_rows(results))
    return {row.model: row.verdict for row in summary}


@pytest.mark.parametrize(
    ("right", "diverged", "expected"),
    [
        ({"a": [0.9], "b": [0.6], "c": [0.5]}, (), {"a": "best", "b": "behind", "c": "behind"}),
        ({"a": [0.8], "b": [0.79], "c": [0.4]}, (), {"a": "tied", "b": "tied", "c": "behind"}),
        ({"a": [0.9], "b": [0.6], "c": [0.59]}, ("a",), {"a": "diverged", "b": "tied", "c": "tied"}),
        ({"a": [0.9], "b": [0.6], "c": [0.3]}, ("a",), {"a": "diverged", "b": "best", "c": "behind"}),
        ({"a": [0.9], "b": [0.6], "c": [0.3]}, ("c",), {"a": "best", "b": "behind", "c": "diverged"}),
        ({"a": [0.9], "b": [0.6]}, ("a", "b"), {"a": "diverged", "b": "diverged"}),
        ({"a": [0.9]}, (), {"a": "best"}),
    ],
)
def test_verdicts(right: dict, diverged: tuple, expected: dict) -> None:
    assert verdicts(right, diverged) == expected


def test_too_few_groups_leave_all_unknown_and_no_cell_of_tied() -> None:
    results = planted({"a": [0.9], "b": [0.2]}, groups=8)
    pairs = pairwise_rows(results)
    summary = summary_rows(rows_of(results), results, pairs)
    assert [(row.verdict, row.tied_with_best) for row in summary] == [("unknown", None)] * 2
    (one, other) = summary_rows(rows_of(results, ("a",)), results, pairs)
    assert (one.verdict, other.verdict) == (Verdict.DIVERGED, Verdict.UNKNOWN)
    assert all(np.isnan(getattr(pairs[0], column)) for column in ("p_value", "p_holm", "detectable", "groups_for_1"))


def test_a_seed_less_is_compared_and_named() -> None:
    results = planted({"a": [0.9, 0.91, 0.92], "b": [0.8, 0.81]})
    (pair,) = pairwise_rows(results)
    summary = summary_rows(rows_of(results), results, [pair])
    assert pair.about == "these trained weights"
    assert 0 < pair.p_value < 0.5
    assert [(row.model, row.num_seeds, row.seeds_missing) for row in summary] == [("a", 3, ""), ("b", 2, "2")]


def test_three_seeds_of_both_say_something_about_architectures() -> None:
    rows = pairwise_rows(planted({"a": [0.9, 0.91, 0.92], "b": [0.8, 0.81, 0.82], "c": [0.5]}))
    assert [row.about for row in rows] == ["architectures", "these trained weights", "these trained weights"]


def test_a_spread_over_seeds_of_other_models_counts() -> None:
    """Two seeds of a pair agree by chance more often than those of all models."""
    alone = pairwise_rows(planted({"a": [0.8, 0.801, 0.802], "b": [0.75, 0.751, 0.752]}))[0]
    beside = pairwise_rows(planted({"a": [0.8, 0.801, 0.802], "b": [0.75, 0.751, 0.752], "c": [0.3, 0.5, 0.7]}))[0]
    assert beside.standard_error > 2 * alone.standard_error


def test_a_spread_over_seeds_of_a_diverged_model_does_not() -> None:
    right = {"a": [0.8, 0.801, 0.802], "b": [0.75, 0.751, 0.752]}
    alone = pairwise_rows(planted(right))[0]
    results = planted(right | {"c": [0.0, 0.9, 0.9]})
    sound = sound_models(diverged_runs(rows_of(results, ("c",)), results.models))
    assert sound == {"a", "b"}
    assert pairwise_rows(results, sound)[0].standard_error == pytest.approx(alone.standard_error)
    assert sound_models(diverged_runs(rows_of(results, ("a", "b", "c")), results.models)) == {"a", "b", "c"}
