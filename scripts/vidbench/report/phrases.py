"""Parts of sentences: intervals, differences, counts and lists of names."""

from vidbench.evaluation.tables import ModelSummary

NAMES = 3  # of more models only so many are named


def interval(row: ModelSummary) -> str:
    """'[88.0, 95.4]', in percent, of a row of summary.csv."""
    if row.top1_low is None or row.top1_high is None:
        return "[unknown]"
    return f"[{100 * row.top1_low:.1f}, {100 * row.top1_high:.1f}]"


def points(fraction: float) -> str:
    """A difference of two accuracies: '5.2 points'."""
    text = f"{100 * fraction:.1f}"
    return f"{text} point{'' if text == '1.0' else 's'}"


def round_points(fraction: float) -> str:
    """A difference that is known roughly only: '28 points', '6.2 points'."""
    return f"{100 * fraction:.0f} points" if fraction >= 0.0995 else points(fraction)


def counted(count: int, noun: str) -> str:
    """'1 group', '3 groups'."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def several(names: list[str], more: str = "") -> str:
    """'a', 'a and b', 'a, b and c', or 'a, b, c and 17 more' with the noun for what is not named."""
    if len(names) <= NAMES:
        return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"{', '.join(names[:NAMES])} and {len(names) - NAMES} more{f' {more}' if more else ''}"
