"""Selecting the models whose speeds are measured for a plan. Imports neither torch nor Snakemake."""

from copy import deepcopy

from vidbench.config import schema
from vidbench.workflow.run import DataSet, Run

# Options of `training` that the time of a step depends on.
SPEED_TRAINING = (
    "batch_size", "accumulate", "optimizer", "precision", "channels_last", "compile", "activation_checkpointing",
    "deterministic", "ema", "gradient_clip", "gpus", "lora", "threads",
)  # fmt: skip


def measured_by(run: Run, data: DataSet) -> dict[str, str]:
    """Return for each trained model the first one that is equally fast, whose speed is measured."""
    first: dict[str, str] = {}
    slices = {model: str(speed_options(data.options(model))) for model in run.trained}
    return {model: first.setdefault(slices[model], model) for model in slices}


def measured_models(run: Run) -> list[tuple[str, str]]:
    """Return (data set, model) of each speed to measure."""
    return [(data.name, model) for data in run.datasets for model in dict.fromkeys(measured_by(run, data).values())]


def speed_options(options: dict) -> dict:
    """Return a complete model entry with defaults for the options that the speed does not depend on."""
    reduced = deepcopy(options)
    reduced.get("backbone", reduced)["weights"] = None  # they change no time, and the file may not exist yet
    if "dropout" in reduced:
        reduced["dropout"] = 0.0
    defaults = schema.fill_defaults("training", {})
    reduced["training"] = {
        key: value if key in SPEED_TRAINING else defaults[key] for key, value in reduced["training"].items()
    }
    return reduced
