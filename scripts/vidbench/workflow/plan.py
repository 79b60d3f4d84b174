"""Functions of rules/plan.smk: the estimate of a run before it starts."""

import json
from dataclasses import dataclass
from typing import Any

from vidbench.config.schema import feature_threads
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

    def feature_threads(self, wildcards: Any) -> list[str | int]:
        """Argument with the compute threads of a feature extraction, for a model whose features are cached."""
        threads = self._feature_threads(wildcards)
        return ["--feature-threads", threads] if threads else []

    def speed_threads(self, wildcards: Any) -> int:
        """Cores of a job that measures a speed: those of a training, or of a feature extraction that has more."""
        return max(self.jobs.loading_threads(wildcards), self._feature_threads(wildcards))

    def _feature_threads(self, wildcards: Any) -> int:
        """Return the compute threads of a feature extraction; 0 where a model's features are not cached."""
        data = self.run.data(wildcards.dataset)
        cached = data.typed_options(wildcards.model).caches_features
        return feature_threads(self.run.config, data.name) if cached else 0

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
