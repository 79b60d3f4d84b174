"""Size and normalisation of a model's clips, where pretrained weights have a say in them. Imports no torch."""

import json
from copy import deepcopy
from pathlib import Path

from vidbench.clips import sampling
from vidbench.models import official_weights
from vidbench.models.options import ModelOptions

# Of models that start from random weights: the usual size; mean and deviation of Kinetics, all colours alike.
USUAL = {"size": [112, 112], "mean": 0.45, "std": 0.225}
MAX_HEADER_BYTES = 100_000_000  # bytes, as safetensors itself has it


def choose(shared: dict, own: dict, architecture: str, weights: str | None) -> dict:
    """The data set's `clip` section and the model's own in one, with numbers for all of USUAL; null says nothing.

    What the network's pretrained weights were trained on stands behind what the config says, but the size before the
    data set's, which is meant for models that take any. A file has no size of its own, and is taken to be trained like
    the network's DEFAULT weights where it does not say otherwise. The model's own step, rate or uniform sampling
    stands in the place of the data set's step or rate; UserError where both are left.
    """
    shared, own = ({key: value for key, value in part.items() if value is not None} for part in (shared, own))
    shared = {key: value for key, value in shared.items() if key not in _replaced(own)}
    found = official_weights.trained_input(architecture, weights)
    own_file = weights is not None and official_weights.is_file(weights)
    trained_on = {"mean": found.mean, "std": found.std} if found else {}
    size = {"size": found.size} if found and not own_file else {}
    recorded = _recorded(Path(weights)) if own_file else {}
    return sampling.with_spacing(deepcopy(USUAL | trained_on | recorded | shared | size | own))


def _replaced(own: dict) -> set[str]:
    """Which keys of a data set's `clip` section a model's own makes void."""
    replaced = {"step"} if "rate" in own else set()
    return replaced | ({"rate"} if "step" in own or own.get("sampling") == "uniform" else set())


def _recorded(path: Path) -> dict:
    """Mean and deviation in a weights.safetensors that VidBench wrote; nothing for another file.

    The format: eight bytes that say how long the JSON behind them is, then the tensors.
    """
    if path.suffix != ".safetensors":
        return {}
    try:
        with open(path, "rb") as file:
            header = json.loads(file.read(min(int.from_bytes(file.read(8), "little"), MAX_HEADER_BYTES)))
        clip = json.loads(header["__metadata__"]["vidbench"])["options"]["clip"]
        return {key: clip[key] for key in ("mean", "std")}
    except (OSError, ValueError, KeyError, TypeError):  # of others, or damaged: reading its tensors says how
        return {}


def reason_of_size(options: ModelOptions) -> str:
    """Say where a model's clip size comes from, if it comes from its weights."""
    network = options.network
    found = official_weights.trained_input(network.architecture, network.weights)
    if not found or official_weights.is_file(network.weights) or tuple(found.size) != options.clip.size:
        return ""
    return f", which its weights {found.name} were trained on"


def warnings(options: ModelOptions) -> list[str]:
    """One line where a model's clips have fewer frames than its official weights are made for."""
    network, frames = options.network, options.clip.frames
    found = official_weights.trained_input(network.architecture, network.weights)
    if found is None or frames >= found.min_frames:
        return []
    return [
        f"{found.network}'s weights {found.name} are made for clips of at least {found.min_frames} frames and get"
        f" {frames}; set clip.frames: {found.min_frames}"
    ]
