"""The tables for papers and spreadsheets name licence and pretraining data of the weights that models start from."""

import csv
from pathlib import Path

import make_tables
import pytest
from planted import Model, Planted, plant

from vidbench.files import read_json, write_json
from vidbench.report.table import Cell, Column, Table
from vidbench.report.weights_columns import add_short_weights, add_weights

MODELS = {
    "kinetics": {"architecture": "r3d_18", "weights": "KINETICS400_V1"},
    "swin": {"architecture": "swin3d_b", "weights": "KINETICS400_IMAGENET22K_V1"},
    "file": {"architecture": "r3d_18", "weights": "mine.pth"},
    "plain": {"architecture": "cnn3d", "weights": None},
}
COLUMNS = ("starts from", "pretraining data", "licence of the weights")


def tables(folder: Path, monkeypatch: pytest.MonkeyPatch, networks: dict[str, dict], *arguments: str) -> Path:
    """The tables of planted results whose models start from some weights."""
    results = plant(folder, Planted("gestures", [Model(name, 0.9 - 0.1 * place) for place, name in enumerate(MODELS)]))
    for path in results.glob("*/*/*/options.json"):
        record = read_json(path)
        write_json(path, record | {"options": record["options"] | networks[path.parts[-3]]})
    target = results / "tables"
    words = ["make_tables.py", "--results", str(results), "--folder", str(target), *arguments]
    monkeypatch.setattr("sys.argv", words)
    make_tables.main()
    return target


def rows(table: Path) -> list[dict[str, str]]:
    with table.open(newline="") as file:
        return list(csv.DictReader(file))


def test_licence_and_data_stand_in_csv_and_latex(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tables(tmp_path, monkeypatch, MODELS)
    said = {row["model"]: [row[name] for name in COLUMNS] for row in rows(target / "comparison.csv")}
    assert said == {
        "kinetics": ["KINETICS400_V1", "Kinetics-400", "bsd-3-clause"],
        "swin": ["KINETICS400_IMAGENET22K_V1", "ImageNet-22k, Kinetics-400", "bsd-3-clause"],
        "file": ["mine.pth", "not stated", "not stated"],
        "plain": ["random", "", ""],
    }
    latex = (target / "comparison.tex").read_text()
    assert r"& pretraining \\" in latex
    for end in ("K-400 (bsd-3-clause)", "IN-22k, K-400 (bsd-3-clause)", "& not stated", "& --"):
        assert rf"{end} \\" in latex
    assert "% Pretraining: data (licence) of the first weights" in latex
    assert "start from weights" not in latex


def test_tables_of_random_weights_stay_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tables(tmp_path, monkeypatch, dict.fromkeys(MODELS, MODELS["plain"]))
    assert not set(COLUMNS) & set(rows(target / "comparison.csv")[0])
    assert "pretraining" not in (target / "comparison.tex").read_text()


def test_what_weights_may_have_seen_is_a_note_in_latex(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tables(tmp_path, monkeypatch, MODELS, "--kind", "ucf101")
    note = "% kinetics and swin start from weights trained on Kinetics-400, which is from YouTube as UCF101 is"
    assert note in (target / "comparison.tex").read_text()


def test_a_model_without_a_row_has_a_dash() -> None:
    network = {"model": "a", "start": "x.pth", "data": "ImageNet-1k", "licence": "mit"}
    table = Table("comparison", "All", [Column("model", "text")], [[Cell("a")], [Cell("b")]])
    longer, short = add_weights(table, [network]), add_short_weights(table, [network])
    assert longer is not None
    assert short is not None
    assert [row[-1].text for row in longer.rows] == ["mit", "–"]
    assert [row[-1].text for row in short.rows] == ["IN-1k (mit)", "–"]
    assert add_weights(None, [network]) is None
    assert add_short_weights(None, [network]) is None
