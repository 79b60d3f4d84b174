"""Pretrained weights: reading a file, and copying its tensors into a model."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from errno import EINVAL
from importlib import import_module
from pathlib import Path
from types import ModuleType

import torch
from torch import nn

from vidbench import models
from vidbench.errors import UserError
from vidbench.files import file_sha256, hash_contradiction
from vidbench.models import weights_kind
from vidbench.models.classifier import classifier_name
from vidbench.models.options import NetworkOptions

State = dict[str, torch.Tensor]
INTERPOLATED = "interpolated"  # attribute of a network whose file has other names of tensors, which does not tell
FOREIGN_OBJECT = re.compile(r"Unsupported global: GLOBAL (\S+)")  # in a refusal of torch's
WRAPPERS = ("state_dict", "model_state_dict", "model")  # keys under which training scripts keep the weights


@dataclass(frozen=True)
class Report:
    """Result of load(), by names of tensors."""

    matched: list[str] = field(default_factory=list)  # copied
    interpolated: list[str] = field(default_factory=list)  # copied, after positions were fitted to the clip
    new: list[str] = field(default_factory=list)  # not in the file, so random; only in the classifier
    unused: list[str] = field(default_factory=list)  # in the file only: its classifier and auxiliary classifiers

    def __str__(self) -> str:
        parts = [f"{len(self.matched) + len(self.interpolated)} tensors loaded"]
        for names, verb in ((self.interpolated, "interpolated"), (self.new, "new"), (self.unused, "not used")):
            parts += [f"{len(names)} {verb} ({_some(names)})"] if names else []
        return ", ".join(parts)


def read_state(path: Path | str) -> State:
    """Read a file's tensors by name: .safetensors, or written by torch.save; only tensors are ever unpickled.

    UserError where the file is missing, damaged or something else, or where its SHA-256 is not the one in its name.
    """
    path = Path(path)
    try:
        if contradiction := hash_contradiction(path, path.name):
            raise UserError(f"{path}: {contradiction}: damaged, fetch it again")
        weights_kind.check(path)
        state = _load(path)
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror or error}") from error
    if isinstance(state, dict):
        state = next((state[key] for key in WRAPPERS if isinstance(state.get(key), dict)), state)
    if not isinstance(state, dict) or not state or not all(isinstance(value, torch.Tensor) for value in state.values()):
        raise UserError(f"{path}: holds no weights by name (a state dict); save model.state_dict()")
    # "module." is DataParallel's prefix; torchvision's VGG16 IMAGENET1K_FEATURES has NaN for tensors that it lacks.
    return {key.removeprefix("module."): value for key, value in state.items() if not value.isnan().any()}


def _load(path: Path) -> object:
    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            return load_file(path)
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # of many kinds, depending on the damage
        if isinstance(error, OSError) and error.errno != EINVAL:  # EINVAL: what torch makes of a truncated file
            raise
        if found := FOREIGN_OBJECT.search(str(error)):
            reason = f"it holds a {found[1]}"
            raise UserError(f"{path}: damaged, or not a file of weights ({reason}); save model.state_dict()") from error
        reason = " ".join(str(error).split())[:80]
        raise UserError(weights_kind.damaged(path, reason)) from error


def load_file(model: nn.Module, network: NetworkOptions, path: Path) -> dict:
    """Load the file `path` of the network's `weights` into a model, or a backbone alone; print what matched.

    Returns the record for options.json: name, sha256, and the numbers of tensors that were loaded, interpolated, new
    and not used.
    """
    name = network.weights
    report = load(model, read_state(path), network.architecture, path)
    print(f"weights {name} ({path}): {report}", flush=True)
    counts = {"loaded": len(report.matched) + len(report.interpolated), "interpolated": len(report.interpolated)}
    return {"name": name, "sha256": file_sha256(path), **counts, "new": len(report.new), "unused": len(report.unused)}


def load(model: nn.Module, state: State, name: str, source: Path | str) -> Report:
    """Copy a state dict, torchvision's or VidBench's, into a model whose network is called `name`.

    `model` may also be a backbone alone; a backbone's attribute `removed` names its former classifier. The classifier
    stays new where the file has none, or one for another number of classes, so a file without a classifier is enough.
    Positions are interpolated to the clip. UserError, which names `source`, where anything else is missing, unknown or
    of another shape: then it is another network's file.
    """
    network = getattr(model, "backbone", model)
    whole = models.takes_clips(name) and not hasattr(network, "removed")
    last = classifier_name(network) if whole else getattr(network, "removed", None)
    state = state if whole else _select_backbone(state)
    family = import_module(f"vidbench.models.{models.network_module(name)}")
    fitted = _fit(family, network, state, source)
    fits, missing = _compare(network.state_dict(), fitted, last, f"{source}: not weights of {name}")
    target = network.state_dict()
    with torch.no_grad():
        for key in fits:
            target[key].copy_(fitted[key])
    interpolated = getattr(network, INTERPOLATED, None)
    if interpolated is None:
        interpolated = {key for key in fits if key in state and state[key] is not fitted[key]}
    auxiliary = [key for key in state if key.startswith(getattr(family, "AUXILIARY", ()))]
    unused = [*(key for key in fitted if key not in fits), *auxiliary]
    return Report(sorted(fits - interpolated), sorted(interpolated), missing, sorted(unused))


def _fit(family: ModuleType, network: nn.Module, state: State, source: Path | str) -> State:
    """Return a state dict with the network's names and positions, where its module converts any."""
    if not hasattr(family, "fit_state"):
        return state
    try:
        return family.fit_state(network, state)
    except UserError as error:
        raise UserError(f"{source}: {error}") from error


