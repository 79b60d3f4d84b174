"""The table of thresholds, import pytest
from planted scores."""

import json
from pathlib import Path

import pytest
from planted import Model, Planted, plant

from vidbench.report.dataset_results import read_results
from vidbench.report.rejection_table import rejection
from vidbench.video import read_videos


def results_of(folder: Path):
    return read_results(folder, read_videos(folder / "videos.csv"), None)


def change(folder: Path, **values: object) -> None:
    """Change the scores of one run."""
    path = folder / "split1" / "a" / "seed0" / "metrics.json"
    metrics = json.loads(path.read_text())
    path.write_text(json.dumps(metrics | {"rejection": metrics["rejection"] | values}))


def test_a_row_has_the_means_of_a_models_trainings(tmp_path: Path) -> None:
    folder = plant(tmp_path, Planted("own", [Model("a", 0.9), Model("b", 0.6)], rich=True))
    change(folder, max_entropy=0.4, accuracy=None, warning="few")
    table = rejection(results_of(folder), folder)
    assert table is not None
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["a", "0.600", "80.0", "90.0"], ["b", "0.700", "80.0", "60.0"],
    ]  # fmt: skip
    assert "90 % of new videos" in table.notes[0]
    assert "few validation videos" in table.notes[1]


def test_runs_that_were_scored_before_there_were_thresholds_have_no_table(tmp_path: Path) -> None:
    folder = plant(tmp_path, Planted("own", [Model("a", 0.9)]))
    assert rejection(results_of(folder), folder) is None


@pytest.mark.parametrize("bounds", [{"max_entropy": None, "threshold": None}, {"max_entropy": 1.386, "threshold": 0.0}])
def test_a_model_with_too_few_validation_videos_has_no_bound(tmp_path: Path, bounds: dict) -> None:
    folder = plant(tmp_path, Planted("own", [Model("a", 0.9, seeds=(0,)), Model("b", 0.6)], rich=True))
    for split in ("split1", "split2", "split3"):
        path = folder / split / "a" / "seed0" / "metrics.json"
        if path.exists():
            metrics = json.loads(path.read_text())
            path.write_text(json.dumps(metrics | {"rejection": metrics["rejection"] | bounds}))
    table = rejection(results_of(folder), folder)
    assert table is not None
    assert [cell.text for cell in table.rows[0]] == ["a", "none", "–", "–"]
    assert table.rows[1][1].text == "0.700"
    assert table.notes[-1].startswith("A training with too few validation videos has no bound")
