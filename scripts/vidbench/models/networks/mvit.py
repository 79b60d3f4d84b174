"""torchvision's multiscale vision transformers, built for the length and size of the clips.

mvit_v1_b: Fan et al. 2021, arXiv:2104.11227, with a position for every patch. mvit_v2_s: Li et al. 2022,
arXiv:2112.01526, with positions of patches relative to each other.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.nn import functional

from vidbench.models.options import ClipOptions, NetworkOptions
from vidbench.models.token_source import TokenSource

if TYPE_CHECKING:
    from torchvision.models.video.mvit import MViT

PATCH = (2, 4, 4)  # stride of the patches: (time, height, width)
HAS_UNUSED_PARAMETERS = "has_unused_parameters"  # attribute that training on several devices asks for


def make_network(network: NetworkOptions, clip: ClipOptions, num_classes: int, dropout: float) -> nn.Module:
    """Make the network for the clip's frames and size."""
    name = network.architecture
    sides = (clip.frames, *clip.size)
    frames, height, width = (-(-side // stride) * stride for side, stride in zip(sides, PATCH, strict=True))
    model = _make_class()(
        spatial_size=(height, width),
        temporal_size=frames,
        dropout=dropout,
        num_classes=num_classes,
        **_settings(name),
    )
    # Its last block's positions between patches: only the class token of that block counts.
    setattr(model, HAS_UNUSED_PARAMETERS, name == "mvit_v2_s")
    return model


def _make_class() -> type[MViT]:
    """Return torchvision's class, but its forward pass makes tensors on the device of the clips.

    torchvision's makes the indices of relative positions on the CPU, so that a GPU would be waited for in each block.
    """
    from vidbench.models.networks.light_torchvision import models

    class MViT(models.video.MViT):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if x.device.type == "cpu" or torch.compiler.is_compiling():  # compiled, they are constants
                return super().forward(x)
            with x.device:
                return super().forward(x)

    return MViT


def _settings(name: str) -> dict:
    """Return the arguments of torchvision's MViT class for this network.

    torchvision's own functions only build it for 16 frames of 224 x 224. So one of them is run with a function instead
    of the class of the blocks, which records the arguments of each.
    """
    from vidbench.models.networks.light_torchvision import models

    blocks: list[dict] = []

    def record(**settings: object) -> nn.Module:
        blocks.append(settings)
        return nn.Identity()

    models.get_model(name, weights=None, block=record)
    shared = ("residual_pool", "residual_with_cls_embed", "rel_pos_embed", "proj_after_attn", "norm_layer")
    return {
        "block_setting": [block["cnf"] for block in blocks],
        "stochastic_depth_prob": blocks[-1]["stochastic_depth_prob"],  # the last block's is the largest
        **{key: blocks[0][key] for key in shared},
    }


def fit_state(model: MViT, state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return a state dict of the same network for other clips, its positions interpolated to this model's.

    torchvision's are for square frames, so positions whose number is a square are assumed to be those of a square.
    """
    fitted = dict(state)
    target = model.state_dict()
    for key in [key for key in state if key in target]:
        if key == "pos_encoding.spatial_pos":
            fitted[key] = _resize_grid(state[key], model.pos_encoding.spatial_size)
        elif key == "pos_encoding.temporal_pos" or ".rel_pos_" in key:
            fitted[key] = _resize_line(state[key], len(target[key]))
    return fitted


def _resize_line(positions: torch.Tensor, length: int) -> torch.Tensor:
    """Interpolate (N, D) -> (length, D), as MViTv2 does for relative positions."""
    if len(positions) == length:
        return positions
    return functional.interpolate(positions.T[None], size=length, mode="linear")[0].T


def _resize_grid(positions: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    """Interpolate (H * W, D), where H = W, -> (h * w, D)."""
    side = math.isqrt(len(positions))
    if side * side != len(positions) or size == (side, side):
        return positions
    grid = positions.T.reshape(1, -1, side, side)
    return functional.interpolate(grid, size=size, mode="bicubic", align_corners=False)[0].flatten(1).T


def token_source(backbone: MViT) -> TokenSource:
    """Return where the tokens are: the patches of the last block, without the class token."""
    return TokenSource(f"blocks.{len(backbone.blocks) - 1}", to_maps=_normalise_patches)


def _normalise_patches(network: MViT, output: tuple[torch.Tensor, tuple[int, int, int]]) -> torch.Tensor:
    tokens, extent = output  # (B, 1 + T * H * W, C)
    return network.norm(tokens)[:, 1:].transpose(1, 2).unflatten(2, extent)
