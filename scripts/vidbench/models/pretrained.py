"""Pretrained weights: reading a file of them, and copying them into a model."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from errno import EINVAL
from importlib import import_module
from pathlib import Path

import torch
from torch import nn

from vidbench import models
from vidbench.errors import UserError
from vidbench.files import file_sha256, hash_contradiction
from vidbench.models.classifier import classifier_name
from vidbench.models.options import NetworkOptions

State = dict[str, torch.Tensor]
WRAPPERS = ("state_dict", "model_state_dict", "model")  # keys under which training scripts keep the weights


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


def read_state(path: Path | str) -> State:
    """A file's tensors by name: .safetensors, or what torch.save wrote; nothing but tensors is ever unpickled.

    UserError where the file is missing, damaged or something else, or where its SHA-256 is not the one in its name.
    """
    path = Path(path)
    try:
        if wrong := hash_contradiction(path, path.name):
            raise UserError(f"{path}: {wrong}: damaged, fetch it again")
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
    except Exception as error:  # of many kinds, by how the file is damaged
        if isinstance(error, OSError) and error.errno != EINVAL:  # EINVAL: what torch makes of a truncated file
            raise
        reason = " ".join(str(error).split())[:80]
        raise UserError(f"{path}: damaged, or not a file of weights ({reason}); fetch it again") from error


def load_file(model: nn.Module, network: NetworkOptions, path: Path) -> dict:
    """Let a model start from the file `path`, which the network's `weights` stand for; prints what matched.

    `model` and `network` as load() takes them. Returns what a record says of it: name, sha256, and how many tensors
    were loaded, interpolated, new and not used.
    """
    name = network.weights
    report = load(model, read_state(path), network.architecture, path)
    print(f"weights {name} ({path}): {report}", flush=True)
    counts = {"loaded": len(report.matched) + len(report.interpolated), "interpolated": len(report.interpolated)}
    return {"name": name, "sha256": file_sha256(path), **counts, "new": len(report.new), "unused": len(report.unused)}


def load(model: nn.Module, state: State, name: str, source: Path | str) -> Report:
    """Copy a state dict of torchvision's, or one of VidBench's own, into a model whose network is called `name`.

    `model` may also be a backbone alone; a backbone's attribute `removed` names the classifier that it has lost. The
    classifier stays new where the file has none, or one for another number of classes, so a file
    of a backbone's features is enough. Positions are interpolated to the clip. UserError, which names `source`, where
    anything else is missing, unknown or of another shape: then it is another network's file.
    """
    network = getattr(model, "backbone", model)
    whole = name in models.ARCHITECTURES and not hasattr(network, "removed")
    last = classifier_name(network) if whole else getattr(network, "removed", None)
    state = state if whole else _own_backbone(state)
    family = import_module(f"vidbench.models.{models.network_module(name)}")
    fitted = family.fit_state(network, state) if hasattr(family, "fit_state") else state
    fits, missing = _compare(network.state_dict(), fitted, last, f"{source}: not weights of {name}")
    target = network.state_dict()
    with torch.no_grad():
        for key in fits:
            target[key].copy_(fitted[key])
    interpolated = {key for key in fits if key in state and state[key] is not fitted[key]}
    left = [key for key in fitted if key not in fits]
    unused = [*left, *(key for key in state if key.startswith(getattr(family, "AUXILIARY", ())))]
    return Report(sorted(fits - interpolated), sorted(interpolated), missing, sorted(unused))


def _compare(target: State, fitted: State, last: str | None, trouble: str) -> tuple[set[str], list[str]]:
    """Names that fit, and those of the classifier `last` that the file lacks; UserError where more is wrong.

    Three sets decide. `fits`: in both, of one shape. `missing`: in the network only, or of another shape. `foreign`: in
    the file only, or of another shape, the classifier apart. Whatever of the classifier is missing stays new: a whole
    network may have another number of classes, and a backbone (`last` is then the name of what was cut off) has none.
    All else that is missing or foreign is an error, for a whole network as for a backbone; heads are never loaded.
    """
    fits = {key for key in fitted if key in target and target[key].shape == fitted[key].shape}
    of_classifier = {key for key in fitted if last and key.startswith(f"{last}.")}
    missing = [key for key in target if key not in fits and not key.endswith("num_batches_tracked")]
    lacking = [key for key in missing if not last or key.split(".")[0] != last.split(".")[0]]
    foreign = [key for key in fitted if key not in fits | of_classifier]
    if lacking or foreign or not fits - of_classifier:
        raise UserError(f"{trouble}: {_what_is_wrong(lacking, foreign, target)}")
    return fits, missing


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
