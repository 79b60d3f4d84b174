"""What docs/evaluation.md says of several data sets: cells of a simulation with their bounds, and their tables."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from simulation import across
from simulation.across import Design

SEED = 6
NUMBERS = (2, 5, 10)
FALSE = 0.065  # false claims, at most


@dataclass(frozen=True)
class AcrossCheck:
    """A claim: what `count` finds as `method` in each of these designs is at most `high`."""

    claim: str  # the table that it stands in
    row: str
    count: Callable[[Design, int, int], dict[str, float]]
    designs: tuple[Design, ...]
    high: float = 1.0
    runs: int = 1  # of those asked for, one in so many is drawn


def _errors() -> Iterator[AcrossCheck]:
    for number in NUMBERS:
        designs = tuple(Design(number, models) for models in (2, 4, 8))
        yield AcrossCheck("error", f"{number} data sets, one seed", across.false_claims, designs, FALSE)
        designs = tuple(Design(number, 4, seeds=3, seed_sd=sd) for sd in (0.005, 0.02))
        yield AcrossCheck("error", f"{number} data sets, three seeds", across.false_claims, designs, FALSE)


def _errors_on_new() -> Iterator[AcrossCheck]:
    kinds = {
        "models differ by up to 20 points": {},
        "one differs by 10 points from the others": {"one_differs": True},
        "the same, beside one that is 20 points worse": {"better": -0.2},
    }
    for number in (5, 10):
        for name, more in kinds.items():
            models = (4, 6) if "better" in more else (2, 4, 6)
            designs = tuple(Design(number, count, spread=0.2, **more) for count in models)
            row = f"{number} data sets, {name}"
            high = 1.0 if "one_differs" in more else FALSE  # a known limit: no bound is claimed
            yield AcrossCheck("new", row, across.false_claims_on_new, designs, high, runs=2)


def _power() -> Iterator[AcrossCheck]:
    for number in NUMBERS:
        for gap in (0.05, 0.1):
            row = f"{number} data sets, one of four better by {100 * gap:g} points"
            yield AcrossCheck("power", row, across.first_found, (Design(number, 4, better=gap),), runs=2)
        row = f"{number} data sets, better by 10 points, which differ by up to 10 from data set to data set"
        yield AcrossCheck("power", row, across.first_found, (Design(number, 4, better=0.1, spread=0.1),), runs=2)


def _intervals() -> Iterator[AcrossCheck]:
    for number in (5, 10):
        yield AcrossCheck(
            "rank", f"{number} data sets, equal on each", across.ranks_covered, (Design(number),), runs=10
        )
        row = f"{number} data sets, models differ by up to 20 points"
        yield AcrossCheck("rank", row, across.ranks_covered_on_new, (Design(number, spread=0.2),), runs=10)


CHECKS = (*_errors(), *_errors_on_new(), *_power(), *_intervals())
TABLES = {
    "error": (
        "A difference is claimed of models that are equal on every data set, in % of the runs (2, 4 and 8 models; three"
        " seeds: 4)",
        {"method": "anywhere on the page", "ranks": "in the figure of ranks"},
    ),
    "new": (
        "A difference on new data sets is claimed of models that are equal there in the mean but differ on each, in %"
        " of the runs",
        {"method": "by the tables and the answer", "ranks": "in the figure of ranks"},
    ),
    "power": (
        "The best of four models is significantly different from all others, in % of the runs; the last column: from"
        " one other, on one data set",
        {"method": "on the mean", "new": "on new data sets", "ranks": "by ranks", "wins": "win"},
    ),
    "rank": (
        "Coverage of 95 % intervals, in %",
        {"these": "rank, these data sets", "method": "rank, new data sets", "best": "best on a new one"},
    ),
}


def results(check: AcrossCheck, runs: int) -> dict[str, tuple[float, float]]:
    """Smallest and largest frequency over the designs, by column."""
    found = [check.count(design, max(runs // check.runs, 1), SEED) for design in check.designs]
    return {name: (min(one[name] for one in found), max(one[name] for one in found)) for name in found[0]}


def missed(check: AcrossCheck, found: dict[str, tuple[float, float]], slack: float = 0.0) -> bool:
    """Whether a frequency is above the bound by more than `slack`."""
    return check.high < 1 and max(high for _, high in found.values()) > check.high + slack


def table(claim: str, found: dict[AcrossCheck, dict[str, tuple[float, float]]]) -> str:
    """One of the tables, in Markdown."""
    title, columns = TABLES[claim]
    lines = [f"{title}.\n", f"| | {' | '.join(columns.values())} | bound |", "| --- |" + " ---: |" * (len(columns) + 1)]
    for check, result in found.items():
        if check.claim == claim:
            values = [_range(*result[name]) if name in result else "" for name in columns]
            bound = (
                f"at most {100 * check.high:g}{': missed' if missed(check, result) else ''}" if check.high < 1 else ""
            )
            lines.append(f"| {check.row} | {' | '.join(values)} | {bound} |")
    return "\n".join(lines)


def _range(low: float, high: float) -> str:
    texts = [f"{100 * value:.1f}" for value in (low, high)]
    return texts[0] if texts[0] == texts[1] else " - ".join(texts)
