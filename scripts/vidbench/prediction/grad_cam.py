"""Grad-CAM over time: which places of a clip, and when, speak for a class (Selvaraju et al. 2017, arXiv:1610.02391).

The map is captum's (LayerGradCam). Ours is at which layer it is taken: the last feature map of the network that still
has an extent, with its layout turned into captum's (N, C, ...).
"""

from dataclasses import dataclass
from functools import partial

import torch
from captum.attr import LayerAttribution, LayerGradCam
from torch import nn

from vidbench.models.stages import model_stages


@dataclass(frozen=True)
class Place:
    """A layer whose output is looked at, and how that output is laid out."""

    name: str
    layout: str  # "channels first" (N, C, ...), "channels last" (N, ..., C) or "tokens" (N, 1 + cells, C)
    cells: tuple[int, ...]  # extent: (h, w) of a frame, or (t, h, w) of a clip


class Probe(nn.Module):
    """A layer's output as a map (N, C, ...), which `map` gives out, and back again.

    The map is cut off from what made it: the gradient ends there, and so does the memory that it costs.
    """

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.map, self.place = nn.Identity(), place

    def forward(self, output: torch.Tensor) -> torch.Tensor:
        """The same values."""
        output = output.detach()
        if self.place.layout == "channels first":
            return self._shown(output).clone()  # the next layer may write into it
        if self.place.layout == "channels last":
            return self._shown(output.movedim(-1, 1)).movedim(1, -1).clone()
        patches = output[:, 1:].transpose(1, 2).unflatten(2, self.place.cells)  # (N, C, ...)
        return torch.cat([output[:, :1], self._shown(patches).flatten(2).transpose(1, 2)], dim=1)

    def _shown(self, maps: torch.Tensor) -> torch.Tensor:
        return self.map(maps.contiguous().requires_grad_())


def last_map(model: nn.Module, architecture: str, clip: torch.Tensor) -> Place:
    """The last feature map of a model, in evaluation mode, that has an extent in space and, of a clip, in time.

    `architecture`: of the model's network; `clip` (1, C, T, H, W): one of those that the model takes: the map's shape
    depends on its size.
    """
    if architecture.startswith(("vit", "mvit")):
        return _last_tokens(model, clip)
    layout = "channels last" if architecture.startswith("swin") else "channels first"
    shapes = _output_shapes(model, [piece for stage in model_stages(model) for piece in stage], clip)
    cells = {piece: shape[1:-1] if layout == "channels last" else shape[2:] for piece, shape in shapes.items()}
    cells = {piece: extent for piece, extent in cells.items() if len(extent) > 1}
    wide = [piece for piece, extent in cells.items() if min(extent[-2:]) > 1] or list(cells)
    moving = [piece for piece in wide if min(cells[piece]) > 1] or wide  # a short clip's last maps have no time left
    return Place(moving[-1], layout, cells[moving[-1]])


@torch.no_grad()
def _output_shapes(model: nn.Module, names: list[str], clip: torch.Tensor) -> dict[str, tuple[int, ...]]:
    """Shape of what each of these modules gives, in the order in which they run; parameters' names are left out."""
    shapes: dict[str, tuple[int, ...]] = {}

    def note(name: str, module: nn.Module, inputs: object, output: object) -> None:
        if isinstance(output, torch.Tensor):
            shapes[name] = tuple(output.shape)

    modules = dict(model.named_modules())
    hooks = [modules[name].register_forward_hook(partial(note, name)) for name in names if name in modules]
    model(clip)
    for hook in hooks:
        hook.remove()
    return shapes


@torch.no_grad()
def _last_tokens(model: nn.Module, clip: torch.Tensor) -> Place:
    """The patches that the last block attends to: what it makes of them counts for nothing beside its class token."""
    from torchvision.models import VisionTransformer
    from torchvision.models.video.mvit import MViT

    prefix = "backbone." if hasattr(model, "backbone") else ""
    network = model.get_submodule(prefix.rstrip("."))
    if isinstance(network, VisionTransformer):  # of single frames
        side = network.image_size // network.patch_size
        last = f"encoder_layer_{len(network.encoder.layers) - 1}"
        return Place(f"{prefix}encoder.layers.{last}.ln_1", "tokens", (side, side))
    assert isinstance(network, MViT)
    cells: list[tuple[int, ...]] = []
    hook = network.blocks[-1].register_forward_pre_hook(lambda module, inputs: cells.append(tuple(inputs[1])))
    model(clip)
    hook.remove()
    return Place(f"{prefix}blocks.{len(network.blocks) - 1}.norm1", "tokens", cells[0])


def activation_map(model: nn.Module, place: Place, clip: torch.Tensor, target: int) -> torch.Tensor:
    """Grad-CAM of class number `target` for one clip (1, C, T, H, W): (t, h, w), not negative, on the layer's cells.

    Of a backbone that sees single frames it is the frames' maps, each weighted by its own gradient, that of the head
    included; t is then T. The model is in evaluation mode, and its parameters need no gradient.
    """
    probe = Probe(place).to(clip.device)
    hook = model.get_submodule(place.name).register_forward_hook(lambda module, inputs, output: probe(output))
    try:
        # cuDNN's recurrent networks have no backward pass in evaluation mode.
        with torch.backends.cudnn.flags(enabled=False):
            maps = LayerGradCam(model, probe.map).attribute(clip, target=target, relu_attributions=True)
    finally:
        hook.remove()
    assert isinstance(maps, torch.Tensor)  # a tuple for layers with several outputs
    return maps.detach()[0, 0] if maps.ndim == 5 else maps.detach()[:, 0]


def fit_map(maps: torch.Tensor, shape: tuple[int, int, int]) -> torch.Tensor:
    """A map (t, h, w) interpolated to `shape` = (T, H, W), 1 at its largest value; all 0 where it was."""
    large = LayerAttribution.interpolate(maps[None, None], shape, interpolate_mode="trilinear")[0, 0]
    return large / large.max().clamp(min=torch.finfo(large.dtype).tiny)
