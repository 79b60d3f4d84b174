"""Markdown: tables, lists, and names that must not be read as marks."""

import html
import re
from collections.abc import Iterable, Sequence

from vidbench.report.table import Table

# Marks of Markdown, but for what is none within words or a line: an underscore in a name, brackets around an interval.
MARKS = re.compile(r"([\\`*|~$]|(?<!\w)_|_(?!\w)|\](?=[(\[:]))")


def escape(text: str) -> str:
    """Return a text whose letters mean themselves, also in a cell of a table."""
    return MARKS.sub(r"\\\1", html.escape(" ".join(text.split()), quote=False))


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], kinds: Sequence[str] = ()) -> str:
    """Return a table; `kinds` of its columns: text or number; the first is text and the others numbers by default."""
    kinds = kinds or ["text", *["number"] * (len(headings) - 1)]
    marks = ["---" if kind == "text" else "---:" for kind in kinds]
    lines = [[escape(cell) for cell in headings], marks, *([escape(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def from_table(page_table: Table) -> str:
    """Return a table of the page, without drawn columns, and its notes below."""
    shown = [place for place, column in enumerate(page_table.columns) if column.kind != "drawn"]
    columns = [page_table.columns[place] for place in shown]
    rows = [[row[place].text for place in shown] for row in page_table.rows]
    text = table([column.title for column in columns], rows, [column.kind for column in columns])
    return "\n\n".join([text, *map(escape, page_table.notes)])


def bullets(lines: Iterable[str]) -> str:
    """Return a list."""
    return "\n".join(f"- {line}" for line in lines)


def folded(summary: str, text: str) -> str:
    """Return a text that is shown when its summary is clicked."""
    return f"<details>\n<summary>{html.escape(summary)}</summary>\n\n{text}\n\n</details>"
