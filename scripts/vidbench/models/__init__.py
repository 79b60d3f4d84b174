"""Models by name. Each name maps to a module of this package, imported on use. Imports no torch.

So one family's source belongs to its own models only: editing it retrains them and no others.

build.py: a model from its options. networks/, heads/: its parts, one module per family. composite.py: backbone and head
in one. requirements.py: what networks require of clips. stages.py, freezing.py: parts of a network that are
trained. pretrained.py, official_weights.py, weights_file.py: weights in and out. classifier.py, batch_norm.py: details.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vidbench.models.options import ClipOptions, ModelOptions, NetworkOptions

ARCHITECTURES = {  # take a whole clip
    "cnn3d": "networks.cnn3d",
    "r3d_18": "networks.torchvision3d",
    "mc3_18": "networks.torchvision3d",
    "r2plus1d_18": "networks.torchvision3d",
    "s3d": "networks.s3d",
    "mvit_v1_b": "networks.mvit",
    "mvit_v2_s": "networks.mvit",
    "swin3d_t": "networks.torchvision3d",
    "swin3d_s": "networks.torchvision3d",
    "swin3d_b": "networks.torchvision3d",
}
BACKBONES = {"cnn2d": "networks.cnn2d"}  # take one frame; all other names are torchvision's
TORCHVISION = "networks.torchvision2d"
HEADS = {  # take the frames' features
    "mean": "heads.mean",
    "max": "heads.max",
    "lstm": "heads.lstm",
    "gru": "heads.gru",
    "tcn": "heads.tcn",
    "transformer": "heads.transformer",
    "tsm": "heads.tsm",
}


def backbone_names() -> list[str]:
    """Return all names that a backbone's `architecture` may be."""
    return [*BACKBONES, *import_module("vidbench.models.tables.torchvision_names").NAMES]


def module_names(options: ModelOptions) -> list[str]:
    """Return the modules of this package that build a model, e.g. ['composite', 'networks.cnn2d', 'heads.lstm']."""
    modules = [network_module(options.network.architecture)]
    if options.head.name is not None:
        modules = ["composite", *modules, HEADS[options.head.name]]
    return [*modules, "pretrained"] if options.network.weights else modules


def network_module(name: str) -> str:
    """Return the module of a clip architecture or a backbone."""
    return ARCHITECTURES.get(name) or BACKBONES.get(name, TORCHVISION)


def backbone_module_names(network: NetworkOptions) -> list[str]:
    """Return the modules of this package that a backbone's features depend on, e.g. ['networks.torchvision2d']."""
    return [network_module(network.architecture), *(["pretrained"] if network.weights else [])]


def check(options: ModelOptions) -> None:
    """Raise UserError where a model's options ask for what its network cannot do.

    The check changes no result, so its module is not among module_names().
    """
    import_module("vidbench.models.requirements").check(options)


def check_backbone(network: NetworkOptions, clip: ClipOptions) -> None:
    """Raise UserError where a backbone cannot take these clips; changes no result either."""
    import_module("vidbench.models.requirements").check_network(network, clip)
