"""Grad-CAM over time: where and when a clip raises a class's logit (Selvaraju et al. 2017, arXiv:1610.02391).

captum computes the map (LayerGradCam). This module selects the layer, the last feature map of the network that still
has an extent, and turns its layout into captum's (N, C, ...).
"""

import math
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from captum.attr import LayerAttribution, LayerGradCam
from torch import nn

from vidbench.errors import UserError
from vidbench.models.stages import find_model_stages
from vidbench.models.token_source import INPUT


@dataclass(frozen=True)
class Place:
    """A layer whose output is mapped, and the layout of that output."""

    name: str
    layout: str  # "channels first" (N, C, ...), "channels last" (N, ..., C) or "tokens" (N, prefix_tokens + cells, C)
    cells: tuple[int, ...]  # extent: (h, w) of a frame, or (t, h, w) of a clip
    prefix_tokens: int = 1  # before those of the cells: the class token, and registers


class Probe(nn.Module):
    """A layer's output turned into a map (N, C, ...), which passes through the module `map`, and back again.

    The map is detached from what made it: the backward pass ends there, and needs no memory for the layers before.
    """

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.map = nn.Identity()
        self.place = place

    def forward(self, output: torch.Tensor) -> torch.Tensor:
        """Return the same values."""
        output = output.detach()
        if self.place.layout == "channels first":
            return self._pass_through(output).clone()  # the next layer may write into it
        if self.place.layout == "channels last":
            return self._pass_through(output.movedim(-1, 1)).movedim(1, -1).clone()
        prefix, patches = output.tensor_split([self.place.prefix_tokens], dim=1)
        maps = self._pass_through(patches.transpose(1, 2).unflatten(2, self.place.cells))  # (N, C, ...)
        return torch.cat([prefix, maps.flatten(2).transpose(1, 2)], dim=1)

    def _pass_through(self, maps: torch.Tensor) -> torch.Tensor:
        return self.map(maps.contiguous().requires_grad_())


def last_map(model: nn.Module, architecture: str, clip: torch.Tensor) -> Place:
    """Return the last feature map of a model in eval mode that has an extent in space and, of a clip, in time.

    `architecture`: name of the model's network; `clip` (1, C, T, H, W): one that the model takes, as the map's shape
    depends on its size. UserError where there is no such map.
    """
    if architecture == "zero_shot":
        return _last_frame_tokens(model, clip)
    if architecture.startswith(("vit", "mvit")):
        return _last_tokens(model, clip)
    if architecture.startswith("hf/"):
        return _last_transformers_tokens(model)
    if architecture.startswith("timm/") and (place := _last_timm_tokens(model, clip)):
        return place
    is_channels_last = architecture.startswith("swin") or _timm_format(model) == "NHWC"
    layout = "channels last" if is_channels_last else "channels first"
    pieces = [piece for stage in find_model_stages(model) for piece in stage if piece != _layer_after_tokens(model)]
    shapes = _output_shapes(model, pieces, clip)
    cells = {name: shape[1:-1] if layout == "channels last" else shape[2:] for name, shape in shapes.items()}
    cells = {name: extent for name, extent in cells.items() if len(extent) > 1}
    if not cells:
        raise UserError(f"{architecture} has no map to explain its answers by; set evaluation.explained_videos: 0")
    wide = [name for name, extent in cells.items() if min(extent[-2:]) > 1] or list(cells)  # more than 1 x 1 in space
    long = [name for name in wide if min(cells[name]) > 1] or wide  # a short clip's last maps have one step in time
    return Place(long[-1], layout, cells[long[-1]])


def _layer_after_tokens(model: nn.Module) -> str | None:
    """Return the layer whose input a head on tokens reads: its output reaches no logit."""
    source = getattr(getattr(model, "backbone", None), "token_source", None)
    return f"backbone.{source.name}" if source and source.of == INPUT else None


@torch.no_grad()
def _output_shapes(model: nn.Module, names: list[str], clip: torch.Tensor) -> dict[str, tuple[int, ...]]:
    """Return the output shapes of these modules in the order in which they run; `names` of parameters are ignored."""
    shapes: dict[str, tuple[int, ...]] = {}

    def record_shape(name: str, module: nn.Module, inputs: object, output: object) -> None:
        if isinstance(output, torch.Tensor):
            shapes[name] = tuple(output.shape)

    modules = dict(model.named_modules())
    hooks = [modules[name].register_forward_hook(partial(record_shape, name)) for name in names if name in modules]
    model(clip)
    for hook in hooks:
        hook.remove()
    return shapes


