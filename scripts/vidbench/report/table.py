"""A table as the page, a CSV file and LaTeX need it: each cell as a reader sees it, and as it is sorted."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from vidbench.formatting import duration, known, number

NONE = "–"


@dataclass(frozen=True)
class Cell:
    """Text, and what it is sorted by: a number, or None for the text itself (numbers: for nothing there)."""

    text: str
    value: float | None = None
    drawn: tuple[float, float, float] | None = None  # low, value and high, fractions of 1, of an interval to draw


@dataclass(frozen=True)
class Column:
    """A heading, what it means where that is not plain, and how its cells are sorted."""

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
    """A cell of words."""
    return Cell(str(value) if value not in (None, "") else NONE)


def percents(value: str | float, digits: int = 1) -> Cell:
    """A fraction of 1 in percent, without the sign: it stands in the heading."""
    return Cell(f"{100 * float(value):.{digits}f}", float(value)) if known(value) else Cell(NONE)


def numeral(value: str | float, digits: int = 3) -> Cell:
    """A number with three significant digits."""
    return Cell(number(value, digits), float(value)) if known(value) else Cell(NONE)


def span(value: str | float) -> Cell:
    """Seconds as a duration."""
    return Cell(duration(value), float(value)) if known(value) else Cell(NONE)


def limits(low: str | float, high: str | float, scale: float = 100, digits: int = 1) -> Cell:
    """An interval, sorted by its lower end."""
    if not known(low):
        return Cell("unknown")
    return Cell(f"[{fixed(low, scale, digits)}, {fixed(high, scale, digits)}]", float(low))


def fixed(value: str | float, scale: float = 1, digits: int = 2) -> str:
    """A number with so many digits behind the point, with a proper minus sign, and none before a zero."""
    said = f"{scale * float(value):.{digits}f}"
    return said.replace("-", "−" if said.strip("-0.") else "")


def with_limits(row: object, value: str, low: str, high: str, scale: float = 100, digits: int = 1) -> Cell:
    """'92.1 [88.0, 95.4]', sorted by the value; a dash where it is not known."""
    middle, *ends = (value_of(row, key) for key in (value, low, high))
    if not known(middle):
        return Cell(NONE)
    said = fixed(middle, scale, digits)
    if known(ends[0]):
        said += f" {limits(*ends, scale, digits).text}"
    return Cell(said, float(middle))


def value_of(row: object, key: str):
    """What a row has under a name, be it a mapping or an object; empty where it has none."""
    return row.get(key, "") if isinstance(row, Mapping) else getattr(row, key)


def filled(name: str, caption: str, columns: Iterable[tuple[Column, list[Cell]]], **more: object) -> Table | None:
    """A table from its columns, without those that are empty throughout; None where no row is there."""
    kept = [(column, cells) for column, cells in columns if any(cell.text != NONE or cell.drawn for cell in cells)]
    if len(kept) < 2 or not kept[0][1]:
        return None
    rows = [list(cells) for cells in zip(*(cells for _, cells in kept), strict=True)]
    return Table(name, caption, [column for column, _ in kept], rows, **more)


def column(rows: Iterable[object], title: str, key: str, cell: Callable[[str], Cell] = numeral, help: str = ""):
    """A column that shows one value of each row, as value_of finds it."""
    return Column(title, "text" if cell is text else "number", help), [cell(value_of(row, key)) for row in rows]
