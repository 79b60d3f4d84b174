"""timm's networks as backbones: what enters their classifier, after pooling, is a frame's features."""

import inspect
import math
import sys
from collections.abc import Callable
from typing import Any
from unittest import mock

import torch
from torch import nn

from vidbench.errors import UserError
from vidbench.models.classifier import Backbone
from vidbench.models.options import ClipOptions, NetworkOptions
from vidbench.models.stages import NAMED_STAGES, Stage
from vidbench.models.token_source import METHOD, TokenSource

PREFIX = "timm/"
SIZE_ERRORS = (AssertionError, IndexError, RuntimeError, ValueError, ZeroDivisionError)
State = dict[str, torch.Tensor]


def make_backbone(network: NetworkOptions, clip: ClipOptions) -> Backbone:
    """Make a network without its classifier; UserError where it cannot take frames of the clip's size."""
    name = network.architecture
    drop_path = {} if network.drop_path is None else {"drop_path_rate": network.drop_path}
    try:
        backbone = _create(name.removeprefix(PREFIX), clip.size, drop_path)
        # timm's own number is that of the last feature maps, after which some networks have a hidden layer.
        backbone.num_features = _count_features(backbone, clip.size)
    except SIZE_ERRORS as error:
        raise UserError(_explain_size(name, clip.size, error)) from error
    setattr(backbone, NAMED_STAGES, find_groups(backbone))
    return backbone


def _create(name: str, size: tuple[int, int], drop_path: dict[str, float]) -> Any:
    """Make timm's network; one that is built for a size gets the clip's."""
    import timm

    cfg = timm.get_pretrained_cfg(name)
    sized: dict[str, Any] = {"img_size": size} if cfg is not None and cfg.fixed_input_size else {}
    arguments: dict[str, Any] = {"num_classes": 0, **drop_path}
    try:
        return timm.create_model(name, **arguments, **sized)
    except TypeError as error:  # an argument that this network does not have
        if "drop_path_rate" in str(error):
            raise UserError(f"{PREFIX}{name} has no drop path; leave drop_path out") from error
        if "img_size" not in str(error):
            raise
        return timm.create_model(name, **arguments)


def _count_features(backbone: nn.Module, size: tuple[int, int]) -> int:
    """Return the number of features, by trying a frame; ValueError where the output is no vector."""
    was_training = backbone.training
    device = next(backbone.parameters()).device
    with torch.no_grad():
        features = backbone.eval()(torch.zeros(1, 3, *size, device=device))
    backbone.train(was_training)
    if features.ndim != 2:
        raise ValueError(f"its features are no vector, but of shape {tuple(features.shape[1:])}")
    return features.shape[1]


def _explain_size(name: str, size: tuple[int, int], error: Exception) -> str:
    import timm

    cfg: Any = timm.get_pretrained_cfg(name.removeprefix(PREFIX))
    height, width = cfg.input_size[1:]
    reason = " ".join(str(error).split())[:100] or type(error).__name__
    return (
        f"{name} cannot take frames of {size[0]} x {size[1]} pixels ({reason}); its own size is {height} x {width}:"
        f" set clip.size: [{height}, {width}]"
    )


def find_groups(network: Any) -> list[Stage]:
    """Return timm's groups of layers, from first to last, as the largest modules that are in one group; [] for none.

    resnet18: [conv1, bn1, act1, maxpool], [layer1], ..., [layer4, global_pool]. What has no parameters belongs to the
    group before it, a module that stands in several places to that of the first.
    """
    from timm.models import group_parameters

    try:
        groups: Any = group_parameters(network, network.group_matcher(coarse=True), reverse=True)
    except (AttributeError, AssertionError):  # it has no groups, or only fine ones
        return []
    stages: list[Stage] = [[] for _ in range(max(groups.values()) + 1)]
    _place(network, "", groups, stages, 0)
    return stages


def _place(module: nn.Module, prefix: str, groups: dict[str, int], stages: list[Stage], last: int) -> int:
    """Append the parts of a module that is in several groups to their stages; return the last stage."""
    for name, _ in module.named_parameters(recurse=False):
        last = groups.get(prefix + name, last)
        stages[last].append(prefix + name)
    for name, child in module.named_children():
        full = prefix + name
        inner = [f"{full}.{key}" for key, _ in child.named_parameters()]
        numbers = {groups[key] for key in inner if key in groups}
        if len(numbers) > 1:
            last = _place(child, f"{full}.", groups, stages, last)
        else:
            last = next(iter(numbers), last)
            stages[last].append(full)
    return last


def fit_state(network: Any, state: State) -> State:
    """Return a published state dict in the network's names, its positions fitted to the size, without classifiers."""
    cfg = network.pretrained_cfg
    fitted = _convert(find_conversion(cfg["architecture"]), dict(state), network)
    classifiers = cfg.get("classifier") or ()
    classifiers = (classifiers,) if isinstance(classifiers, str) else classifiers
    target = network.state_dict()
    removed = tuple(f"{name}." for name in classifiers)
    return {key: tensor for key, tensor in fitted.items() if key in target or not key.startswith(removed)}


def _convert(convert: Callable[..., State] | None, state: State, network: nn.Module) -> State:
    if convert is None:
        return state
    return convert(state, network) if len(inspect.signature(convert).parameters) > 1 else convert(state)


def find_conversion(name: str) -> Callable[..., State] | None:
    """Return the function that timm converts a network's published files with.

    It is an argument of build_model_with_cfg(), by which timm's modules make their networks; here none is made.
    """
    import timm

    module = sys.modules[timm.models.model_entrypoint(name).__module__]
    with mock.patch.object(module, timm.models.build_model_with_cfg.__name__) as build:
        timm.create_model(name, num_classes=0)
    return build.call_args.kwargs.get("pretrained_filter_fn")


def token_source(backbone: nn.Module) -> TokenSource:
    """Return where the tokens are: the last map, or the patches without class token and registers."""
    return TokenSource("forward_features", METHOD, to_maps=_arrange_tokens)


def _arrange_tokens(network: Any, output: Any) -> torch.Tensor:
    """Return (B, C, H, W); UserError where timm's network gives neither a map nor a square or known grid of patches."""
    if isinstance(output, torch.Tensor) and output.ndim == 4:
        return output.movedim(-1, 1) if getattr(network, "output_fmt", "") == "NHWC" else output
    if isinstance(output, torch.Tensor) and output.ndim == 3:
        patches = output[:, getattr(network, "num_prefix_tokens", 0) :].transpose(1, 2)  # (B, C, N)
        height, width = getattr(getattr(network, "patch_embed", None), "grid_size", None) or (0, 0)
        if height * width != patches.shape[2]:
            height = width = math.isqrt(patches.shape[2])
        if height * width == patches.shape[2]:
            return patches.unflatten(2, (height, width))
    raise UserError(f"tokens: timm's {type(network).__name__} has none on a grid; leave tokens out")
