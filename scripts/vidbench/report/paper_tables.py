"""The tables for papers: fewer columns than on the page, intervals beside their numbers."""

from dataclasses import replace

from vidbench.evaluation.verdicts import SIGNS
from vidbench.report.caveats import overlap_sentences
from vidbench.report.comparison_tables import MAX_MODELS, classes, comparison, pairwise
from vidbench.report.dataset_results import DatasetResults, Row
from vidbench.report.table import NONE, Cell, Table
from vidbench.report.weights_columns import add_short_weights

WIDE = ("plot, 0 to 100 %", "seeds", "spread over seeds", "training", "says something about", "p")


def for_paper(results: DatasetResults, scores: list[Row], networks: list[Row]) -> dict[str, Table | None]:
    """Return the tables comparison, pairwise and classes in a form that fits one or two columns.

    `networks`: rows of protocol.networks.
    """
    return {
        "comparison": _with_notes(add_short_weights(narrow(comparison(results)), networks), results),
        "pairwise": narrow(pairwise(results)),
        "classes": classes(results, scores, MAX_MODELS),
    }


def _with_notes(table: Table | None, results: DatasetResults) -> Table | None:
    """Return a table with a note on each test that the weights of some models may have seen."""
    return replace(table, notes=[*table.notes, *overlap_sentences(results)]) if table else None


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
