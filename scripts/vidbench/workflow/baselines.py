"""Functions of rules/baselines.smk: what the baselines are fitted on, and what they cost."""

from dataclasses import dataclass
from typing import Any

from vidbench.baselines.options import SETTINGS
from vidbench.workflow import job_resources
from vidbench.workflow.files import Files, one_of
from vidbench.workflow.run import Run

CHEAPEST_HEADS = ("mean", "max")  # their cost is hardly more than that of the backbone alone
FEATURES = 2048  # of a large backbone
COPIES = 6  # of the features that a fit holds
FLOAT_BYTES = 8


@dataclass(frozen=True)
class BaselineRules:
    """Input, params and resource functions; one instance per reading of the Snakefile."""

    run: Run
    files: Files

    @property
    def names(self) -> str:
        """Regular expression of the run's baselines."""
        return one_of(self.run.baselines)

    @property
    def models(self) -> str:
        """Regular expression of all models: what is trained, predicts and has a cost of its own."""
        return one_of(self.run.config["models"])

    def features(self, wildcards: Any) -> list[str]:
        """Shards of the cached features that a baseline is fitted on; none for the files' properties."""
        backbone = self.run.baselines[wildcards.model].backbone
        return self.files.feature_shards(wildcards.dataset, backbone) if backbone else []

    def options(self, wildcards: Any) -> dict:
        """Complete options of a baseline: its kind, what it chooses from, and the backbone and clip of its features."""
        baseline = self.run.baselines[wildcards.model]
        settings = self.run.general["baselines"]
        options = {"kind": baseline.kind, **{key: settings[key] for key in SETTINGS[baseline.kind]}}
        if baseline.backbone is None:
            return options
        data = self.run.data(wildcards.dataset)
        model = data.options(data.backbones[baseline.backbone])
        features = {"backbone": model["backbone"], "head": "mean", "clip": model["clip"]}
        return options | {"features": features, "cost_of": self.cost_of(baseline.backbone)}

    def cost_of(self, backbone: str) -> str:
        """Return the model of the run whose cost is that of a backbone, or nearest to it."""
        entries = self.run.config["models"]
        users = [model for model in self.run.models if entries[model].get("backbone") == backbone]
        return min(users, key=lambda model: entries[model]["head"] not in CHEAPEST_HEADS)

    def megabytes(self, wildcards: Any, attempt: int) -> int:
        """Memory of a fit, which holds a vector per video."""
        videos = self.run.data(wildcards.dataset).num_videos
        return job_resources.scale_up(1000 + COPIES * videos * FEATURES * FLOAT_BYTES / 1e6, attempt)
