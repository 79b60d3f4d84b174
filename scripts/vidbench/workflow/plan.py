"""Functions of rules/plan.smk: what a run will take."""

import json
from dataclasses import dataclass
from typing import Any

from vidbench.workflow.files import Files
from vidbench.workflow.resources import Jobs
from vidbench.workflow.run import Run, used_part
from vidbench.workflow.speeds import measured_models, speed_options


@dataclass(frozen=True)
class PlanRules:
    """Input and params functions; an instance for each time that the Snakefile is read."""

    run: Run
    files: Files
    jobs: Jobs

    def speeds(self, wildcards: Any) -> list[str]:
        """The measured speed of each network setting of the run."""
        return [f"results/plan/speed/{dataset}/{model}.json" for dataset, model in measured_models(self.run)]

    def speed_options(self, wildcards: Any) -> dict:
        """The part of a model's settings that its speed depends on."""
        return speed_options(self.run.data(wildcards.dataset).options(wildcards.model))

    def num_classes(self, wildcards: Any) -> int:
        """Classes that a model tells apart."""
        return self.run.data(wildcards.dataset).num_classes

    def config(self, wildcards: Any) -> str:
        """The configuration without what the run does not use, in JSON: an argument holds 128 KiB."""
        return json.dumps(used_part(self.run.configured))

    def capacity(self, wildcards: Any) -> list[str | int]:
        """Arguments that say what the run's jobs would share."""
        invocation = self.jobs.invocation
        gpus = 1 if invocation.max_gpus is None else invocation.max_gpus
        jobs = ["--jobs", invocation.jobs] if invocation.sent_off else []
        return ["--cores", invocation.cores, "--gpus", gpus, *jobs]

    def results(self, wildcards: Any) -> str:
        """The folder of results; from a function, for text with {braces} would be filled in."""
        return self.files.paths.results
