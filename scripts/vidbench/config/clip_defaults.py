"""Size and normalisation of a model's clips, also from its pretrained weights. Imports no torch."""

from copy import deepcopy
from pathlib import Path

from vidbench.clips import sampling
from vidbench.models import official_weights, weights_metadata
from vidbench.models.options import ModelOptions

# For random weights: the usual size, and mean and standard deviation of Kinetics, the same for all colours.
USUAL = {"size": [112, 112], "mean": 0.45, "std": 0.225}


def merge_clip(dataset_clip: dict, model_clip: dict, architecture: str, weights: str | None) -> dict:
    """Merge the `clip` sections of a data set and a model, with numbers for all of USUAL; null counts as not set.

    Values in the config win over those that the pretrained weights were trained with, except the data set's size, which
    is meant for models that take any. A file of weights has no size of its own, a folder with a configuration has one;
    mean and deviation that a file does not tell are those of the network's DEFAULT weights. The model's step, rate or
    uniform sampling replaces the data set's step or rate; UserError where both remain.
    """
    model_clip = {key: value for key, value in model_clip.items() if value is not None}
    replaced = _replaced_keys(model_clip)
    dataset_clip = {key: value for key, value in dataset_clip.items() if value is not None and key not in replaced}
    official = official_weights.trained_input(architecture, weights)
    weights_file = Path(weights) if weights is not None and official_weights.is_file(weights) else None
    trained_on = {"mean": official.mean, "std": official.std} if official else {}
    size = {"size": official.size} if official and (official.is_local or not weights_file) else {}
    recorded = _read_normalisation(weights_file) if weights_file else {}
    return sampling.with_spacing(deepcopy(USUAL | trained_on | recorded | dataset_clip | size | model_clip))


def _replaced_keys(model_clip: dict) -> set[str]:
    """Return the keys of a data set's `clip` section that a model's own replaces."""
    replaced = {"step"} if "rate" in model_clip else set()
    return replaced | ({"rate"} if "step" in model_clip or model_clip.get("sampling") == "uniform" else set())


def _read_normalisation(path: Path) -> dict:
    """Return mean and deviation in a weights.safetensors that VidBench wrote; {} for another file."""
    clip = weights_metadata.read_options(path).get("clip", {})
    return {key: clip[key] for key in ("mean", "std")} if {"mean", "std"} <= clip.keys() else {}


def reason_of_size(options: ModelOptions) -> str:
    """Say where a model's clip size comes from, if it comes from its weights."""
    weights = options.network.weights
    official = official_weights.trained_input(options.network.architecture, weights)
    if not weights or not official or tuple(official.size) != options.clip.size:
        return ""
    if official_weights.is_file(weights) and not official.is_local:
        return ""
    return f", which its weights {official.name} were trained on"


def frame_warnings(options: ModelOptions) -> list[str]:
    """Return one line where a model's clips have fewer frames than its official weights are made for."""
    frames = options.clip.frames
    official = official_weights.trained_input(options.network.architecture, options.network.weights)
    if official is None or frames >= official.min_frames:
        return []
    return [
        f"{official.network}'s weights {official.name} are made for clips of at least {official.min_frames} frames and"
        f" get {frames}; set clip.frames: {official.min_frames}"
    ]
