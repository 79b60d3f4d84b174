"""What steps without a network take: measured once, and scaled by how long a figure's script takes to start here."""

from typing import NamedTuple

from vidbench.planning.stopwatch import Spent

START = 1.4  # processor seconds that starting a figure's script took where the table was measured


class Cost(NamedTuple):
    """Processor seconds of a job: at least, more for a thousand videos, and for a thousand test rows of all models."""

    least: float
    videos: float = 0.0
    rows: float = 0.0


FIGURE = Cost(2.0)
STEPS = {
    "index_videos": Cost(0.3, 0.05),
    "inspect_videos": Cost(0.4, 0.1),
    "make_splits": Cost(0.5, 0.3),
}


def small_step(rule: str, jobs: int, videos: float, rows: float, start: Spent) -> Spent:
    """Of all jobs of a rule; `start`: what starting a figure's script takes on this machine."""
    cost = STEPS.get(rule, FIGURE)
    seconds = jobs * (cost.least + cost.videos * videos / 1000 + cost.rows * rows / 1000)
    cpu = seconds * start.cpu_seconds / START
    return Spent(cpu * start.seconds / start.cpu_seconds, cpu)