def _compare(target: State, fitted: State, last: str | None, trouble: str) -> tuple[set[str], list[str]]:
    """Return the names that fit, and those of the classifier `last` that the file lacks; UserError for other gaps.

    Three sets decide:
        fits     in the network and the file, of one shape           copied
        missing  in the network only, or of another shape there      of the classifier: stays new; else an error
        foreign  in the file only, or of another shape, but not of   an error
                 the classifier
    This holds for a whole network, whose classifier may have another number of classes, and for a backbone, which has
    lost its classifier (`last` is that one's name). Heads are never loaded.
    """
    fits = {key for key in fitted if key in target and target[key].shape == fitted[key].shape}
    of_classifier = {key for key in fitted if last and key.startswith(f"{last}.")}
    missing = [key for key in target if key not in fits and not key.endswith("num_batches_tracked")]
    lacking = [key for key in missing if not last or key.split(".")[0] != last.split(".")[0]]
    foreign = [key for key in fitted if key not in fits | of_classifier]
    if lacking or foreign or not fits - of_classifier:
        raise UserError(f"{trouble}: {_describe_misfit(lacking, foreign, target)}")
    return fits, missing


def _select_backbone(state: State) -> State:
    """Return the backbone's tensors of a file that holds a whole VidBench model; of any other file all tensors."""
    if any(key.startswith("backbone.") for key in state):
        return {key.removeprefix("backbone."): state[key] for key in state if key.startswith("backbone.")}
    return state


def _describe_misfit(lacking: list[str], foreign: list[str], target: State) -> str:
    reshaped = [key for key in foreign if key in target]
    unknown = [key for key in foreign if key not in target]
    absent = [key for key in lacking if key not in reshaped]
    kinds = ((unknown, "unknown"), (reshaped, "of another shape"), (absent, "missing"))
    return "; ".join(f"{len(keys)} tensors {kind} ({_some(keys)})" for keys, kind in kinds if keys) or "none fits"


def _some(names: Iterable[str], most: int = 3) -> str:
    names = list(names)
    return ", ".join(names[:most]) + (" ..." if len(names) > most else "")