@torch.no_grad()
def _last_tokens(model: nn.Module, clip: torch.Tensor) -> Place:
    """Return the patches that the last block attends to: of its output, only the class token is classified."""
    from torchvision.models import VisionTransformer
    from torchvision.models.video.mvit import MViT

    prefix = "backbone." if hasattr(model, "backbone") else ""
    network = model.get_submodule(prefix.rstrip("."))
    if isinstance(network, VisionTransformer):  # for single frames
        side = network.image_size // network.patch_size
        last = f"encoder_layer_{len(network.encoder.layers) - 1}"
        return Place(f"{prefix}encoder.layers.{last}.ln_1", "tokens", (side, side))
    assert isinstance(network, MViT)
    cells: list[tuple[int, ...]] = []
    hook = network.blocks[-1].register_forward_pre_hook(lambda module, inputs: cells.append(tuple(inputs[1])))
    model(clip)
    hook.remove()
    return Place(f"{prefix}blocks.{len(network.blocks) - 1}.norm1", "tokens", cells[0])


def _last_transformers_tokens(model: nn.Module) -> Place:
    """Return the tokens that a network of the library transformers names itself."""
    prefix = "backbone." if hasattr(model, "backbone") else ""
    network: Any = model.get_submodule(prefix.rstrip("."))
    name, cells, num_class_tokens = network.map_layer()
    return Place(f"{prefix}{name}", "tokens", cells, num_class_tokens)


def _timm_format(model: nn.Module) -> str:
    """Return the layout that a network of timm's has by its own words; "" for others."""
    return str(getattr(getattr(model, "backbone", None), "output_fmt", ""))


def _last_timm_tokens(model: nn.Module, clip: torch.Tensor) -> Place | None:
    """Return the patches that the last block of a vision transformer of timm's attends to; None for other networks."""
    network = model.get_submodule("backbone")
    grid = getattr(getattr(network, "patch_embed", None), "grid_size", None)
    blocks, prefix_tokens = getattr(network, "blocks", None), getattr(network, "num_prefix_tokens", None)
    if grid is None or not isinstance(blocks, nn.Sequential | nn.ModuleList) or not isinstance(prefix_tokens, int):
        return None
    name = f"backbone.blocks.{len(blocks) - 1}.norm1"
    shape = _output_shapes(model, [name], clip).get(name, ())
    fits = len(shape) == 3 and shape[1] == prefix_tokens + math.prod(grid)
    return Place(name, "tokens", tuple(grid), prefix_tokens) if fits else None


def _last_frame_tokens(model: nn.Module, clip: torch.Tensor) -> Place:
    """Return the patches that the last block of an image-text network's image tower attends to."""
    tower = model.get_submodule("backbone")
    config: Any = tower.get_submodule("vision_model").config
    name = f"backbone.vision_model.encoder.layers.{config.num_hidden_layers - 1}.layer_norm1"
    cells = tuple(side // config.patch_size for side in clip.shape[-2:])
    shape = _output_shapes(model, [name], clip)[name]
    return Place(name, "tokens", cells, shape[1] - math.prod(cells))


def activation_map(model: nn.Module, place: Place, clip: torch.Tensor, target: int) -> torch.Tensor:
    """Compute Grad-CAM of class number `target` for one clip (1, C, T, H, W): (t, h, w) >= 0 on the layer's cells.

    With a backbone for single frames it is the maps of the T frames, each weighted by its own gradient, through the
    head, too; t is then T. The model is in eval mode, and its parameters need no gradient.
    """
    probe = Probe(place).to(clip.device)
    layer = model.get_submodule(place.name)
    # Before the other hooks: a head may read its tokens from this layer's output.
    hook = layer.register_forward_hook(lambda module, inputs, output: probe(output), prepend=True)
    try:
        # cuDNN's recurrent networks have no backward pass in eval mode.
        with torch.backends.cudnn.flags(enabled=False):
            maps = LayerGradCam(model, probe.map).attribute(clip, target=target, relu_attributions=True)
    finally:
        hook.remove()
    assert isinstance(maps, torch.Tensor)  # a tuple for layers with several outputs
    return maps.detach()[0, 0] if maps.ndim == 5 else maps.detach()[:, 0]


def fit_map(maps: torch.Tensor, shape: tuple[int, int, int]) -> torch.Tensor:
    """Interpolate a map (t, h, w) to `shape` = (T, H, W), and scale its maximum to 1; a map of zeros stays so."""
    large = LayerAttribution.interpolate(maps[None, None], shape, interpolate_mode="trilinear")[0, 0]
    return large / large.max().clamp(min=torch.finfo(large.dtype).tiny)
