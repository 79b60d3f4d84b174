"""A table as the page, a CSV file and LaTeX need it: each cell as a reader sees it, and as it is sorted."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from vidbench.formatting import duration, known, number

NONE = "–"
Number = str | float | None  # a number, as a CSV file or a typed row has it; empty or None where it is not known


@dataclass(frozen=True)
class Cell:
    """Text, and what it is sorted by: a number, or None for the text itself (numbers: for nothing there)."""

    text: str
    value: float | None = None
    drawn: tuple[float, float, float] | None = None  # low, value and high, fractions of 1, of an interval to draw


@dataclass(frozen=True)
class Column:
    """A heading, its meaning where that is not plain, and how its cells are sorted."""

    title: str
    kind: str = "number"  # number | text | drawn
    help: str = ""


@dataclass(frozen=True)
class Table:
    """Rows of cells under columns; the first column names the row."""

    name: str
    caption: str
    columns: list[Column]
    rows: list[list[Cell]]
    sorted_by: str = ""  # title of the column that the rows descend by, where they do
    notes: list[str] = field(default_factory=list)


def text(value: object) -> Cell:
    """Return a cell of words; a dash for none."""
    return Cell(str(value) if value not in (None, "") else NONE)


def percents(value: Number, digits: int = 1) -> Cell:
    """Return a fraction of 1 in percent, without the sign, which is in the heading."""
    return Cell(NONE) if (fraction := as_float(value)) is None else Cell(f"{100 * fraction:.{digits}f}", fraction)


def numeral(value: Number, digits: int = 3) -> Cell:
    """Return a number with three significant digits."""
    return Cell(NONE) if (amount := as_float(value)) is None else Cell(number(amount, digits), amount)


def span(value: Number) -> Cell:
    """Return seconds as a duration."""
    return Cell(NONE) if (seconds := as_float(value)) is None else Cell(duration(seconds), seconds)


def limits(low: Number, high: Number, scale: float = 100, digits: int = 1) -> Cell:
    """Return an interval, sorted by its lower end."""
    ends = as_float(low), as_float(high)
    if ends[0] is None or ends[1] is None:
        return Cell("unknown")
    return Cell(f"[{fixed(ends[0], scale, digits)}, {fixed(ends[1], scale, digits)}]", ends[0])


def fixed(value: str | float, scale: float = 1, digits: int = 2) -> str:
    """Return a number with `digits` digits after the point, with a proper minus sign, and none before a zero."""
    text = f"{scale * float(value):.{digits}f}"
    return text.replace("-", "−" if text.strip("-0.") else "")


def with_limits(row: object, value: str, low: str, high: str, scale: float = 100, digits: int = 1) -> Cell:
    """Return '92.1 [88.0, 95.4]', sorted by the value; a dash where it is not known."""
    middle, lower, upper = (value_of(row, key) for key in (value, low, high))
    if not known(middle):
        return Cell(NONE)
    words = fixed(middle, scale, digits)
    if known(lower):
        words += f" {limits(lower, upper, scale, digits).text}"
    return Cell(words, float(middle))


def as_float(value: Number) -> float | None:
    """Return a number; None where it is not known."""
    return float(value) if value is not None and known(value) else None


def value_of(row: object, key: str) -> Any:
    """Return what a row, a mapping or an object, has under a name; empty where it has nothing."""
    return row.get(key, "") if isinstance(row, Mapping) else getattr(row, key)


def filled(
    name: str,
    caption: str,
    columns: Iterable[tuple[Column, list[Cell]]],
    sorted_by: str = "",
    notes: Sequence[str] = (),
) -> Table | None:
    """Return a table of these columns, without those that are empty throughout; None where it has no rows."""
    shown = [(column, cells) for column, cells in columns if any(cell.text != NONE or cell.drawn for cell in cells)]
    if len(shown) < 2 or not shown[0][1]:
        return None
    rows = [list(cells) for cells in zip(*(cells for _, cells in shown), strict=True)]
    return Table(name, caption, [column for column, _ in shown], rows, sorted_by, list(notes))


def column(
    rows: Iterable[object], title: str, key: str, cell: Callable[[Any], Cell] = numeral, help: str = ""
) -> tuple[Column, list[Cell]]:
    """Return a column that shows one value of each row, as value_of finds it."""
    return Column(title, "text" if cell is text else "number", help), [cell(value_of(row, key)) for row in rows]
