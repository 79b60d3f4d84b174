"""Cores, GPUs, memory and time that jobs request: threads and resource functions of the rules."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from vidbench.clips import frame_orders
from vidbench.compute.machine import count_gpus, gpu_present
from vidbench.workflow import job_resources
from vidbench.workflow.run import Run

ResourceFunction = Callable[..., int]  # of (wildcards, attempt)


class Invocation:
    """Options of the call of Snakemake, read when they are needed: some are not set yet while the Snakefile is read."""

    def __init__(self, workflow: Any) -> None:
        self.workflow = workflow

    @property
    def is_dry(self) -> bool:
        """Whether nothing will run. Snakemake's `workflow.dryrun` does not know it yet while the Snakefile is read."""
        return self.workflow.output_settings.dryrun

    @property
    def sent_off(self) -> bool:
        """Whether jobs are sent to a cluster; in a dry run only `use_threads` shows it."""
        dry_cluster = self.workflow.dryrun and self.workflow.execution_settings.use_threads
        return not self.workflow.local_exec or bool(dry_cluster)

    @property
    def cores(self) -> int:
        """Cores that jobs share; 1 without --cores."""
        return self.workflow.cores or 1

    @property
    def jobs(self) -> int:
        """Jobs that a cluster runs at once."""
        return self.workflow.nodes or 1

    @property
    def max_gpus(self) -> int | None:
        """GPUs that all running jobs may request together; None for no limit."""
        return getattr(self.workflow.global_resources.get("gpu"), "value", None)

    @property
    def gpus_at_once(self) -> int:
        """GPUs that jobs on this machine may use at once, at least 1."""
        limits = [limit for limit in (self.max_gpus, count_gpus()) if limit]
        return min(limits, default=1)

    @property
    def own_software(self) -> bool:
        """Whether jobs run in the environment of Snakemake itself, and not in one of conda or of a container."""
        return not self.workflow.deployment_settings.deployment_method

    @property
    def on_slurm(self) -> bool:
        """Whether jobs will be sent to a cluster: `nodes` shows it also while the Snakefile is read."""
        return self.workflow.resource_settings.nodes is not None


@dataclass(frozen=True)
class Jobs:
    """Threads and resource functions that several rules use."""

    run: Run
    invocation: Invocation

    def gpus(self, wildcards: Any) -> int:
        """GPUs that a job requests: 0 where this machine has none, so that jobs can run in parallel."""
        if self.run.device == "cpu":
            return 0
        return 0 if self.run.device == "auto" and not self.invocation.sent_off and not gpu_present() else 1

    def device(self, wildcards: Any) -> str:
        """Expected device of a job, "gpu" or "cpu"."""
        return "gpu" if self.gpus(wildcards) else "cpu"

    def reading_processes(self, wildcards: Any) -> int:
        """Processes of a job that read clips, besides those that compute."""
        workers = self.run.data(wildcards.dataset).runtime_options(wildcards.model)["workers"]
        readers = job_resources.reading_processes(workers, self.gpus(wildcards) > 0)
        if workers is not None or not readers or self.invocation.sent_off:
            return readers
        threads = self.run.data(wildcards.dataset).options(wildcards.model)["training"]["threads"]
        return job_resources.readers_per_gpu(self.invocation.cores, self.invocation.gpus_at_once, threads)

    def loading_threads(self, wildcards: Any) -> int:
        """Cores of a job that reads clips and computes: compute threads, and one per process that reads."""
        training = self.run.data(wildcards.dataset).options(wildcards.model)["training"]
        return training["threads"] + self.reading_processes(wildcards)

    def loading_arguments(self, wildcards: Any, threads: int) -> list[str | int]:
        """Params function: arguments for the number of processes that read clips, which changes no result."""
        workers = self.run.data(wildcards.dataset).runtime_options(wildcards.model)["workers"]
        return ["--cores", threads] if workers is None else ["--workers", workers]

    def scaled(self, base: float, per_thousand: float) -> ResourceFunction:
        """Resource function: `base`, and `per_thousand` videos more; doubled with each further attempt."""

        def amount(wildcards: Any, attempt: int) -> int:
            name = getattr(wildcards, "dataset", None)
            datasets = [self.run.data(name)] if name else self.run.datasets
            num_videos = sum(data.num_videos for data in datasets)
            return job_resources.scale_up(base + per_thousand * num_videos / 1000, attempt)

        return amount

    def shard_minutes(self, wildcards: Any, attempt: int) -> int:
        """Minutes of a shard's extraction or features: 30, and half a minute per video."""
        data = self.run.data(wildcards.dataset)
        return job_resources.scale_up(30 + data.num_videos / data.shards / 2, attempt)

    def clips(self, wildcards: Any, number: int) -> job_resources.Clips:
        """Return `number` clips as a model takes them, for job_resources."""
        options = self.run.data(wildcards.dataset).options(wildcards.model)
        clip = options["clip"]
        return job_resources.Clips(number, clip["frames"], tuple(clip["size"]), options["training"]["batch_size"])

    def test_rows(self, wildcards: Any) -> int:
        """Approximate rows of a run's predictions: test videos times views, crops and orders of frames."""
        data = self.run.data(wildcards.dataset)
        if wildcards.model in self.run.baselines:
            return data.largest_split[1]
        clip = data.options(wildcards.model)["clip"]
        orders = 1 + len(frame_orders.conditions(self.run.shuffles))
        return data.largest_split[1] * clip["views"] * clip["crops"] * orders

    def computing_megabytes(self, wildcards: Any, attempt: int) -> int:
        """Memory of a job that computes with a model."""
        clips = self.clips(wildcards, 0)
        device = self.device(wildcards)
        needed = job_resources.computing_megabytes(clips, self.reading_processes(wildcards), device)
        return job_resources.scale_up(needed + self.run.data(wildcards.dataset).num_videos / 50, attempt)

    def reading_megabytes(self, wildcards: Any, rows: int, attempt: int) -> int:
        """Memory of a step that reads `rows` rows of predictions."""
        data = self.run.data(wildcards.dataset)
        logits = job_resources.logits_megabytes(rows, data.num_classes)
        return job_resources.scale_up(1000 + logits + data.num_videos / 50, attempt)
