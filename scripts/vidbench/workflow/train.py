"""Functions of rules/train.smk: weights, cached features, trainings and the trials of sweeps."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from types import SimpleNamespace
from typing import Any

from vidbench.config import schema
from vidbench.config.zero_shot import is_zero_shot
from vidbench.datasets import fractions
from vidbench.features.spec import FeatureSpec
from vidbench.files import file_sha256
from vidbench.models import official_weights
from vidbench.models.network import Weights
from vidbench.models.options import NetworkOptions
from vidbench.workflow import job_resources
from vidbench.workflow.files import Files, one_of, user_files
from vidbench.workflow.params import one_line
from vidbench.workflow.resources import Jobs
from vidbench.workflow.run import Run


@dataclass(frozen=True)
class TrainRules:
    """Input, params, threads and resource functions; one instance per reading of the Snakefile."""

    run: Run
    files: Files
    jobs: Jobs

    # fetch_weights and all that starts from weights

    def network(self, wildcards: Any) -> NetworkOptions:
        """Network of a job, with its pretrained weights: a backbone, or that of a model."""
        if backbone := getattr(wildcards, "backbone", None):
            return NetworkOptions.from_dict(schema.backbone_options(self.run.config, backbone))
        return self.run.data(wildcards.dataset).typed_options(wildcards.model).network

    def weights_file(self, wildcards: Any) -> list[str]:
        """File of pretrained weights that a job's network starts from, if it has any."""
        network = self.network(wildcards)
        if network.weights is None:
            return []
        if official_weights.is_file(network.weights):
            return user_files([network.weights])
        return [f"resources/weights/{self._official(network).link}"]

    def weights_argument(self, wildcards: Any, input: Any) -> list[str]:
        """Argument with the file of pretrained weights; `=`, because its name may begin with a dash."""
        path = next(iter(input.get("weights") or []), self.network(wildcards).weights)
        return [f"--weights={path}"] if path else []

    def weights_digest(self, wildcards: Any) -> str:
        """Digest of the file of pretrained weights: a changed file reruns jobs, a touched one does not."""
        network = self.network(wildcards)
        if network.weights is None:
            return ""
        if official_weights.is_file(network.weights):
            return self._file_digest(network.weights)
        # An official file has its hash in its name, or that of its commit.
        return self._official(network).file

    def _official(self, network: NetworkOptions) -> Weights:
        found = official_weights.find(network.architecture, network.weights or "")
        assert found is not None  # as the name was resolved
        return found

    @cached_property
    def _file_digest(self) -> Callable[[str], str]:
        return cache(file_sha256)

    def fetch_options(self, wildcards: Any) -> str:
        """Options for fetching official weights; they do not rerun anything, as they do not change the file."""
        return json.dumps(self.run.general["weights_download"], sort_keys=True)

    # extract_features

    def model_of_features(self, wildcards: Any) -> SimpleNamespace:
        """Wildcards of a model that uses an entry of `backbones` with cached features: the run's models agree on it."""
        data = self.run.data(wildcards.dataset)
        return SimpleNamespace(dataset=data.name, model=one_line(data.model_of_backbone, wildcards.backbone))

    def feature_options(self, wildcards: Any) -> dict:
        """Options that the features of an entry of `backbones` depend on."""
        model = self.model_of_features(wildcards)
        return FeatureSpec.of(self.run.data(model.dataset).typed_options(model.model)).as_dict()

    def feature_compute_threads(self, wildcards: Any) -> int:
        """Compute threads of a feature extraction, which are part of the features' record."""
        return schema.feature_threads(self.run.config, wildcards.dataset)

    def feature_threads(self, wildcards: Any) -> int:
        """Cores of a feature extraction: compute threads, and one per process that reads."""
        return self.feature_compute_threads(wildcards) + self.jobs.reading_processes(self.model_of_features(wildcards))

    def feature_loading_arguments(self, wildcards: Any, threads: int) -> list[str | int]:
        """Params function: Jobs.loading_arguments() of a feature extraction."""
        return self.jobs.loading_arguments(self.model_of_features(wildcards), threads)

    def feature_megabytes(self, wildcards: Any, attempt: int) -> int:
        """Memory of a feature extraction."""
        return self.jobs.computing_megabytes(self.model_of_features(wildcards), attempt)

    # train_model

    def whole_split(self, wildcards: Any) -> list[str]:
        """The full split that a fraction belongs to: its size determines the number of updates."""
        full = fractions.full_split(wildcards.split)
        return [f"results/{wildcards.dataset}/splits/{full}.csv"] if full != wildcards.split else []

    def options(self, wildcards: Any) -> dict:
        """Complete options of a model on a data set."""
        return self.run.data(wildcards.dataset).options(wildcards.model)

    def nodes(self, wildcards: Any) -> int:
        """Machines that a training requests."""
        return self.options(wildcards)["training"]["nodes"]

    def gpus(self, wildcards: Any) -> int:
        """GPUs that a training requests, on all its machines."""
        return self.jobs.gpus(wildcards) * self.options(wildcards)["training"]["gpus"] * self.nodes(wildcards)

    def processes_per_node(self, wildcards: Any) -> int:
        """Processes of a training on each of its machines: one per GPU."""
        return max(1, self.gpus(wildcards) // self.nodes(wildcards))

    def threads(self, wildcards: Any) -> int:
        """Cores of a training per machine: Jobs.loading_threads() for each of its GPUs."""
        return self.jobs.loading_threads(wildcards) * self.processes_per_node(wildcards)

    def turn(self, wildcards: Any) -> float:
        """Priority of a training, above 1 to 2: models are trained in the order in which the run lists them.

        Above that of costs and figures (0), for which all cores or all trainings are needed; not above 2, that of all
        between the data and a model's scores, so that its results are there before the next training begins.
        """
        trained = self.run.trained
        return 2 - trained.index(wildcards.model) / len(trained) if wildcards.model in trained else 2

    def megabytes(self, wildcards: Any, attempt: int) -> int:
        """Memory of all processes of a training on one machine, as Slurm counts it."""
        return self.jobs.computing_megabytes(wildcards, attempt) * self.processes_per_node(wildcards)

    def minutes(self, wildcards: Any, attempt: int) -> int:
        """Minutes of a training; one that had too few resumes from its checkpoint."""
        data = self.run.data(wildcards.dataset)
        training = self.options(wildcards)["training"]
        epochs = training["epochs"] * (2 if training["refit"] else 1)
        clips = self.jobs.clips(wildcards, data.largest_split[0])
        needed = job_resources.training_minutes(clips, epochs, self.jobs.device(wildcards))
        return job_resources.scale_up(needed, attempt)

    def on_several_nodes(self, value: Any) -> Callable[[Any], Any]:
        """Resource function: for a training on several machines `value`, or what it returns; otherwise None."""

        def needed(wildcards: Any) -> Any:
            if self.nodes(wildcards) == 1:
                return None
            return value(wildcards) if callable(value) else value

        return needed

    def launcher(self, wildcards: Any, threads: int, resources: Any) -> list[str | int]:
        """Program that starts a training: with several GPUs or machines it starts one process per GPU granted.

        torchrun_on_nodes.py is no input of trainings, because it changes none of their results.
        """
        gpus = resources.gpu
        if self.nodes(wildcards) > 1:
            script = self.files.paths.script("torchrun_on_nodes.py")
            return ["python", script, "--cores", threads, "--gpus", gpus]
        return ["torchrun", "--standalone", f"--nproc-per-node={gpus}"] if gpus > 1 else ["python"]

    def runtime_arguments(self, wildcards: Any, threads: int) -> list[str | float]:
        """Arguments of a training that change no result."""
        options = self.run.data(wildcards.dataset).runtime_options(wildcards.model)
        logs = f"{self.files.paths.logs}/tensorboard"
        rung = f"/rung{wildcards.rung}/{wildcards.place}" if hasattr(wildcards, "rung") else ""
        folder = f"{logs}/{wildcards.dataset}/{wildcards.split}/{wildcards.model}{rung}/seed{wildcards.seed}"
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
        entries = self.run.config["models"].items()
        return one_of(name for name, entry in entries if not self.run.trials(name) and not is_zero_shot(entry))

    def trials(self, wildcards: Any) -> dict[str, dict[str, object]]:
        """Trials of a swept model by name, with the settings of each."""
        return self.run.trials(wildcards.model)
