"""Functions of rules/evaluate.smk: predictions, scores, costs and the comparison of all models."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from vidbench.config import schema
from vidbench.datasets import fractions
from vidbench.workflow import job_resources
from vidbench.workflow.files import Files
from vidbench.workflow.resources import Jobs
from vidbench.workflow.run import Run


@dataclass(frozen=True)
class EvaluateRules:
    """Input, params, threads and resource functions; one instance per reading of the Snakefile."""

    run: Run
    files: Files
    jobs: Jobs

    def shuffles(self, wildcards: Any) -> int:
        """Number of random orders of frames in which a run's test videos are predicted, too; 0 for a fraction."""
        multi = self.run.data(wildcards.dataset).multi
        return 0 if multi or fractions.is_variant(wildcards.split) else self.run.shuffles

    def prediction_minutes(self, wildcards: Any, attempt: int) -> int:
        """Minutes of a run's predictions."""
        clips = self.jobs.clips(wildcards, self.jobs.test_rows(wildcards))
        needed = job_resources.prediction_minutes(clips, self.jobs.device(wildcards))
        return job_resources.scale_up(needed, attempt)

    def prediction_megabytes(self, wildcards: Any, attempt: int) -> int:
        """Memory of a run's predictions, with the logits."""
        classes = self.run.data(wildcards.dataset).num_classes
        logits = job_resources.logits_megabytes(self.jobs.test_rows(wildcards), classes)
        return self.jobs.computing_megabytes(wildcards, attempt) + job_resources.scale_up(logits, attempt)

    def scoring_megabytes(self, wildcards: Any, attempt: int) -> int:
        """Memory of a step that reads a run's predictions."""
        return self.jobs.reading_megabytes(wildcards, self.jobs.test_rows(wildcards), attempt)

    def comparing_megabytes(self, wildcards: Any, attempt: int) -> int:
        """Memory of a step that may hold the predictions of all runs of a split at once."""
        models = [SimpleNamespace(dataset=wildcards.dataset, model=model) for model in self.run.models]
        rows = len(self.run.seeds) * sum(map(self.jobs.test_rows, models))
        return self.jobs.reading_megabytes(wildcards, rows, attempt)

    def cost_threads(self, wildcards: Any) -> int:
        """Cores of a job that measures a model's cost: all, where it computes on them, to be alone there.

        On a GPU it has one of its own, and jobs on others continue. On a cluster the profile asks for a whole node.
        """
        invocation = self.jobs.invocation
        if invocation.sent_off or self.jobs.gpus(wildcards):
            return self.cost_compute_threads(wildcards)
        return invocation.cores

    def cost_compute_threads(self, wildcards: Any) -> int:
        """Threads that compute while a model's cost is measured: its own; of a frozen backbone those of its features.

        A head on cached features may be trained with fewer, and what is measured is the backbone with it.
        """
        data = self.run.data(wildcards.dataset)
        if data.typed_options(wildcards.model).caches_features:
            return schema.feature_threads(self.run.config, wildcards.dataset)
        return data.options(wildcards.model)["training"]["threads"]

    def motion_tables(self, wildcards: Any) -> list[str]:
        """Table of the motion test, if the run has it."""
        measured = self.run.shuffles and not self.run.data(wildcards.dataset).multi
        return [f"results/{wildcards.dataset}/motion_use.csv"] if measured else []

    def comparison_tables(self, wildcards: Any) -> list[str]:
        """Tables that come last of a data set's scores: those of several labels per video, or of one."""
        names = ("label_summary.csv",) if self.run.data(wildcards.dataset).multi else ("ensembles.csv", "summary.csv")
        return [f"results/{wildcards.dataset}/{name}" for name in names]
