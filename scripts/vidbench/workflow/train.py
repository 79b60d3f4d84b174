"""Functions of rules/train.smk: weights, cached features, trainings and the trials of sweeps."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from types import SimpleNamespace
from typing import Any

from vidbench.config import schema
from vidbench.datasets import fractions
from vidbench.features.spec import FeatureSpec
from vidbench.files import file_sha256
from vidbench.models import official_weights
from vidbench.models.options import NetworkOptions
from vidbench.workflow import job_resources
from vidbench.workflow.files import Files, one_of, user_files
from vidbench.workflow.params import one_line
from vidbench.workflow.resources import Jobs
from vidbench.workflow.run import Run


@dataclass(frozen=True)
class TrainRules:
    """Input, params, threads and resource functions; an instance for each time that the Snakefile is read."""

    run: Run
    files: Files
    jobs: Jobs

    # fetch_weights and all that starts from weights

    def network(self, wildcards: Any) -> NetworkOptions:
        """A job's network and its pretrained weights: a backbone's, or a model's own."""
        if backbone := getattr(wildcards, "backbone", None):
            return NetworkOptions.from_dict(schema.backbone_options(self.run.config, backbone))
        return self.run.data(wildcards.dataset).typed_options(wildcards.model).network

    def weights_file(self, wildcards: Any) -> list[str]:
        """The file of pretrained weights that a job's network starts from, if it does."""
        network = self.network(wildcards)
        if network.weights is None:
            return []
        if official_weights.is_file(network.weights):
            return user_files([network.weights])
        return [f"resources/weights/{network.architecture}-{network.weights}.pth"]

    def weights_argument(self, wildcards: Any, input: Any) -> list[str]:
        """The argument that names that file; `=`, because its name may begin with a dash."""
        path = next(iter(input.get("weights") or []), self.network(wildcards).weights)
        return [f"--weights={path}"] if path else []

    def weights_digest(self, wildcards: Any) -> str:
        """What is in that file, so that a changed one is noticed, and a touched one is not."""
        network = self.network(wildcards)
        if network.weights is None:
            return ""
        if official_weights.is_file(network.weights):
            return self._file_digest(network.weights)
        # Its name holds its hash.
        return official_weights.official(network.architecture)[network.weights].file

    @cached_property
    def _file_digest(self) -> Callable[[str], str]:
        return cache(file_sha256)

    def fetch_options(self, wildcards: Any) -> str:
        """How official weights are fetched: mirrors and the like change nothing that is there already."""
        return json.dumps(self.run.general["weights_download"], sort_keys=True)

    # extract_features

    def model_of_features(self, wildcards: Any) -> SimpleNamespace:
        """Wildcards of a model that uses an entry of `backbones` with its features cached: the run's agree on it."""
        data = self.run.data(wildcards.dataset)
        return SimpleNamespace(dataset=data.name, model=one_line(data.model_of_backbone, wildcards.backbone))

    def feature_options(self, wildcards: Any) -> dict:
        """What the features of an entry of `backbones` depend on."""
        model = self.model_of_features(wildcards)
        return FeatureSpec.of(self.run.data(model.dataset).typed_options(model.model)).as_dict()

    def feature_compute_threads(self, wildcards: Any) -> int:
        """Compute threads of a feature extraction, part of the result."""
        return schema.feature_threads(self.run.config, wildcards.dataset)

    def feature_threads(self, wildcards: Any) -> int:
        """Cores of a feature extraction: those that compute, and one per process that reads."""
        return self.feature_compute_threads(wildcards) + self.jobs.reading_processes(self.model_of_features(wildcards))

    def feature_loading_arguments(self, wildcards: Any, threads: int) -> list[str | int]:
        """As Jobs.loading_arguments."""
        return self.jobs.loading_arguments(self.model_of_features(wildcards), threads)

    def feature_megabytes(self, wildcards: Any, attempt: int) -> int:
        """As Jobs.computing_megabytes."""
        return self.jobs.computing_megabytes(self.model_of_features(wildcards), attempt)

    # train_model

    def whole_split(self, wildcards: Any) -> list[str]:
        """The split that a variant is a part of, from whose size its training takes the number of steps."""
        full = fractions.full_split(wildcards.split)
        return [f"results/{wildcards.dataset}/splits/{full}.csv"] if full != wildcards.split else []

    def options(self, wildcards: Any) -> dict:
        """Complete settings of a model on a data set."""
        return self._options(wildcards)

    def _options(self, wildcards: Any) -> dict:
        return self.run.data(wildcards.dataset).options(wildcards.model)

    def nodes(self, wildcards: Any) -> int:
        """Machines that a training asks for."""
        return self._options(wildcards)["training"]["nodes"]

    def gpus(self, wildcards: Any) -> int:
        """GPUs that a training asks for, on all its machines."""
        return self.jobs.gpus(wildcards) * self._options(wildcards)["training"]["gpus"] * self.nodes(wildcards)

    def processes_per_node(self, wildcards: Any) -> int:
        """Processes of a training on each of its machines: one per GPU."""
        return max(1, self.gpus(wildcards) // self.nodes(wildcards))

    def threads(self, wildcards: Any) -> int:
        """Cores of a training on a machine: those of Jobs.loading_threads for each of its GPUs."""
        return self.jobs.loading_threads(wildcards) * self.processes_per_node(wildcards)

    def megabytes(self, wildcards: Any, attempt: int) -> int:
        """Memory of all processes of a training on a machine, by which Slurm counts it."""
        return self.jobs.computing_megabytes(wildcards, attempt) * self.processes_per_node(wildcards)

    def minutes(self, wildcards: Any, attempt: int) -> int:
        """Time of a training; one that had too little goes on from its checkpoint."""
        data, epochs = self.run.data(wildcards.dataset), self._options(wildcards)["training"]["epochs"]
        clips = self.jobs.clips(wildcards, data.largest_split[0])
        needed = job_resources.training_minutes(clips, epochs, self.jobs.device(wildcards))
        return job_resources.grown(needed, attempt)

    def on_several_nodes(self, value: Any) -> Callable[[Any], Any]:
        """Resource function: `value` for a training on several machines, or a function of wildcards; else nothing."""

        def needed(wildcards: Any) -> Any:
            if self.nodes(wildcards) == 1:
                return None
            return value(wildcards) if callable(value) else value

        return needed

    def launcher(self, wildcards: Any, threads: int, resources: Any) -> list[str | int]:
        """What starts a training: a process per GPU granted, where there are several, or several machines.

        torchrun_on_nodes.py is no input of trainings, because it changes nothing that they compute.
        """
        granted = resources.gpu
        if self.nodes(wildcards) > 1:
            script = self.files.paths.script("torchrun_on_nodes.py")
            return ["python", script, "--cores", threads, "--gpus", granted]
        return ["torchrun", "--standalone", f"--nproc-per-node={granted}"] if granted > 1 else ["python"]

    def runtime_arguments(self, wildcards: Any, threads: int) -> list[str | float]:
        """Arguments of a training that change no result."""
        options = self.run.data(wildcards.dataset).runtime_options(wildcards.model)
        logs = f"{self.files.paths.logs}/tensorboard"
        folder = f"{logs}/{wildcards.dataset}/{wildcards.split}/{wildcards.model}/seed{wildcards.seed}"
        return [
            *("--checkpoint-minutes", options["checkpoint_minutes"], "--on-failure", options["on_failure"]),
            *(["--tensorboard", folder] if options["tensorboard"] else []),
        ]

    # select_trial, promote_trial

    @property
    def swept_models(self) -> str:
        """Regular expression of the models that are trained as their trials."""
        return one_of(filter(self.run.trials, self.run.config["models"]))

    @property
    def trained_models(self) -> str:
        """Regular expression of the models that are trained themselves."""
        return one_of(model for model in self.run.config["models"] if not self.run.trials(model))

    def trials(self, wildcards: Any) -> dict[str, dict[str, object]]:
        """Trials of a swept model, with what each sets."""
        return self.run.trials(wildcards.model)
