"""What a weights file says beside its weights: all that is needed to use the model elsewhere. Imports no torch."""

import json
import struct
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from vidbench.errors import UserError
from vidbench.models.options import ModelOptions

KEY = "vidbench"  # of the one entry in safetensors' own metadata
OF_TRAINING = ("options", "classes", "frames", "seed", "weights", "versions", "videos")
OF_SOME = ("labels",)  # "multi" where a video may have several
BEFORE_REFIT = "weights_before_refit.safetensors"  # those that validation chose, where a refit has others
MAX_HEADER = 100_000_000  # bytes: safetensors' own limit
INVALID = (ValueError, KeyError, TypeError, RecursionError, struct.error)  # what reading another file raises


def describe_training(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the metadata of a trained model, from its entries for options.json.

    Without device and times: on a CPU, equal weights give equal files.
    """
    metadata = {name: record[name] for name in OF_TRAINING}
    metadata |= {name: record[name] for name in OF_SOME if name in record}
    return metadata | {"pretraining": describe_pretraining(ModelOptions.from_dict(record["options"]))}


def describe_pretraining(options: ModelOptions) -> dict[str, Any] | None:
    """Return licence and data of the weights that a training starts from; None where it starts from random ones."""
    if options.network.weights is None:
        return None
    # By name: descriptions of networks change no result, so no training's code depends on them.
    pretraining = import_module("vidbench.models.pretraining")
    try:
        weights = pretraining.find_weights(options.network)
    except UserError:  # what was said beside the file is gone: no reason to lose a training that is done
        weights = None
    return {"licence": weights.licence if weights else "", "data": list(weights.data) if weights else []}


def read_metadata(path: Path) -> dict[str, Any]:
    """Read the metadata of a weights file, without its weights; UserError where it is no file of VidBench's."""
    try:
        metadata = _read_entry(path)
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}; name the weights.safetensors of a model") from error
    except INVALID as error:
        raise UserError(
            f"{path}: is no weights file that VidBench has trained, or is damaged; name the weights.safetensors of a"
            " model, results/DATASET/SPLIT/MODEL/SEED/"
        ) from error
    if not isinstance(metadata, dict) or not {"options", "classes"} <= metadata.keys():
        raise UserError(f"{path}: lacks the model's options and classes; train it again")
    return metadata


def read_options(path: Path) -> dict[str, Any]:
    """Return the options of the model that VidBench wrote into a file; {} for another file, or a damaged one."""
    try:
        options = _read_entry(path)["options"]
    except (OSError, *INVALID):  # reading its tensors says how
        return {}
    return options if isinstance(options, dict) else {}


def _read_entry(path: Path) -> Any:
    """Return VidBench's entry: eight bytes with the length of the JSON that follows, the JSON, the tensors."""
    with open(path, "rb") as file:
        size = struct.unpack("<Q", file.read(8))[0]
        if size > MAX_HEADER:
            raise ValueError("the header is too long")
        header = json.loads(file.read(size))
        return json.loads(header["__metadata__"][KEY])
