"""Time of the steps without a network: a table, scaled by the time that a figure's script takes to start here."""

from typing import NamedTuple

from vidbench.planning.stopwatch import Spent

START = 0.8  # processor seconds that a figure's script took to start where the table was measured


class Cost(NamedTuple):
    """Processor seconds of a job: at least, per thousand videos, and per thousand test rows of all models."""

    least: float
    videos: float = 0
    rows: float = 0


# Measured with the embedded data set, 120 test rows, and with each of its videos 100 times; 2 cores of an AMD EPYC.
# `least` of figures and of what scores and compares was measured again when they imported less.
FIGURE = Cost(1.2)
STEPS = {
    "index_videos": Cost(0.1, videos=0.05),
    "inspect_videos": Cost(0.2, videos=0.05),
    "make_splits": Cost(0.2, videos=0.03),
    "diagnose_data": Cost(0.2, videos=0.02),
    "fit_baseline": Cost(0.8, videos=4),
    "score_predictions": Cost(0.5, videos=0.01),
    "select_explained_videos": Cost(0.3, rows=0.03),
    "compare_models": Cost(0.4, rows=0.01),
    "compare_scores": Cost(0.5, rows=0.2),
    "compare_errors": Cost(0.4, rows=0.05),
    "compare_labels": Cost(0.4, rows=0.2),  # resamples of five labels
    "explain_scores": Cost(0.5, rows=0.1),
    "find_label_issues": Cost(0.5, rows=0.1),
    "compare_data_sets": Cost(0.5, rows=0.02),
    "measure_motion_use": Cost(0.6, rows=0.15),
    "make_tables": Cost(0.2, rows=0.01),
    "build_report": Cost(0.5, rows=0.01),
    "fetch_weights": Cost(0.3),
    "rank_trials": Cost(0.3),
    "select_trial": Cost(0.3),
    "promote_trial": Cost(0.3),
}


def estimate_small_step(rule: str, jobs: int, videos: float, rows: float, start: Spent) -> Spent:
    """Estimate all jobs of a rule; `start`: time that a figure's script takes to start on this machine."""
    cost = STEPS.get(rule, FIGURE)  # all other rules draw figures
    seconds = jobs * (cost.least + cost.videos * videos / 1000 + cost.rows * rows / 1000)
    cpu = seconds * start.cpu_seconds / START
    return Spent(cpu * start.seconds / start.cpu_seconds, cpu)
