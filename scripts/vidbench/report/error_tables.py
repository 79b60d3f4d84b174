"""The tables of errors: confused classes, the most confident errors, errors in common, ensembles."""

from pathlib import Path
from typing import TypeVar

from vidbench.formatting import known
from vidbench.report.dataset_results import DatasetResults, Row, optional_csv
from vidbench.report.table import Cell, Column, Table, column, filled, fixed, percents, text, with_limits

Item = TypeVar("Item")
MAX_ROWS = 15  # rows of each; the files have all
ALL = "all models"


def error_tables(folder: Path, results: DatasetResults) -> list[Table]:
    """Return the tables that this run has, with their first rows."""
    tables = (
        confused(results, optional_csv(folder / "confused_pairs.csv")),
        confident(results, optional_csv(folder / "errors.csv")),
        in_common(results, optional_csv(folder / "overlap.csv")),
        ensembles(results),
    )
    return [table for table in tables if table]


def _first(rows: list[Item], file: str) -> tuple[list[Item], list[str]]:
    notes = [f"The first {MAX_ROWS} of {len(rows):,} rows; {file} has all."] if len(rows) > MAX_ROWS else []
    return rows[:MAX_ROWS], notes


def confused(results: DatasetResults, pairs: list[Row]) -> Table | None:
    """Return the pairs of confused classes, over all models together where the file has that."""
    pooled = [row for row in pairs if not row.get("model")]
    rows, notes = _first(pooled or pairs, "confused_pairs.csv")
    columns = [
        column(rows, "true class", "truth", text),
        column(rows, "predicted as", "predicted", text),
        (Column("model", "text"), [Cell(row.get("model") or ALL) for row in rows]),
        column(rows, "share of its videos (%)", "share", percents),
        column(rows, "videos of the class", "videos"),
    ]
    return filled("confused", f"Confused classes on {results.name}", columns, notes=notes)


def confident(results: DatasetResults, errors: list[Row]) -> Table | None:
    """Return the errors that a model was most confident of."""
    by_confidence = sorted(errors, key=lambda row: -float(row.get("confidence") or 0))
    rows, notes = _first(by_confidence, "errors.csv")
    columns = [
        column(rows, "video", "video", text),
        column(rows, "true class", "truth", text),
        column(rows, "predicted", "predicted", text),
        column(rows, "model", "model", text),
        column(rows, "confidence (%)", "confidence", percents),
        column(rows, "other models right", "others_right"),
    ]
    return filled("confident", f"The most confident errors on {results.name}", columns, notes=notes)


def in_common(results: DatasetResults, pairs: list[Row]) -> Table | None:
    """Return the share of videos that two models both get wrong, and the share expected by chance."""
    rows, notes = _first([row for row in pairs if row["model_a"] != row["model_b"]], "overlap.csv")
    columns = [
        (Column("models", "text"), [Cell(f"{row['model_a']} and {row['model_b']}") for row in rows]),
        column(rows, "both wrong (%)", "both_wrong", percents),
        column(rows, "by chance (%)", "expected_both_wrong", percents, "if their errors had nothing in common"),
        column(rows, "kappa", "kappa", _kappa, "agreement beyond chance: 1 for the same errors"),
    ]
    return filled("overlap", f"Errors in common on {results.name}", columns, notes=notes)


def _kappa(value: str) -> Cell:
    return Cell(fixed(value), float(value)) if known(value) else Cell("–")


def ensembles(results: DatasetResults) -> Table | None:
    """Return what averaging the probabilities of several networks gains over the best of them."""
    words = {True: "yes", False: "no", None: "–"}
    rows, notes = _first(results.ensembles, "ensembles.csv")
    columns = [
        column(rows, "models", "members", text),
        column(rows, "networks", "num_networks"),
        (Column("top-1 (%)"), [with_limits(row, "top1", "top1_low", "top1_high") for row in rows]),
        column(rows, "best alone", "best_single", text),
        (Column("gain (points)"), [with_limits(row, "gain", "gain_low", "gain_high") for row in rows]),
        (Column("beyond chance", "text"), [Cell(words[row.beyond_chance]) for row in rows]),
    ]
    return filled("ensembles", f"Ensembles on {results.name}", columns, notes=notes)
