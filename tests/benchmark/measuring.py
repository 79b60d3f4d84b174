"""Timing several ways to the same end in one run, and the results in one form."""

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

most_rounds: int | None = None  # for a look whether all works


@dataclass(frozen=True)
class Result:
    """One line of summary.json; `ratio` above 1 means that VidBench is better than `baseline`."""

    name: str
    value: float
    unit: str
    better: str  # higher or lower
    baseline: str
    ratio: float

    def as_dict(self) -> dict[str, str | float]:
        """For JSON."""
        return asdict(self)


def alternate(ways: dict[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Rates of each way, one a round; a way returns what it got done per second. The ways take turns."""
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(min(rounds, most_rounds or rounds)):
        for name, way in ways.items():
            rates[name].append(way())
    return rates


def rate(work: Callable[[], object], amount: int) -> float:
    """`amount` per second of `work`."""
    start = time.perf_counter()
    work()
    return amount / (time.perf_counter() - start)


def compare(name: str, rates: dict[str, list[float]], ours: str, unit: str) -> list[Result]:
    """A Result for every other way, as a baseline of `ours`.

    The ratio is the median of the rounds' ratios: a machine that gets slower meanwhile slows both.
    """
    results = []
    for baseline, found in rates.items():
        if baseline != ours:
            ratio = statistics.median(a / b for a, b in zip(rates[ours], found, strict=True))
            results.append(Result(name, statistics.median(rates[ours]), unit, "higher", baseline, ratio))
    return results
