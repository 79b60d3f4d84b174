"""Time that passed and processor time that was used, together."""

import resource
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Spent:
    """Seconds on the clock, and of all processors; those of child processes count when they have ended."""

    seconds: float
    cpu_seconds: float

    def __sub__(self, other: "Spent") -> "Spent":
        return Spent(self.seconds - other.seconds, self.cpu_seconds - other.cpu_seconds)

    def __truediv__(self, number: float) -> "Spent":
        return Spent(self.seconds / number, self.cpu_seconds / number)

    def as_dict(self) -> dict[str, float]:
        """For JSON."""
        return asdict(self)


def now() -> Spent:
    """Counted from any moment: only differences mean something."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return Spent(time.perf_counter(), sum(part.ru_utime + part.ru_stime for part in used))


def start_of(script: str) -> Spent:
    """What it takes to start a step's script: Python and all imports. The second start, its files being in memory."""
    command = [sys.executable, str(SCRIPTS / script), "--help"]
    for _ in range(2):
        begin = now()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return now() - begin
