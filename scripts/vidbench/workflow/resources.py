"""What jobs ask for: cores, GPUs, memory and time, as threads and resource functions of the rules."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from vidbench.clips import frame_orders
from vidbench.compute.gpus import gpu_present
from vidbench.workflow import job_resources
from vidbench.workflow.run import Run

ResourceFunction = Callable[..., int]  # of (wildcards, attempt)


class Invocation:
    """How Snakemake was called. Each is asked for when it is needed: a Snakefile is read before all is settled."""

    def __init__(self, workflow: Any) -> None:
        self.workflow = workflow

    @property
    def sent_off(self) -> bool:
        """Whether jobs go to a cluster; of a dry run's executor only `use_threads` tells."""
        dry_cluster = self.workflow.dryrun and self.workflow.execution_settings.use_threads
        return not self.workflow.local_exec or bool(dry_cluster)

    @property
    def cores(self) -> int:
        """Cores that jobs share; 1 where it was not said."""
        return self.workflow.cores or 1

    @property
    def jobs(self) -> int:
        """Jobs that a cluster takes at once."""
        return self.workflow.nodes or 1

    @property
    def max_gpus(self) -> int | None:
        """GPUs that jobs may ask for together; None for no limit."""
        return getattr(self.workflow.global_resources.get("gpu"), "value", None)

    @property
    def on_slurm(self) -> bool:
        """Whether jobs will go to a cluster: that Snakemake was given `nodes` tells it while the Snakefile is read."""
        return self.workflow.resource_settings.nodes is not None


@dataclass(frozen=True)
class Jobs:
    """Threads and resource functions that several rules use."""

    run: Run
    invocation: Invocation

    def gpus(self, wildcards: Any) -> int:
        """GPUs that a job asks for: none where this machine has none, so that jobs run beside each other."""
        if self.run.device == "cpu":
            return 0
        return 0 if self.run.device == "auto" and not self.invocation.sent_off and not gpu_present() else 1

    def device(self, wildcards: Any) -> str:
        """What a job computes on, "gpu" or "cpu", as far as it can be told before it runs."""
        return "gpu" if self.gpus(wildcards) else "cpu"

    def reading_processes(self, wildcards: Any) -> int:
        """Processes that read clips beside those that compute."""
        workers = self.run.data(wildcards.dataset).runtime_options(wildcards.model)["workers"]
        return job_resources.reading_processes(workers, self.gpus(wildcards) > 0)

    def loading_threads(self, wildcards: Any) -> int:
        """Cores of a job that reads clips and computes: those that compute, and one per process that reads."""
        training = self.run.data(wildcards.dataset).options(wildcards.model)["training"]
        return training["threads"] + self.reading_processes(wildcards)

    def loading_arguments(self, wildcards: Any, threads: int) -> list[str | int]:
        """Params function: how many processes read clips, which changes no result."""
        workers = self.run.data(wildcards.dataset).runtime_options(wildcards.model)["workers"]
        return ["--cores", threads] if workers is None else ["--workers", workers]

    def scaled(self, base: float, per_thousand: float) -> ResourceFunction:
        """`base`, and more for each thousand videos; twice as much with each attempt."""

        def amount(wildcards: Any, attempt: int) -> int:
            name = getattr(wildcards, "dataset", None)
            used = [self.run.data(name)] if name else self.run.datasets
            number = sum(data.num_videos for data in used)
            return job_resources.grown(base + per_thousand * number / 1000, attempt)

        return amount

    def shard_minutes(self, wildcards: Any, attempt: int) -> int:
        """Of a shard's extraction or features: half a minute per video."""
        data = self.run.data(wildcards.dataset)
        return job_resources.grown(30 + data.num_videos / data.shards / 2, attempt)

    def clips(self, wildcards: Any, number: int) -> job_resources.Clips:
        """`number` clips as a model takes them."""
        options = self.run.data(wildcards.dataset).options(wildcards.model)
        clip = options["clip"]
        return job_resources.Clips(number, clip["frames"], tuple(clip["size"]), options["training"]["batch_size"])

    def test_rows(self, wildcards: Any) -> int:
        """About how many rows a run's predictions have: test videos, views, crops and orders of frames."""
        data = self.run.data(wildcards.dataset)
        clip = data.options(wildcards.model)["clip"]
        orders = 1 + len(frame_orders.conditions(self.run.shuffles))
        return data.largest_split[1] * clip["views"] * clip["crops"] * orders

    def computing_megabytes(self, wildcards: Any, attempt: int) -> int:
        """Of a job that computes with a model."""
        clips, device = self.clips(wildcards, 0), self.device(wildcards)
        needed = job_resources.computing_megabytes(clips, self.reading_processes(wildcards), device)
        return job_resources.grown(needed + self.run.data(wildcards.dataset).num_videos / 50, attempt)

    def reading_megabytes(self, wildcards: Any, rows: int, attempt: int) -> int:
        """Of a step that reads that many rows of predictions."""
        data = self.run.data(wildcards.dataset)
        logits = job_resources.logits_megabytes(rows, data.num_classes)
        return job_resources.grown(1000 + logits + data.num_videos / 50, attempt)
