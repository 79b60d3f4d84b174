"""A table as LaTeX: a booktabs tabular, names escaped, narrow enough for a two-column paper."""

import re

from vidbench.report.table import Cell, Column, Table

SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"$<$", ">": r"$>$", "|": r"$|$", "–": "--",
    "−": "$-$", "×": r"$\times$", "◆": r"$\blacklozenge$", "○": r"$\circ$", "…": r"\ldots{}",
}  # fmt: skip
MAX_ROWS = 40  # a longer table does not fit a page: its beginning and its end


def escape(words: str) -> str:
    """Return words so that LaTeX prints them as they are."""
    return "".join(SPECIAL.get(letter, letter) for letter in words)


def tabular(table: Table) -> str:
    """Return the tabular alone, for a table environment; the document needs booktabs and amssymb."""
    shown = [index for index, column in enumerate(table.columns) if column.kind != "drawn"]
    columns = [table.columns[index] for index in shown]
    rows = [[row[index] for index in shown] for row in table.rows]
    half = MAX_ROWS // 2
    parts = [rows] if len(rows) <= MAX_ROWS else [rows[:half], rows[-half:]]
    lines = [f"% {table.caption}. Needs \\usepackage{{booktabs,amssymb}}."]
    lines += [f"% {note}" for note in table.notes]
    if len(parts) > 1:
        lines.append(f"% The first and the last {half} of {len(rows)} rows; {table.name}.csv has all.")
    lines += [
        rf"\begin{{tabular}}{{@{{}}{''.join(_alignment(column) for column in columns)}@{{}}}}",
        r"\toprule",
        _line([escape(column.title) for column in columns]),
        r"\midrule",
        "\n\\midrule\n".join("\n".join(_row(columns, row) for row in part) for part in parts),
        r"\bottomrule",
        r"\end{tabular}",
    ]
    return "\n".join(lines) + "\n"


def _alignment(column: Column) -> str:
    return "l" if column.kind == "text" else "r"


def _line(cells: list[str]) -> str:
    return f"{' & '.join(cells)} \\\\"


def _row(columns: list[Column], row: list[Cell]) -> str:
    return _line([_cell(column, cell) for column, cell in zip(columns, row, strict=True)])


def _cell(column: Column, cell: Cell) -> str:
    """Return a cell; the interval of a number, if it has one, in small digits."""
    if column.kind == "text":  # after the end of a row, LaTeX reads * and [ as arguments of the command
        return f"{'{}' if cell.text.startswith(('[', '*')) else ''}{escape(cell.text)}"
    return re.sub(r"(\[[^\]]*\])$", r"{\\scriptsize \1}", escape(cell.text))
