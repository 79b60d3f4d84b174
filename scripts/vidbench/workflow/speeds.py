"""Which models' speeds are measured for a plan: one of those that are equally fast. No torch and no Snakemake."""

from copy import deepcopy

from vidbench.config import schema
from vidbench.workflow.run import DataSet, Run

# Of `training` those that the time of a step depends on.
SPEED_TRAINING = (
    "batch_size", "accumulate", "optimizer", "precision", "channels_last", "compile", "activation_checkpointing",
    "deterministic", "ema", "gradient_clip", "gpus", "threads",
)  # fmt: skip


def measured_by(run: Run, data: DataSet) -> dict[str, str]:
    """For each trained model the first one that is as fast, whose speed is measured."""
    first: dict[str, str] = {}
    slices = {model: str(speed_options(data.options(model))) for model in run.trained}
    return {model: first.setdefault(slices[model], model) for model in slices}


def measured_models(run: Run) -> list[tuple[str, str]]:
    """(data set, model) of each speed to measure."""
    return [(data.name, model) for data in run.datasets for model in dict.fromkeys(measured_by(run, data).values())]


def speed_options(options: dict) -> dict:
    """The part of a complete model entry that the speed depends on, with which it can still be built and trained."""
    reduced = deepcopy(options)
    reduced.get("backbone", reduced)["weights"] = None  # change no time, and need not be there
    if "dropout" in reduced:
        reduced["dropout"] = 0.0
    usual = schema.fill_defaults("training", {})
    kept = {key: value for key, value in reduced["training"].items() if key in SPEED_TRAINING}
    reduced["training"] = {key: kept.get(key, usual[key]) for key in reduced["training"]}
    return reduced
