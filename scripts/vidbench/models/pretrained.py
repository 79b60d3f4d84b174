"""Pretrained weights: which there are, the input they were trained on, and copying them into a model."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import nn

from vidbench import models
from vidbench.errors import UserError, did_you_mean
from vidbench.files import file_sha256
from vidbench.models.classifier import classifier_name

if TYPE_CHECKING:
    from torchvision.models import WeightsEnum

State = dict[str, torch.Tensor]
HASH_IN_NAME = re.compile(r"-([0-9a-f]{8,64})\.pth$")  # torchvision's file names end in the first digits of the SHA-256
WRAPPERS = ("state_dict", "model_state_dict", "model")  # keys under which training scripts keep the weights
# Trained with `transform_input`, which is off here (torchvision2d.py): the network's own normalisation.
OWN_NORMALISATION = ("Inception_V3_Weights", "GoogLeNet_Weights")


@dataclass(frozen=True)
class Report:
    """What load() did, by names of tensors."""

    matched: list[str] = field(default_factory=list)  # copied
    interpolated: list[str] = field(default_factory=list)  # copied, after positions were fitted to the clip
    new: list[str] = field(default_factory=list)  # not in the file: stay random; at most the classifier's part
    unused: list[str] = field(default_factory=list)  # in the file only: its classifier and auxiliary classifiers

    def __str__(self) -> str:
        parts = [f"{len(self.matched) + len(self.interpolated)} tensors loaded"]
        for names, verb in ((self.interpolated, "interpolated"), (self.new, "new"), (self.unused, "not used")):
            parts += [f"{len(names)} {verb} ({_some(names)})"] if names else []
        return ", ".join(parts)


def official_weights(architecture: str, name: str) -> "WeightsEnum":
    """torchvision's weights of that name, e.g. ('r3d_18', 'KINETICS400_V1'); DEFAULT names the best.

    UserError, with the nearest valid name, where there are none.
    """
    from torchvision.models import get_model_weights

    try:
        weights = get_model_weights(architecture)
    except ValueError as error:
        raise UserError(f"weights: {architecture} has no official ones, only your own file can be loaded") from error
    if name not in weights.__members__:
        hint = did_you_mean(name, [*weights.__members__]) if weights.__members__ else "there are none"
        raise UserError(f"weights: {architecture} has no official '{name}': {hint}")
    return weights[name]


def weights_names(architecture: str) -> list[str]:
    """Names of an architecture's official weights, without DEFAULT."""
    from torchvision.models import get_model_weights

    try:
        return [member.name for member in get_model_weights(architecture)]
    except ValueError:
        return []


def recipe(weights: "WeightsEnum") -> dict:
    """The input that official weights were trained on.

    mean, std: per channel, for values in [0, 1]; resize: pixels of the short side, or [height, width]; size: [height,
    width] of the crop; interpolation; min_frames and min_size: what torchvision's own network takes at least, or None.
    """
    transforms, meta = weights.transforms(), weights.meta
    own = type(weights).__name__ in OWN_NORMALISATION
    resize, crop = list(transforms.resize_size), list(transforms.crop_size)
    return {
        "mean": [0.5] * 3 if own else list(transforms.mean),
        "std": [0.5] * 3 if own else list(transforms.std),
        "resize": resize[0] if len(resize) == 1 else resize,
        "size": crop * 2 if len(crop) == 1 else crop,
        "interpolation": transforms.interpolation.value,
        "min_frames": meta.get("min_temporal_size"),
        "min_size": list(meta["min_size"]) if "min_size" in meta else None,
    }


