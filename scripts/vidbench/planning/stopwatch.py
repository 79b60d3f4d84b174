"""Wall-clock time and processor time together."""

import resource
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Spent:
    """Wall-clock seconds, and seconds of all processors; child processes count when they have ended."""

    seconds: float
    cpu_seconds: float

    def __sub__(self, other: "Spent") -> "Spent":
        return Spent(self.seconds - other.seconds, self.cpu_seconds - other.cpu_seconds)

    def __truediv__(self, number: float) -> "Spent":
        return Spent(self.seconds / number, self.cpu_seconds / number)

    def as_dict(self) -> dict[str, float]:
        """Return it as it is in JSON."""
        return asdict(self)


def now() -> Spent:
    """Return the time since an arbitrary moment: only differences mean something."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return Spent(time.perf_counter(), sum(usage.ru_utime + usage.ru_stime for usage in usages))


def time_start(script: str) -> Spent:
    """Measure the start of a step's script, Python and all imports: the second one, with its files in memory."""
    command = [sys.executable, str(SCRIPTS / script), "--help"]
    for _ in range(2):
        begin = now()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return now() - begin
