"""The figures of a comparison, for any number of models."""

from dataclasses import asdict, replace
from itertools import combinations

import pandas as pd
import pytest
from planted import pair_of, summary_of
from plot_comparison import draw, verdict_words
from plot_pairwise import draw as draw_pairs

from vidbench.evaluation.tables import ModelSummary, columns
from vidbench.evaluation.verdicts import Verdict


@pytest.mark.parametrize("models", [1, 2, 6, 20])
def test_figures_of_any_number_of_models(models: int) -> None:
    rows = [summary_of(f"m{number}", 0.9 - number / 40) for number in range(models)]
    rows[0] = summary_of("m0", 0.9, verdict=Verdict.DIVERGED, diverged_runs=1)
    runs = pd.DataFrame(
        [
            {"model": row.model, "seed": seed, "fraction": 1, "top1": row.top1, "num_videos": 8}
            for row in rows
            for seed in (0, 1)
        ]
    )
    assert [text.get_text() for text in draw(runs, rows).axes[0].get_yticklabels()]
    pairs = [pair_of(b.model, a.model, b.top1 - a.top1, detectable=0.05) for a, b in combinations(rows, 2)]
    figure = draw_pairs(rows, pairs)
    if models == 1:
        assert any("one model" in text.get_text() for text in figure.texts)
    else:  # rows, or a number on both sides of the diagonal
        assert len(figure.axes[0].texts) == {20: 380}.get(models, 0)


@pytest.mark.parametrize("models", [3, 7])  # rows, a matrix
def test_a_pair_of_which_no_test_could_be_computed(models: int) -> None:
    rows = [summary_of(f"m{number}", 0.9 - number / 40) for number in range(models)]
    pairs = [pair_of(b.model, a.model, b.top1 - a.top1, detectable=0.05) for a, b in combinations(rows, 2)]
    pairs[0] = replace(pairs[0], low=None, high=None, p_value=None, p_holm=None, detectable=None)
    figure = draw_pairs(rows, pairs)
    words = [text.get_text() for axis in figure.axes for child in axis.child_axes for text in child.get_yticklabels()]
    assert models != 3 or words.count("–") == 1


def test_a_perfect_model_is_drawn_within_100() -> None:
    rows = [replace(summary_of("a", 1.0), top1_low=0.99, top1_high=1.0), summary_of("b", 0.995)]
    runs = pd.DataFrame(
        [{"model": row.model, "seed": 0, "fraction": 1, "top1": row.top1, "num_videos": 8} for row in rows]
    )
    axis = draw(runs, rows).axes[0]
    assert max(axis.get_xticks()) <= 1
    assert axis.get_xlim()[1] <= 1.01


def test_words_beside_a_model() -> None:
    best, unknown = summary_of("a", 0.9, verdict=Verdict.BEST), summary_of("a", 0.9, verdict=Verdict.UNKNOWN)
    assert verdict_words(best, 2) == "best"
    assert verdict_words(best, 1) == "the only model"
    assert verdict_words(unknown, 2) == verdict_words(unknown, 1) == "too few groups"
    assert verdict_words(summary_of("a", 0.9, verdict=Verdict.DIVERGED, diverged_runs=2), 2) == "2 runs diverged"


def test_the_columns_are_those_that_are_read() -> None:
    assert tuple(asdict(summary_of("a", 0.9))) == columns(ModelSummary)
