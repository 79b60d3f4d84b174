"""What steps without a network take: measured once, and scaled by how long a figure's script takes to start here."""

from typing import NamedTuple

from vidbench.planning.stopwatch import Spent

START = 1.4  # processor seconds that starting a figure's script took where the table was measured


class Cost(NamedTuple):
    """Processor seconds of a job: at least, more for a thousand videos, and for a thousand test rows of all models."""

    least: float
    videos: float = 0
    rows: float = 0


# Of a run of the embedded data set with 120 test rows, and of the same with each video 100 times; 2 cores of AMD EPYC.
FIGURE = Cost(1.8)
STEPS = {
    "index_videos": Cost(0.1, videos=0.05),
    "inspect_videos": Cost(0.2, videos=0.05),
    "make_splits": Cost(0.2, videos=0.03),
    "diagnose_data": Cost(0.2, videos=0.02),
    "score_predictions": Cost(1.5, videos=0.01),
    "select_explained_videos": Cost(0.3, rows=0.03),
    "compare_models": Cost(0.9, rows=0.01),
    "compare_scores": Cost(1.4, rows=0.2),
    "compare_errors": Cost(0.8, rows=0.05),
    "measure_motion_use": Cost(0.8, rows=0.15),
    "make_tables": Cost(0.2, rows=0.01),
    "build_report": Cost(0.5, rows=0.01),
    "fetch_weights": Cost(0.3),
    "select_trial": Cost(0.3),
    "promote_trial": Cost(0.3),
}


def small_step(rule: str, jobs: int, videos: float, rows: float, start: Spent) -> Spent:
    """Of all jobs of a rule; `start`: what starting a figure's script takes on this machine."""
    cost = STEPS.get(rule, FIGURE)  # what else there is draws a figure
    seconds = jobs * (cost.least + cost.videos * videos / 1000 + cost.rows * rows / 1000)
    cpu = seconds * start.cpu_seconds / START
    return Spent(cpu * start.seconds / start.cpu_seconds, cpu)
