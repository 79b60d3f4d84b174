"""Counters of energy, and what is added up from them while they wrap around. Imports no torch."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass


class NotMeasured(Exception):
    """An energy that cannot be measured here; its message says why, for a reader."""


@dataclass(frozen=True)
class Counter:
    """Counts joules from some time on; `read` raises NotMeasured."""

    read: Callable[[], float]
    range: float = 0.0  # joules after which it begins at 0 again; 0: it never does


class Total:
    """The joules of several counters since it was made; read more often than any of them wraps around."""

    def __init__(self, counters: Sequence[Counter]) -> None:
        """Read all of them for the first time; NotMeasured where one cannot be read."""
        self.joules = 0.0
        self._counters = counters
        self._last = [counter.read() for counter in counters]

    def update(self) -> None:
        """Add what was used since the last reading; NotMeasured where a counter cannot be read, or was set back."""
        for index, counter in enumerate(self._counters):
            now = counter.read()
            used = now - self._last[index]
            if used < 0:
                used += counter.range
            if used < 0:
                raise NotMeasured("its counter was set back meanwhile")
            self._last[index] = now
            self.joules += used
