"""The tables for papers: fewer columns than on the page, intervals beside their numbers."""

from dataclasses import replace

from vidbench.evaluation.verdicts import SIGNS
from vidbench.report.comparison_tables import MAX_MODELS, classes, comparison, pairwise
from vidbench.report.dataset_results import DatasetResults, Row
from vidbench.report.table import NONE, Cell, Table

WIDE = ("drawn from 0 to 100 %", "seeds", "spread over seeds", "training", "says something about", "p")


def for_paper(results: DatasetResults, scores: list[Row]) -> dict[str, Table | None]:
    """Return the tables comparison, pairwise and classes in a form that fits one or two columns."""
    return {
        "comparison": narrow(comparison(results)),
        "pairwise": narrow(pairwise(results)),
        "classes": classes(results, scores, MAX_MODELS),
    }


def narrow(table: Table | None) -> Table | None:
    """Return a table without its widest columns, intervals beside their numbers, signs instead of verdicts."""
    if table is None:
        return None
    titles = [column.title for column in table.columns]
    interval = titles.index("95 % interval") if "95 % interval" in titles else 0  # gone where no pair has one
    shown = [index for index, title in enumerate(titles) if title not in (*WIDE, "95 % interval")]
    rows = []
    for row in table.rows:
        beside = [_sign(cell) for cell in row]
        if interval:
            number = f"{row[interval - 1].text} {row[interval].text}".removesuffix(f" {NONE}")
            beside[interval - 1] = replace(row[interval - 1], text=number)
        rows.append([beside[index] for index in shown])
    return replace(table, columns=[table.columns[index] for index in shown], rows=rows)


def _sign(cell: Cell) -> Cell:
    """Return a verdict's sign, its first word."""
    return replace(cell, text=cell.text.split()[0]) if cell.text[:1] in SIGNS else cell
