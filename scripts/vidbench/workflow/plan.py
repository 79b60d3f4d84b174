"""Functions of rules/plan.smk: the estimate of a run before it starts."""

import json
from dataclasses import dataclass
from typing import Any

from vidbench.workflow.files import Files
from vidbench.workflow.resources import Jobs
from vidbench.workflow.run import Run, used_part
from vidbench.workflow.speeds import measured_models, speed_options


@dataclass(frozen=True)
class PlanRules:
    """Input and params functions; one instance per reading of the Snakefile."""

    run: Run
    files: Files
    jobs: Jobs

    def speeds(self, wildcards: Any) -> list[str]:
        """Files of the measured speeds, one per group of equally fast models."""
        return [f"results/plan/speed/{dataset}/{model}.json" for dataset, model in measured_models(self.run)]

    def speed_options(self, wildcards: Any) -> dict:
        """The options of a model that its speed depends on."""
        return speed_options(self.run.data(wildcards.dataset).options(wildcards.model))

    def num_classes(self, wildcards: Any) -> int:
        """Number of classes of a data set."""
        return self.run.data(wildcards.dataset).num_classes

    def config(self, wildcards: Any) -> str:
        """The configuration in JSON, without entries that the run does not use: an argument holds 128 KiB."""
        return json.dumps(used_part(self.run.configured))

    def machine_arguments(self, wildcards: Any) -> list[str | int]:
        """Arguments with the cores and GPUs that the run's jobs would share."""
        invocation = self.jobs.invocation
        gpus = 1 if invocation.max_gpus is None else invocation.max_gpus
        return ["--cores", invocation.cores, "--gpus", gpus]

    def capacity(self, wildcards: Any) -> list[str | int]:
        """Arguments with the resources that the run's jobs would share."""
        invocation = self.jobs.invocation
        jobs = ["--jobs", invocation.jobs] if invocation.sent_off else []
        return [*self.machine_arguments(wildcards), *jobs]

    def results(self, wildcards: Any) -> str:
        """The folder of results; a function, because Snakemake fills in {braces} in a text."""
        return self.files.paths.results
