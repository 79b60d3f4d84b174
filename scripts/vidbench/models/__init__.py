"""Models by name. Each name maps to a module of this package, imported on use. Imports no torch.

So one family's source belongs to its own models only: editing it retrains them and no others.

catalogue.py: the descriptions of all networks, from families/. build.py: a model from its options. networks/, heads/:
its parts, one module per family. composite.py: backbone and head in one. requirements.py: what networks require of
clips. stages.py, freezing.py: parts of a network that are trained. pretrained.py, official_weights.py, weights_file.py:
weights in and out. tokens.py, token_source.py: tokens in place of a vector. classifier.py, batch_norm.py: details.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from vidbench.errors import UserError

if TYPE_CHECKING:
    from vidbench.models.options import ClipOptions, ModelOptions, NetworkOptions

_HEAD_FILES = sorted((Path(__file__).parent / "heads").glob("[!_]*.py"))
HEADS = {path.stem: f"heads.{path.stem}" for path in _HEAD_FILES}  # take the frames' features; found by being there
TOKEN_HEADS = ("attentive",)  # take tokens in place of the frames' features


def clip_names() -> list[str]:
    """Return all names of networks that take whole clips."""
    return [*_catalogue().clip_names()]


def backbone_names() -> list[str]:
    """Return the names of all networks that take single frames."""
    return [*_catalogue().frame_names()]


def takes_clips(name: str) -> bool:
    """Return whether a network's input is whole clips; otherwise it is single frames."""
    try:
        network = _catalogue().find(name)
    except UserError:  # of a family that knows its names, e.g. timm/resnet81
        return False
    return network is not None and network.takes_clips


def _catalogue() -> ModuleType:
    """Import by name: the descriptions change no result, so no step's code depends on them."""
    return import_module("vidbench.models.catalogue")


def module_names(options: ModelOptions) -> list[str]:
    """Return the modules of this package that build a model, e.g. ['composite', 'networks.cnn2d', 'heads.lstm']."""
    modules = [network_module(options.network.architecture)]
    if options.head.name is not None:
        modules = ["composite", *modules, HEADS[options.head.name]]
    modules = [*modules, "lora"] if options.training.lora else modules
    modules = [*modules, "tokens"] if options.takes_tokens else modules
    return [*modules, "pretrained"] if options.network.weights else modules


def network_module(name: str) -> str:
    """Return the module of a network, e.g. networks.torchvision3d; UserError where there is no such network."""
    return _catalogue().describe(name).module


def packages(name: str) -> tuple[str, ...]:
    """Return the packages whose versions may change what a network computes."""
    return _catalogue().describe(name).packages


def backbone_module_names(network: NetworkOptions) -> list[str]:
    """Return the modules of this package that a backbone's features depend on, e.g. ['networks.torchvision2d']."""
    tokens = ["tokens"] if network.tokens else []
    return [network_module(network.architecture), *tokens, *(["pretrained"] if network.weights else [])]


def check(options: ModelOptions) -> None:
    """Raise UserError where a model's options ask for what its network cannot do.

    The check changes no result, so its module is not among module_names().
    """
    import_module("vidbench.models.requirements").check(options)


def check_backbone(network: NetworkOptions, clip: ClipOptions) -> None:
    """Raise UserError where a backbone cannot take these clips; changes no result either."""
    import_module("vidbench.models.requirements").check_network(network, clip)
