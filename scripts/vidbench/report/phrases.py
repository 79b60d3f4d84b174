"""Parts of sentences: intervals, differences, counts and lists of names."""

from vidbench.evaluation.tables import ModelSummary

NAMES = 3  # of a longer list, only the first ones are named


def interval(row: ModelSummary) -> str:
    """Return '[88.0, 95.4]', in percent, for a row of summary.csv."""
    return limits_of(row.top1_low, row.top1_high)


def limits_of(low: float | None, high: float | None) -> str:
    """Return '[88.0, 95.4]' for two fractions."""
    return "[unknown]" if low is None or high is None else f"[{100 * low:.1f}, {100 * high:.1f}]"


def points(fraction: float) -> str:
    """Return a difference of two accuracies as '5.2 points'."""
    text = f"{100 * fraction:.1f}"
    return f"{text} point{'' if text == '1.0' else 's'}"


def round_points(fraction: float) -> str:
    """A difference that is known roughly only: '28 points', '6.2 points'."""
    return f"{100 * fraction:.0f} points" if fraction >= 0.0995 else points(fraction)


def counted(count: int, noun: str) -> str:
    """Return '1 group' or '3 groups'."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def several(names: list[str], more: str = "") -> str:
    """Return 'a', 'a and b', 'a, b and c', or 'a, b, c and 17 more', with the noun of what is not named."""
    if len(names) <= NAMES:
        return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"{', '.join(names[:NAMES])} and {len(names) - NAMES} more{f' {more}' if more else ''}"
