"""How long a job of a run takes by the plan's table, where `snakemake plan` was asked before."""

import json
from pathlib import Path
from typing import Any

from vidbench.files import digest
from vidbench.planning import jobs
from vidbench.planning.small_steps import FIGURE, STEPS
from vidbench.planning.text import REST
from vidbench.planning.text import STEPS as PLAN_STEPS
from vidbench.workflow.progress import Kind, PlannedTime, PlannedTimes
from vidbench.workflow.run import DataSet, Run
from vidbench.workflow.speeds import speed_options


def read_planned_times(run: Run, path: Path) -> PlannedTimes:
    """Return the times of a plan.json that was made for a run like this one; else those of small steps alone."""
    try:
        plan = json.loads(path.read_text(encoding="utf-8"))
        return _Table(plan if plan["digest"] == digest_run(run) else {}).time
    except (OSError, ValueError, KeyError, TypeError):
        return _Table({}).time


def digest_run(run: Run) -> str:
    """Return a digest of all of a run's configuration that the times of its jobs depend on."""
    settings = [run.device, run.seeds, run.shuffles, run.explained]
    settings += [] if run.budget.seconds is None else [run.budget.seconds]
    return digest([jobs.count_jobs(run), settings, [_settings_of_data(run, data) for data in run.datasets]])


def _settings_of_data(run: Run, data: DataSet) -> list[object]:
    entry = {key: value for key, value in data.entry.items() if key not in ("download", "keep")}
    return [data.name, entry, data.num_videos, {model: _settings_of_model(data, model) for model in run.trained}]


def _settings_of_model(data: DataSet, model: str) -> list[object]:
    options = data.options(model)
    epochs = [options["training"][key] for key in ("epochs", "nodes")]
    return [speed_options(options), epochs, data.runtime_options(model)["workers"]]


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