def read_state(path: Path | str) -> State:
    """A file's tensors by name: .safetensors, or what torch.save wrote; nothing but tensors is ever unpickled.

    UserError where the file is missing, damaged or something else, or where its SHA-256 is not the one in its name.
    """
    path = Path(path)
    try:
        named = HASH_IN_NAME.search(path.name)
        if named and not (found := file_sha256(path)).startswith(named[1]):
            raise UserError(f"{path}: its SHA-256 begins with {found[:8]}, not {named[1]}: damaged, fetch it again")
        state = _load(path)
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror or error}") from error
    if isinstance(state, dict):
        state = next((state[key] for key in WRAPPERS if isinstance(state.get(key), dict)), state)
    if not isinstance(state, dict) or not state or not all(isinstance(value, torch.Tensor) for value in state.values()):
        raise UserError(f"{path}: holds no weights by name (a state dict); save model.state_dict()")
    # "module." is DataParallel's; NaN stands for "none" in torchvision's VGG16 IMAGENET1K_FEATURES.
    return {key.removeprefix("module."): value for key, value in state.items() if not value.isnan().any()}


def _load(path: Path) -> object:
    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            return load_file(path)
        return torch.load(path, map_location="cpu", weights_only=True)
    except OSError:
        raise
    except Exception as error:  # of many kinds, by how the file is damaged
        reason = " ".join(str(error).split())[:80]
        raise UserError(f"{path}: damaged, or not a file of weights ({reason}); fetch it again") from error


def load(model: nn.Module, state: State, options: dict, source: Path | str) -> Report:
    """Copy a state dict of torchvision's, or one of VidBench's own, into the model that `options` built.

    The classifier stays new where the file has none, or one for another number of classes, so a file of a backbone's
    features is enough. Positions are interpolated to the clip. UserError, which names `source`, where anything else is
    missing, unknown or of another shape: then it is another network's file.
    """
    clip_model = "architecture" in options
    name = options["architecture"] if clip_model else options["backbone"]["architecture"]
    network = model if clip_model else model.backbone
    last = classifier_name(network) if clip_model else getattr(network, "removed", None)
    state = state if clip_model else _own_backbone(state)
    family = import_module(f"vidbench.models.{models.module_names(options)[0 if clip_model else 1]}")
    fitted = family.fit_state(network, state) if hasattr(family, "fit_state") else state
    target = network.state_dict()
    fits = {key for key in fitted if key in target and target[key].shape == fitted[key].shape}
    of_classifier = {key for key in fitted if last and key.startswith(f"{last}.")}
    missing = [key for key in target if key not in fits and not key.endswith("num_batches_tracked")]
    lacking = [key for key in missing if not last or key.split(".")[0] != last.split(".")[0]]
    foreign = [key for key in fitted if key not in fits | of_classifier]
    if lacking or foreign or not fits - of_classifier:
        raise UserError(f"{source}: not weights of {name}: {_what_is_wrong(lacking, foreign, target)}")
    with torch.no_grad():
        for key in fits:
            target[key].copy_(fitted[key])
    interpolated = {key for key in fits if key in state and state[key] is not fitted[key]}
    unused = [*(of_classifier - fits), *(key for key in state if key.startswith(getattr(family, "AUXILIARY", ())))]
    return Report(sorted(fits - interpolated), sorted(interpolated), missing, sorted(unused))


def _own_backbone(state: State) -> State:
    """The backbone's tensors of a file that holds a whole VidBench model; any other file as it is."""
    if any(key.startswith("backbone.") for key in state):
        return {key.removeprefix("backbone."): state[key] for key in state if key.startswith("backbone.")}
    return state


def _what_is_wrong(lacking: list[str], foreign: list[str], target: State) -> str:
    reshaped = [key for key in foreign if key in target]
    unknown = [key for key in foreign if key not in target]
    absent = [key for key in lacking if key not in reshaped]
    kinds = ((unknown, "unknown"), (reshaped, "of another shape"), (absent, "missing"))
    return "; ".join(f"{len(keys)} tensors {kind} ({_some(keys)})" for keys, kind in kinds if keys) or "none fits"


def _some(names: Iterable[str], most: int = 3) -> str:
    names = list(names)
    return ", ".join(names[:most]) + (" ..." if len(names) > most else "")
