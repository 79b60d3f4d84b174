"""What pretrained weights come with, as columns of the tables for papers; the page has a table of its own."""

from dataclasses import replace

from vidbench.models.pretraining import NOT_STATED
from vidbench.report.dataset_results import Row
from vidbench.report.table import Column, Table, text

COLUMNS = {"start": "starts from", "data": "pretraining data", "licence": "licence of the weights"}
SHORT = {"ImageNet-": "IN-", "Kinetics-": "K-"}
SHORT_NOTE = "Pretraining: data (licence) of the first weights; IN: ImageNet, K: Kinetics"


def add_weights(table: Table | None, networks: list[Row]) -> Table | None:
    """Return a table of models with the first weights of each, their data and their licence as last columns.

    `networks`: rows of protocol.networks. A table of models that all start from random weights stays as it is.
    """
    if table is None or not _are_pretrained(networks):
        return table
    for key, title in COLUMNS.items():
        table = _append(table, title, {row["model"]: row[key] for row in networks})
    return table


def add_short_weights(table: Table | None, networks: list[Row]) -> Table | None:
    """Return a table of models with one more column, which names data and licence in short, for LaTeX."""
    if table is None or not _are_pretrained(networks):
        return table
    table = _append(table, "pretraining", {row["model"]: _shorten(row) for row in networks})
    return replace(table, notes=[*table.notes, SHORT_NOTE])


def _are_pretrained(networks: list[Row]) -> bool:
    return any(row["licence"] for row in networks)


def _append(table: Table, title: str, values: dict[str, str]) -> Table:
    """Return a table with one more column of words, by the name of the model, which is a row's first cell."""
    rows = [[*row, text(values.get(row[0].text, ""))] for row in table.rows]
    return replace(table, columns=[*table.columns, Column(title, "text")], rows=rows)


def _shorten(row: Row) -> str:
    """Return e.g. 'IN-1k (bsd-3-clause)'; '' for random weights."""
    if not row["licence"] or row["data"] == row["licence"] == NOT_STATED:
        return row["licence"]
    data = row["data"]
    for name, short in SHORT.items():
        data = data.replace(name, short)
    return f"{data} ({row['licence']})"
