"""Which model is shared, and which of its trainings."""

import csv
from pathlib import Path

import pytest
from planted import Model
from shared_models import plant_models

from vidbench.errors import UserError
from vidbench.files import read_csv
from vidbench.report.dataset_results import read_results
from vidbench.sharing.selection import Selection, select
from vidbench.video import read_videos


def selected(results: Path, model: str | None = None, split: str | None = None, seed: int | None = None) -> Selection:
    read = read_results(results, read_videos(results / "videos.csv"))
    return select(results, read, model, split, seed)


def set_validation(results: Path, accuracies: dict[tuple[str, str], float]) -> None:
    """Change validation accuracies in comparison.csv, by split and seed."""
    rows = read_csv(results / "comparison.csv")
    for row in rows:
        row["val_top1"] = str(accuracies.get((row["split"], row["seed"]), row["val_top1"]))
    with (results / "comparison.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def test_the_best_model_by_default_and_the_best_training_on_validation(tmp_path: Path) -> None:
    results = plant_models(tmp_path, [Model("a", 0.8), Model("b", 0.9, splits=("split1", "split2"))])
    set_validation(results, {("split1", "1"): 0.95, ("split2", "0"): 0.99})
    chosen = selected(results)
    assert (chosen.summary.model, chosen.name, chosen.others) == ("b", "split1, seed 1", 5)
    assert chosen.folder == results / "split1/b/seed1"
    assert selected(results, "a").name == "split1, seed 1"
    assert selected(results, split="split2").name == "split2, seed 0"
    assert selected(results, seed=2).name == "split1, seed 2"


def test_equal_trainings_are_taken_in_their_order(tmp_path: Path) -> None:
    assert selected(plant_models(tmp_path)).name == "split1, seed 0"


def test_a_baseline_has_nothing_to_share(tmp_path: Path) -> None:
    results = plant_models(tmp_path, [Model("cnn3d", 0.5), Model("knn", 0.9, baseline="knn", seeds=(0,))])
    assert selected(results).summary.model == "cnn3d"
    with pytest.raises(UserError, match=r"knn is a baseline \(knn\), which has no weights to share; .*: cnn3d"):
        selected(results, "knn")


def test_a_run_of_baselines_has_no_model_to_share(tmp_path: Path) -> None:
    results = plant_models(tmp_path, [Model("knn", 0.9, baseline="knn", seeds=(0,))])
    with pytest.raises(UserError, match="motion: all models are baselines, which have no weights"):
        selected(results)


def test_trainings_that_diverged_are_not_shared(tmp_path: Path) -> None:
    results = plant_models(tmp_path, [Model("a", 0.9, status="diverged"), Model("b", 0.5)])
    set_validation(results, {("split1", "2"): 1.0})
    assert selected(results).summary.model == "b"
    assert selected(results, "a").training["seed"] != "2"  # its last one diverged
    with pytest.raises(UserError, match="a has no sound training of that split and seed; there are split1 seed 0"):
        selected(results, "a", seed=2)


def test_one_line_for_what_is_not_there(tmp_path: Path) -> None:
    results = plant_models(tmp_path)
    with pytest.raises(UserError, match=r"share\.model: there is no 'cnn3' on motion, did you mean 'cnn3d'"):
        selected(results, "cnn3")
    (results / "split1/cnn3d/seed0/weights.safetensors").unlink()
    with pytest.raises(UserError, match=r"is not there any more; `snakemake .*weights\.safetensors` trains it"):
        selected(results)
