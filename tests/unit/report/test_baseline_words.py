"""The page of a run with baselines: they are shown as such, beside the models."""

from pathlib import Path

import pytest
from conftest import PROJECT
from planted import Model, Planted, plant

from vidbench.report.page import DatasetPage, describe

FOLDER = PROJECT / "report"
MODELS = [
    Model("X", 0.9, ms=6.0),
    Model("logistic-m", 0.88, seeds=(0,), baseline="logistic"),
    Model("knn-m", 0.7, seeds=(0,), baseline="knn", verdict="behind"),
    Model("file_properties", 0.3, ms=None, seeds=(0,), baseline="file_properties", verdict="behind"),
]


@pytest.fixture
def page(tmp_path: Path) -> DatasetPage:
    results = plant(tmp_path, Planted("gestures", MODELS))
    figures = sorted((results / "figures").glob("*.svg"))
    return describe(results, figures, FOLDER, None)


def test_a_run_without_a_trained_model_has_a_page(tmp_path: Path) -> None:
    results = plant(tmp_path, Planted("gestures", [Model("clip", 0.9, seeds=(0,), baseline="zero_shot")]))
    page = describe(results, [], FOLDER, None)
    assert page.what_counts[0] == "Accuracy is top-1 on 96 test videos in 48 groups, pooled over 1 split."
    assert "Seeds" not in dict(page.provenance)
    assert not page.on_cpu


def column_of(page: DatasetPage, table: str, title: str) -> list[str]:
    found = page.tables[table]
    assert found is not None
    place = [column.title for column in found.columns].index(title)
    return [row[place].text for row in found.rows]


def test_the_tables_mark_them(page: DatasetPage) -> None:
    assert column_of(page, "comparison", "baseline") == [
        "–", "logistic regression", "nearest neighbours", "file properties"
    ]  # fmt: skip
    assert column_of(page, "cost", "ms/clip") == ["6", "2", "2", "–"]
    assert column_of(page, "runs", "best epoch")[-3:] == ["–"] * 3
    cost = page.tables["cost"]
    assert cost is not None
    assert "need no network" in " ".join(cost.notes)


def test_alternative_texts_name_them(page: DatasetPage) -> None:
    alt = {str(figure["title"]): str(figure["alt"]) for figures in page.figures.values() for figure in figures}
    assert "logistic-m (baseline) 88.0" in alt["Accuracy of each model"]
    assert "file_properties" not in alt["Accuracy against cost"]
    assert "logistic-m" not in alt["Learning curves"]


def test_each_has_a_section_with_what_it_is(page: DatasetPage) -> None:
    facts = {str(model["name"]): dict(model["settings"]) for model in page.models}  # type: ignore
    assert "logistic regression on standardised features" in facts["logistic-m"]["baseline"]
    assert facts["logistic-m"]["chosen on validation"] == "strength 0.01"
    assert facts["logistic-m"]["network"] == "mobilenet_v2"
    assert facts["file_properties"]["network"].startswith("no network")
    assert "baseline" not in facts["X"]


def test_only_what_was_trained_counts_as_a_training(page: DatasetPage) -> None:
    assert page.trainings == 3
    assert dict(page.provenance)["Trainings"].startswith("3,")
    weights = page.tables["weights"]
    assert weights is not None
    assert [row[0].text for row in weights.rows] == ["X", "logistic-m", "knn-m"]
    assert weights.rows[1][-1].text == "nothing: logistic regression"
    assert any("mean over 3 seeds" in line for line in page.what_counts)


def test_a_run_without_them_has_no_such_column(tmp_path: Path) -> None:
    results = plant(tmp_path, Planted("gestures", MODELS[:1]))
    found = describe(results, [], FOLDER, None).tables["comparison"]
    assert found is not None
    assert "baseline" not in [column.title for column in found.columns]
