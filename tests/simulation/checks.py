"""What docs/evaluation.md says of the method: cells of a simulation with their bounds, and their tables."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product

from simulation import cells, structures
from simulation.drawing import World
from simulation.structures import Structure

SEED = 6
STRUCTURES: dict[str, Callable[[], Structure]] = {
    "UCF101": lambda: structures.published("ucf101", 1),
    "UCF101, three splits pooled": lambda: structures.published("ucf101", None),
    "HMDB51": lambda: structures.published("hmdb51", 1),
    "HMDB51, three splits pooled": lambda: structures.published("hmdb51", None),
    "gestures, 27 groups": structures.gestures,
    "60 videos in 12 groups": structures.few,
    "10 classes of two groups": structures.nested,
}
ACCURACIES, LIKENESS = (0.5, 0.7, 0.9, 0.97), (0.3, 0.5, 0.7)
EIGHT = [(accuracy,) * 8 for accuracy in (0.5, 0.7, 0.9)]
SHARED = (0.0, 0.5)


@dataclass(frozen=True)
class Check:
    """A claim: in each of these worlds, the frequency that `count` finds lies in [low, high]."""

    claim: str  # the table that it stands in
    row: str
    structure: str  # a key of STRUCTURES
    count: Callable[[Structure, World, int, int], dict[str, float]]
    worlds: tuple[World, ...]
    low: float = 0.0
    high: float = 1.0


def _coverage() -> Iterator[Check]:
    bounds = {"UCF101": (0.93, 0.97), "HMDB51": (0.93, 0.985), "gestures": (0.87, 1.0)}
    for name in STRUCTURES:
        low, high = next((bound for start, bound in bounds.items() if name.startswith(start)), (0.0, 1.0))
        worlds = tuple(World((p,), rho) for p, rho in product(ACCURACIES, LIKENESS))
        yield Check("coverage", name, name, cells.coverage, worlds, low, high)
    for name in ("UCF101", "HMDB51", "gestures, 27 groups"):
        worlds = tuple(World((p,), 0.0) for p in ACCURACIES)
        yield Check("coverage", f"{name}, nothing alike within a group", name, cells.coverage, worlds)


def _errors() -> Iterator[Check]:
    names = ("UCF101", "HMDB51", "gestures, 27 groups", "60 videos in 12 groups")
    for name in names:
        one = tuple(World(p, rho, shared) for p, rho, shared in product(EIGHT, (0.3, 0.7), SHARED))
        yield Check("error", f"{name}, one seed", name, cells.any_pair_different, one, high=0.065)
    for name, sd in product(names[:3], (0.005, 0.02)):
        alike = {"shared_group": 0.8, "shared_video": 0.8, "own_seed": 0.02}
        worlds = [World(p, 0.5, seeds=3, seed_sd=sd) for p in EIGHT[1:]]
        worlds.append(World(EIGHT[2], 0.5, seeds=3, seed_sd=sd, **alike))
        row = f"{name}, three seeds, spread {100 * sd:g} points"
        yield Check("error", row, name, cells.any_pair_different, tuple(worlds), high=0.065)
    collapsing = (World((0.8, 0.8), 0.5, collapse=0.1),)
    row = "gestures, one of two equal models fails in 10 % of the groups"
    yield Check("error", row, "gestures, 27 groups", cells.any_pair_different, collapsing)


def _power() -> Iterator[Check]:
    def pair(claim: str, name: str, accuracies: Sequence[tuple[float, ...]], low: float = 0.0) -> Check:
        worlds = tuple(World(pair, rho) for pair, rho in product(accuracies, LIKENESS))
        return Check("power", claim, name, cells.first_pair_found, worlds, low)

    five = [(0.9, 0.85), (0.7, 0.65), (0.5, 0.45)]
    yield pair("UCF101, two models: 5 points, at 0.9, 0.7 and 0.5", "UCF101", five, 0.9)
    yield pair("UCF101, two models: 3 points, 0.90 and 0.87", "UCF101", [(0.9, 0.87)], 0.75)
    yield pair("UCF101, two models: 3 points, 0.70 and 0.67", "UCF101", [(0.7, 0.67)])
    yield pair("UCF101, eight models: 5 points, 0.90 and seven of 0.85", "UCF101", [(0.9, *[0.85] * 7)])
    yield pair("HMDB51, two models: 7 points, 0.70 and 0.63", "HMDB51", [(0.7, 0.63)])
    yield pair("gestures, two models: 20 points, 0.90 and 0.70", "gestures, 27 groups", [(0.9, 0.7)])
    yield pair("gestures, eight models: 20 points, 0.90 and seven of 0.70", "gestures, 27 groups", [(0.9, *[0.7] * 7)])


def _best() -> Iterator[Check]:
    for name in ("UCF101", "HMDB51", "gestures, 27 groups"):
        for gap in (0, 0.01, 0.03):
            better = f"one of eight better by {100 * gap:g} {'point' if gap == 0.01 else 'points'}"
            row = f"{name}, {better if gap else 'eight equal models'}"
            models = [(p + gap, *[p] * 7) for p in (0.6, 0.9)]
            worlds = tuple(World(pair, rho) for pair, rho in product(models, LIKENESS))
            yield Check("best", row, name, cells.best_left_out, worlds, high=0.03)


CHECKS = (*_coverage(), *_errors(), *_power(), *_best())


@cache
def structure(name: str) -> Structure:
    """One of STRUCTURES."""
    return STRUCTURES[name]()


def results(check: Check, data_sets: int) -> dict[str, tuple[float, float]]:
    """Smallest and largest frequency over the worlds, of the method and of usual choices."""
    found = [check.count(structure(check.structure), world, data_sets, SEED) for world in check.worlds]
    return {name: (min(one[name] for one in found), max(one[name] for one in found)) for name in found[0]}


def missed(check: Check, found: dict[str, tuple[float, float]], slack: float = 0.0) -> bool:
    """Whether the method lies outside of the bounds, by more than `slack`."""
    low, high = found["method"]
    return low < check.low - slack or high > check.high + slack


TABLES = {
    "coverage": (
        "Coverage of a 95 % interval, in %, lowest and highest over accuracies of 0.5, 0.7, 0.9 and 0.97 and a"
        " likeness of 0.3, 0.5 and 0.7",
        {"method": "this method", "bootstrap": "percentile bootstrap by group", "by video": "Wilson by video"},
    ),
    "error": (
        "At least one pair of equal models is called different, in % of the data sets (eight models, 28 pairs, Holm)",
        {"method": "this method", "McNemar": "McNemar", "seeds ignored": "seeds ignored"},
    ),
    "power": ("A true difference is found, in % of the data sets (one seed, Holm)", {"method": "found"}),
    "best": ("A true best is not among those tied with the best, in % of the data sets", {"method": "left out"}),
}


def table(claim: str, found: dict[Check, dict[str, tuple[float, float]]]) -> str:
    """One of the four tables, in Markdown."""
    title, columns = TABLES[claim]
    lines = [f"{title}.\n", f"| | {' | '.join(columns.values())} | bound |", "| --- |" + " ---: |" * (len(columns) + 1)]
    for check, result in found.items():
        if check.claim == claim:
            values = [_range(result[name]) if name in result else "" for name in columns]
            lines.append(f"| {check.row} | {' | '.join(values)} | {_bound(check, result)} |")
    return "\n".join(lines)


def _range(values: tuple[float, float]) -> str:
    low, high = (f"{100 * value:.1f}" for value in values)
    return low if low == high else f"{low} - {high}"


def _bound(check: Check, result: dict[str, tuple[float, float]]) -> str:
    low = f"{100 * check.low:g}" if check.low > 0 else ""
    high = f"{100 * check.high:g}" if check.high < 1 else ""
    if not low + high:
        return ""
    text = f"{low} - {high}" if low and high else f"at least {low}" if low else f"at most {high}"
    return f"{text}{': missed' if missed(check, result) else ''}"
