"""The stages of a network, first to last: what can be frozen or trained at a rate of its own.

One rule for all: the root's children, in place of containers their children. A piece without a layer (norm, pooling,
dropout, class token, positions) goes with the piece before it; a single layer between larger pieces, as between the
stages of a Swin transformer, with the one that follows. The classifier is no part of any stage.
"""

from collections.abc import Iterator

from torch import nn
from torch.nn.modules.conv import _ConvNd

from vidbench.models.classifier import classifier_name

Stage = list[str]  # names of modules, and of parameters that stand beside modules
CONTAINERS = ("blocks", "encoder", "features", "layers", "trunk_output")


def stages(network: nn.Module, classifier: str | None) -> list[Stage]:
    """The stages of a network whose classifying layer has the name `classifier`; None where it has none."""
    pieces = list(_pieces(network, classifier, ""))
    found: list[Stage] = []
    for piece in pieces:
        if found and not (_num_layers(network, [piece]) and _num_layers(network, found[-1])):
            found[-1].append(piece)
        else:
            found.append([piece])
    while not _has_parameters(network, found[-1][-1]):  # pooling and dropout before the classifier are its own
        found[-1].pop()
    return _join_single_layers(network, found)


def model_stages(model: nn.Module, options: dict) -> list[Stage]:
    """The stages of the clip network or the backbone that `options` built, by names within the whole model."""
    if "architecture" in options:
        return stages(model, classifier_name(model))
    found = stages(model.backbone, getattr(model.backbone, "removed", None))
    return [[f"backbone.{piece}" for piece in stage] for stage in found]


def is_in(name: str, stage: Stage) -> bool:
    """Whether the parameter or module of that name is part of a stage."""
    return any(name == piece or name.startswith(f"{piece}.") for piece in stage)


def _pieces(module: nn.Module, classifier: str | None, prefix: str) -> Iterator[str]:
    """Names of a container's own parameters, then of its modules; modules that hold the classifier are opened, too."""
    yield from (prefix + name for name, _ in module.named_parameters(recurse=False))
    for name, child in module.named_children():
        full = prefix + name
        if name in CONTAINERS or (classifier and classifier.startswith(f"{full}.")):
            yield from _pieces(child, classifier, f"{full}.")
        elif full != classifier:
            yield full


def _join_single_layers(network: nn.Module, found: list[Stage]) -> list[Stage]:
    layers = [_num_layers(network, stage) for stage in found]
    joined = [found[0]]
    for place in range(1, len(found)):
        if place > 1 and layers[place - 1] == 1 < layers[place]:
            joined[-1] = joined[-1] + found[place]
        else:
            joined.append(found[place])
    return joined


def _num_layers(network: nn.Module, stage: Stage) -> int:
    """Convolutions and linear layers of a stage."""
    modules = dict(network.named_modules())
    held = [module for piece in stage if piece in modules for module in modules[piece].modules()]
    return sum(isinstance(module, nn.Linear | _ConvNd) for module in held)


def _has_parameters(network: nn.Module, piece: str) -> bool:
    return any(is_in(name, [piece]) for name, _ in network.named_parameters())
