"""Numbers as text: percentages, durations, sizes."""

import math
from collections.abc import Sequence


def percent(value: str | float | None, digits: int = 1) -> str:
    """Return a fraction as '92.1 %'; a dash for no number."""
    number = _float(value)
    return "–" if math.isnan(number) else f"{100 * number:.{digits}f} %"


def number(value: str | float | None, digits: int = 3) -> str:
    """Return a number with `digits` significant digits and thousands separators; a dash for no number."""
    number = _float(value)
    if math.isnan(number):
        return "–"
    if abs(number) >= 10 ** (digits - 1):
        return f"{number:,.0f}"
    return f"{number:.{digits}g}"


def known(value: str | float | None) -> bool:
    """Return whether a table's cell holds a number."""
    return not math.isnan(_float(value))


def counted(number: int, noun: str) -> str:
    """Return a number with its noun.

    >>> counted(1, "video"), counted(2000, "class")
    ('1 video', '2,000 classes')
    """
    return f"{number:,} {noun}{'' if number == 1 else 'es' if noun.endswith('s') else 's'}"


def duration(seconds: str | float | None) -> str:
    """Return seconds as '42 s', '3 min 5 s' or '2 h 10 min'."""
    total = round(_float(seconds))
    if total < 60:
        return f"{total} s"
    if total < 3600:
        return f"{total // 60} min {total % 60} s"
    return f"{total // 3600} h {total % 3600 // 60} min"


def energy_text(joules: float) -> str:
    """Return joules as '850 J', '12.3 Wh' or '1.2 kWh'."""
    for unit, size in (("kWh", 3.6e6), ("Wh", 3.6e3)):
        if joules >= size:
            return f"{number(joules / size)} {unit}"
    return f"{number(joules)} J"


def bytes_text(count: float) -> str:
    """Return a number of bytes as '812 kB', '11 MB' or '6.93 GB'."""
    for unit, size, digits in (("GB", 1e9, 2), ("MB", 1e6, 0), ("kB", 1e3, 0)):
        if count >= size:
            return f"{count / size:.{digits}f} {unit}"
    return f"{count:.0f} bytes"


def pixels(size: int | Sequence[int]) -> str:
    """Return [height, width] as '48 × 64 pixels', a single number as 'short side of 128 pixels'."""
    return f"short side of {size} pixels" if isinstance(size, int) else f"{' × '.join(map(str, size))} pixels"


def ordinal(count: int) -> str:
    """Return '1st', '2nd', '3rd', '11th' ..."""
    ending = "th" if count % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(count % 10, "th")
    return f"{count}{ending}"


def _float(value: str | float | None) -> float:
    return math.nan if value is None or value == "" else float(value)
