"""Verdicts and tables of planted cases: winner, tie, divergence, a seed or split that is missing, too few groups."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from compare_models import COST, Results, pairwise_rows, sound_models, summary_rows
from plot_comparison import draw, verdict_words
from plot_pairwise import draw as draw_pairs

from vidbench.datasets.video import Video
from vidbench.errors import UserError
from vidbench.evaluation.groups import Groups
from vidbench.evaluation.pooling import pool
from vidbench.evaluation.predictions import Predictions
from vidbench.evaluation.runs import Run
from vidbench.files import write_csv

GROUPS = 40


def planted(right: dict[str, list[float]], groups: int = GROUPS, size: int = 5) -> Results:
    """Models with these shares of right videos, a number a seed; the easy videos are the same for all."""
    random = np.random.default_rng(0)
    group = np.repeat(np.arange(groups), size)
    hard = random.permutation(np.linspace(0, 1, len(group), endpoint=False))
    noise = {model: random.normal(0, 0.05, len(group)) for model in right}
    matrices = {
        model: np.array([hard + noise[model] < share for share in shares], float) for model, shares in right.items()
    }
    return Results(Groups.of(group), matrices, {model: list(range(len(shares))) for model, shares in right.items()})


def rows_of(results: Results, diverged: tuple[str, ...] = ()) -> list[dict]:
    return [
        {"model": model, "split": "split1", "seed": seed, "fraction": 1, "parameters": 1, "train_seconds": 1.0,
         "ms_per_clip": 1.0, "status": "diverged" if model in diverged and seed == 0 else "ok",
         "top1": results.matrices[model][place].mean(), "train_clips_per_second": 9.0, **dict.fromkeys(COST, 1.0)}
        for model in results.matrices for place, seed in enumerate(results.seeds[model])
    ]  # fmt: skip


def verdicts(right: dict[str, list[float]], diverged: tuple[str, ...] = (), groups: int = GROUPS) -> dict[str, str]:
    results = planted(right, groups)
    found = summary_rows(rows_of(results, diverged), results, pairwise_rows(results))
    return {row["model"]: row["verdict"] for row in found}


@pytest.mark.parametrize(
    ("right", "diverged", "expected"),
    [
        ({"a": [0.9], "b": [0.6], "c": [0.5]}, (), {"a": "best", "b": "behind", "c": "behind"}),
        ({"a": [0.8], "b": [0.79], "c": [0.4]}, (), {"a": "tied", "b": "tied", "c": "behind"}),
        ({"a": [0.9], "b": [0.6], "c": [0.59]}, ("a",), {"a": "unknown", "b": "tied", "c": "tied"}),
        ({"a": [0.9], "b": [0.6], "c": [0.3]}, ("a",), {"a": "unknown", "b": "best", "c": "behind"}),
        ({"a": [0.9], "b": [0.6], "c": [0.3]}, ("c",), {"a": "best", "b": "behind", "c": "behind"}),
        ({"a": [0.9], "b": [0.6]}, ("a", "b"), {"a": "unknown", "b": "unknown"}),
        ({"a": [0.9]}, (), {"a": "best"}),
    ],
)
def test_verdicts(right: dict, diverged: tuple, expected: dict) -> None:
    assert verdicts(right, diverged) == expected


def test_too_few_groups_leave_all_unknown_and_no_cell_of_tied() -> None:
    results = planted({"a": [0.9], "b": [0.2]}, groups=8)
    pairs = pairwise_rows(results)
    summary = summary_rows(rows_of(results), results, pairs)
    assert [(row["verdict"], row["tied_with_best"]) for row in summary] == [("unknown", "")] * 2
    assert all(np.isnan(pairs[0][column]) for column in ("p_value", "p_holm", "detectable", "groups_for_1"))


def test_a_seed_less_is_compared_and_named() -> None:
    results = planted({"a": [0.9, 0.91, 0.92], "b": [0.8, 0.81]})
    (pair,) = pairwise_rows(results)
    summary = summary_rows(rows_of(results), results, [pair])
    assert pair["about"] == "these trained weights"
    assert 0 < pair["p_value"] < 0.5
    assert [(row["model"], row["num_seeds"], row["seeds_missing"]) for row in summary] == [("a", 3, ""), ("b", 2, "2")]


def test_three_seeds_of_both_say_something_about_architectures() -> None:
    rows = pairwise_rows(planted({"a": [0.9, 0.91, 0.92], "b": [0.8, 0.81, 0.82], "c": [0.5]}))
    assert [row["about"] for row in rows] == ["architectures", "these trained weights", "these trained weights"]


def test_a_spread_over_seeds_of_other_models_counts() -> None:
    """Two seeds of a pair agree by luck more often than those of all models."""
    alone = pairwise_rows(planted({"a": [0.8, 0.801, 0.802], "b": [0.75, 0.751, 0.752]}))[0]
    beside = pairwise_rows(planted({"a": [0.8, 0.801, 0.802], "b": [0.75, 0.751, 0.752], "c": [0.3, 0.5, 0.7]}))[0]
    assert beside["standard_error"] > 2 * alone["standard_error"]


def test_a_spread_over_seeds_of_a_diverged_model_does_not() -> None:
    right = {"a": [0.8, 0.801, 0.802], "b": [0.75, 0.751, 0.752]}
    alone = pairwise_rows(planted(right))[0]
    results = planted(right | {"c": [0.0, 0.9, 0.9]})
    sound = sound_models(rows_of(results, ("c",)), list(results.matrices))
    assert sound == {"a", "b"}
    assert pairwise_rows(results, sound)[0]["standard_error"] == pytest.approx(alone["standard_error"])
    assert sound_models(rows_of(results, ("a", "b", "c")), list(results.matrices)) == {"a", "b", "c"}


def write_run(folder: Path, right: list[str], wrong: list[str]) -> Run:
    logits = np.array([[[1.0, 0]]] * len(right) + [[[0.0, 1]]] * len(wrong), np.float32)
    videos = right + wrong
    plain = ["normal"] * len(videos)
    Predictions(videos, ["test"] * len(videos), plain, ["v"], ["x", "y"], logits).write(folder / "predictions.h5")
    return Run(folder)


def test_a_video_of_two_splits_counts_once_with_its_mean(tmp_path: Path) -> None:
    videos = {name: Video(name, name, "x", name) for name in "abc"}
    splits = [tmp_path / f"split{number}.csv" for number in (1, 2)]
    for path, tested in zip(splits, ("ab", "bc"), strict=True):
        write_csv(path, [{"video": name, "subset": "test"} for name in tested], ("video", "subset"))
    runs = [
        write_run(tmp_path / "d/split1/m/seed0", ["a", "b"], []),
        write_run(tmp_path / "d/split2/m/seed0", ["c"], ["b"]),
        write_run(tmp_path / "d/split1/m/seed1", ["a"], ["b"]),
    ]
    pooled, tested = pool(runs, videos, splits)
    assert tested == ["a", "b", "c"]
    assert list(pooled["m"].seeds) == [0]  # seed 1 lacks split 2
    assert pooled["m"].matrix(tested).tolist() == [[1, 0.5, 1]]
    with pytest.raises(UserError, match="n: no seed of it has all splits: seed 0 lacks split2"):
        pool([*runs, write_run(tmp_path / "d/split1/n/seed0", ["a"], ["b"])], videos, splits)


@pytest.mark.parametrize("models", [1, 2, 6, 20])
def test_figures_of_any_number_of_models(models: int) -> None:
    results = planted({f"m{number}": [0.9 - number / 40] * 2 for number in range(models)})
    pairs = pairwise_rows(results)
    rows = rows_of(results, ("m0",))
    summary = pd.DataFrame(summary_rows(rows, results, pairs))
    assert [text.get_text() for text in draw(pd.DataFrame(rows), summary).axes[0].get_yticklabels()]
    figure = draw_pairs(summary, pd.DataFrame(pairs))
    if models == 1:
        assert any("one model" in text.get_text() for text in figure.texts)
    else:  # rows, or a number on both sides of the diagonal
        assert len(figure.axes[0].texts) == {20: 380}.get(models, 0)


def test_words_beside_a_model() -> None:
    row = {"verdict": "best", "top1_low": 0.5, "diverged_runs": 0}
    assert verdict_words(row, 2) == "best"
    assert verdict_words(row, 1) == "the only model"
    assert verdict_words(row | {"verdict": "unknown", "top1_low": np.nan}, 2) == "too few groups"
    assert verdict_words(row | {"verdict": "unknown", "diverged_runs": 2}, 2) == "no verdict; 2 runs diverged"
