"""How long a job of a run takes by the plan's table, where `snakemake plan` was asked before."""

import json
from pathlib import Path
from typing import Any

from vidbench.planning import jobs
from vidbench.planning.small_steps import FIGURE, STEPS
from vidbench.planning.text import REST
from vidbench.planning.text import STEPS as PLAN_STEPS
from vidbench.workflow.progress import Kind, PlannedTime, PlannedTimes
from vidbench.workflow.run import Run


def read_planned_times(run: Run, path: Path) -> PlannedTimes:
    """Return the times of a plan.json that was made for a run of the same jobs; else those of small steps alone."""
    try:
        plan = json.loads(path.read_text(encoding="utf-8"))
        return _Table(plan if plan["jobs"] == jobs.count_jobs(run) else {}).time
    except (OSError, ValueError, KeyError, TypeError):
        return _Table({}).time


class _Table:
    def __init__(self, plan: dict[str, Any]) -> None:
        """`plan`: the content of plan.json, {} for none."""
        self._steps = {name: _per_job(step, step["jobs"]) for name, step in plan.get("steps", {}).items()}
        models = plan.get("models", [])
        self._models = {(row["dataset"], row["model"]): _per_job(row, row["trainings"]) for row in models}

    def time(self, kind: Kind) -> PlannedTime | None:
        """Return the time of a job; None where it is not known."""
        if kind.rule in STEPS or kind.rule.startswith("plot_"):  # seconds, whatever the data
            return PlannedTime(STEPS.get(kind.rule, FIGURE).least, is_small=True)
        if kind.rule == "train_model":
            seconds = self._models.get((kind.dataset, kind.model))
        else:
            seconds = self._steps.get(PLAN_STEPS.get(kind.rule, REST))
        return None if seconds is None else PlannedTime(seconds)


def _per_job(row: dict[str, Any], number: int) -> float:
    return row["job_seconds"] / max(1, number)
