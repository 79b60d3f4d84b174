"""Baselines in the comparison: one fit beside several seeds, costs of another model or none, and their column."""

from dataclasses import MISSING, fields
from pathlib import Path

import numpy as np
import pytest

from vidbench.evaluation import comparison, ensembles
from vidbench.evaluation.predictions import Predictions
from vidbench.evaluation.runs import Run
from vidbench.evaluation.tables import ModelSummary, read_table, write_table
from vidbench.evaluation.test_results import TestResults
from vidbench.files import read_csv, write_csv, write_json
from vidbench.video import Video

VIDEOS = [Video(f"v{number:02d}", "", "ab"[number % 2], f"g{number // 2:02d}") for number in range(48)]
COST = {"ms_per_clip": 3.0, "best_batch": 4, "ms_per_clip_best_batch": 2.0, "gflops": 0.5, "peak_memory_mb": 90.0}
TIME = {"train_seconds": 9.0, "train_clips_per_second": 5.0, "train_peak_memory_mb": 80.0}
KINDS = {"logistic-x": ("logistic", "mean"), "file_properties": ("file_properties", None)}


def write_run(folder: Path, wrong: int, random: np.random.Generator) -> Run:
    """A run that is wrong on so many random videos."""
    truth = np.array(["ab".index(video.label) for video in VIDEOS])
    predicted = truth.copy()
    predicted[random.permutation(len(truth))[:wrong]] ^= 1
    logits = 4.0 * np.eye(2)[predicted][:, None]
    names = [video.id for video in VIDEOS]
    Predictions(names, ["test"] * 48, ["normal"] * 48, ["clip0"], ["a", "b"], logits).write(folder / "predictions.h5")
    record = {"videos": {"train": 9}, "parameters": 77, "best_epoch": 3, "epochs": 5}
    time = TIME
    if folder.parent.name in KINDS:
        kind, cost_of = KINDS[folder.parent.name]
        record = {
            "videos": {"train": 9},
            "best_epoch": None,
            "epochs": None,
            "baseline": {"kind": kind},
            "cost_of": cost_of,
        }
        time = dict.fromkeys(TIME) | {"train_seconds": 0.5}
    write_json(folder / "options.json", record)
    write_json(folder / "training_time.json", time)
    top1 = float((predicted == truth).mean())
    scores = dict.fromkeys(("top5", "mean_class_accuracy", "val_top1"))
    write_json(folder / "metrics.json", {"status": "ok", "top1": top1, "num_videos": 48, **scores})
    return Run(folder)


@pytest.fixture
def runs(tmp_path: Path) -> list[Run]:
    """Three seeds of two models, and one fit of each baseline."""
    random = np.random.default_rng(0)
    folder = tmp_path / "data"
    write_csv(folder / "split1.csv", [{"video": video.id, "subset": "test"} for video in VIDEOS], ("video", "subset"))
    for model in ("mean", "lstm"):
        write_json(
            folder / "costs" / f"{model}.json",
            COST | {"ms_per_clip": {"mean": 3.0, "lstm": 7.0}[model], "parameters": 77},
        )
    made = [write_run(folder / "split1" / model / f"seed{seed}", 8 + seed, random)
            for model in ("mean", "lstm") for seed in range(3)]  # fmt: skip
    return made + [write_run(folder / "split1" / name / "seed0", 6, random) for name in KINDS]


@pytest.fixture
def results(runs: list[Run], tmp_path: Path) -> TestResults:
    return TestResults.read(runs, VIDEOS, [tmp_path / "data" / "split1.csv"])


def summary(runs: list[Run], results: TestResults) -> dict[str, ModelSummary]:
    rows = comparison.summary_rows(
        [comparison.comparison_row(run) for run in runs], results, comparison.pairwise_rows(results)
    )
    return {row.model: row for row in rows}


def test_a_baseline_costs_what_its_model_costs_or_nothing(runs: list[Run], results: TestResults) -> None:
    rows = summary(runs, results)
    assert (rows["logistic-x"].ms_per_clip, rows["logistic-x"].gflops, rows["logistic-x"].parameters) == (3.0, 0.5, 77)
    assert (rows["logistic-x"].train_seconds, rows["logistic-x"].train_clips_per_second) == (0.5, None)
    files = rows["file_properties"]
    assert (files.ms_per_clip, files.gflops, files.peak_memory_mb, files.parameters) == (None, None, None, 0)
    assert files.on_front is False
    assert rows["lstm"].ms_per_clip == 7.0


def test_one_fit_lacks_no_seed(runs: list[Run], results: TestResults) -> None:
    rows = summary(runs, results)
    assert {name: row.baseline for name, row in rows.items() if row.baseline} == {
        "logistic-x": "logistic", "file_properties": "file_properties"
    }  # fmt: skip
    assert [row.seeds_missing for row in rows.values()] == [""] * 4


def test_only_what_is_drawn_has_a_variance_over_seeds(results: TestResults) -> None:
    pairs = {frozenset(pair.models): pair for pair in comparison.pairwise_rows(results)}
    assert {pair.about for pair in pairs.values()} == {"architectures"}
    spread = np.mean([results.accuracies(model).var(ddof=1) for model in ("mean", "lstm")])  # of the models alone
    own = results.accuracies("mean").var(ddof=1)
    groups = results.structure.unstratified()

    def between_groups(a: str, b: str) -> float:
        difference = comparison.group_sums(results, a) - comparison.group_sums(results, b)
        return float(groups.variance(difference))

    one = pairs[frozenset(("mean", "logistic-x"))].standard_error
    assert one is not None
    assert one**2 == pytest.approx(between_groups("mean", "logistic-x") + max(spread, own) / 3)
    none = pairs[frozenset(("file_properties", "logistic-x"))].standard_error
    assert none is not None
    assert none**2 == pytest.approx(between_groups("file_properties", "logistic-x"))


def test_ensembles_are_of_trained_models(results: TestResults) -> None:
    rows = ensembles.ensemble_rows(results, results)
    assert {row.members for row in rows} == {"mean", "lstm", "mean + lstm"}
    listed = ensembles.list_networks(results.seeds, results.baselines)
    assert (("logistic-x", 0),) in listed
    assert not [networks for networks in listed if len({model for model, _ in networks} & {"logistic-x", "mean"}) > 1]


def test_the_column_stands_in_the_table_where_it_says_something(
    runs: list[Run], results: TestResults, tmp_path: Path
) -> None:
    rows = list(summary(runs, results).values())
    path = tmp_path / "summary.csv"
    write_table(path, rows, ModelSummary)
    assert read_table(path, ModelSummary) == rows
    trained = [row for row in rows if not row.baseline]
    write_table(path, trained, ModelSummary)
    assert list(read_csv(path)[0]) == [field.name for field in fields(ModelSummary) if field.default is MISSING]
    assert read_table(path, ModelSummary) == trained
