"""The stages of a network, from first to last: parts that can be frozen, or trained at a learning rate of their own.

One rule for all networks. The pieces are the root's children, and the children of containers instead of these. A piece
without a layer (norm, pooling, dropout, class token, positions) belongs to the stage before it; a single layer between
larger pieces, as between the stages of a Swin transformer, to the stage after it. The classifier is in no stage.
"""

from collections.abc import Iterator

from torch import nn
from torch.nn.modules.conv import _ConvNd

from vidbench.models.classifier import classifier_name

Stage = list[str]  # names of modules, and of parameters that are direct members of a container
NAMED_STAGES = "named_stages"  # attribute of a network that says what its stages are
CONTAINERS = ("blocks", "encoder", "features", "layers", "trunk_output")


def find_stages(network: nn.Module, classifier: str | None) -> list[Stage]:
    """Return the stages of a network whose classifier has the name `classifier`; None where it has none.

    resnet18, pieces:  conv1, bn1, relu, maxpool, layer1, layer2, layer3, layer4, avgpool
              stages:  [conv1, bn1, relu, maxpool], [layer1], [layer2], [layer3], [layer4]; fc is the classifier
    """
    stages: list[Stage] = []
    for piece in _iterate_pieces(network, classifier, ""):
        # A piece begins a new stage only where both it and the last stage have layers: so norm and pooling join what is
        # before them, and a class token or positions at the beginning what follows.
        if stages and not (_num_layers(network, [piece]) and _num_layers(network, stages[-1])):
            stages[-1].append(piece)
        else:
            stages.append([piece])
    while not _has_parameters(network, stages[-1][-1]):  # pooling and dropout right before the classifier
        stages[-1].pop()
    return _join_single_layers(network, stages)


def find_model_stages(model: nn.Module) -> list[Stage]:
    """Return the stages of a clip network, or of a model's backbone, by names within the whole model."""
    if not hasattr(model, "backbone"):
        return getattr(model, NAMED_STAGES, None) or find_stages(model, classifier_name(model))
    backbone = model.get_submodule("backbone")
    of_backbone = getattr(backbone, NAMED_STAGES, None) or find_stages(backbone, getattr(backbone, "removed", None))
    return [[f"backbone.{piece}" for piece in stage] for stage in of_backbone]


def is_in(name: str, stage: Stage) -> bool:
    """Return whether the parameter or module of that name is part of a stage."""
    return any(name == piece or name.startswith(f"{piece}.") for piece in stage)


def _iterate_pieces(module: nn.Module, classifier: str | None, prefix: str) -> Iterator[str]:
    """Yield the names of a container's direct parameters, then of its modules.

    Modules that hold the classifier are treated as containers, too: their other children are pieces.
    """
    yield from (prefix + name for name, _ in module.named_parameters(recurse=False))
    for name, child in module.named_children():
        full = prefix + name
        if name in CONTAINERS or (classifier and classifier.startswith(f"{full}.")):
            yield from _iterate_pieces(child, classifier, f"{full}.")
        elif full != classifier:
            yield full


def _join_single_layers(network: nn.Module, stages: list[Stage]) -> list[Stage]:
    """Join a stage of one layer with the larger one that follows; never the stem, which stays the first stage."""
    layers = [_num_layers(network, stage) for stage in stages]
    joined = [stages[0]]
    for index in range(1, len(stages)):
        if index > 1 and layers[index - 1] == 1 < layers[index]:
            joined[-1] = joined[-1] + stages[index]
        else:
            joined.append(stages[index])
    return joined


def _num_layers(network: nn.Module, stage: Stage) -> int:
    """Return the number of convolutions and linear layers of a stage."""
    modules = dict(network.named_modules())
    stage_modules = [module for piece in stage if piece in modules for module in modules[piece].modules()]
    return sum(isinstance(module, nn.Linear | _ConvNd) for module in stage_modules)


def _has_parameters(network: nn.Module, piece: str) -> bool:
    return any(is_in(name, [piece]) for name, _ in network.named_parameters())
