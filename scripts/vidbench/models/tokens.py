"""Tokens of a network: its last feature map, or its patches, averaged over the cells of a grid.

They are read while the network computes its features, so that one pass gives both. Where they are is said by
token_source(network) of the module that builds the network; without that function the network has a method
tokens(inputs): (B, H, W, C) of frames, (B, T, H, W, C) of clips.
"""

from collections.abc import Callable, Sequence
from functools import cache
from itertools import chain
from typing import Any, cast

import torch
from torch import nn
from torch.func import functional_call

from vidbench.errors import UserError
from vidbench.models.classifier import Backbone
from vidbench.models.token_source import INPUT, METHOD, OUTPUT, TokenSource

CACHED = torch.float16  # the type that tokens are stored in


class TokenBackbone(Backbone):
    """The type of a network after add_tokens(); its class stays a subclass of the network's own."""

    num_channels: int  # C
    cells: tuple[int, ...]  # (H, W) of a frame's grid, (T, H, W) of a clip's
    token_grid: tuple[int, ...]
    token_source: TokenSource | None
    token_capture: "Capture"
    rounds_tokens: bool
    has_unused_parameters: bool
    # Features (B, num_features) and tokens (B, cells * C) of one pass.
    read_both: Callable[[torch.Tensor], tuple[torch.Tensor, torch.Tensor]]


class Capture:
    """A hook that keeps what a layer takes or gives until it is asked for."""

    def __init__(self, of: str) -> None:
        """`of`: INPUT or OUTPUT."""
        self.of = of
        self.value: Any = None

    def __call__(self, _layer: nn.Module, inputs: tuple, output: Any) -> None:
        self.value = inputs[0] if self.of == INPUT else output

    def take(self) -> Any:
        """Return the value, and keep it no longer: it would hold the memory of a whole forward pass."""
        value, self.value = self.value, None
        return value


def add_tokens(
    network: Backbone, source: TokenSource | None, grid: Sequence[int], shape: Sequence[int], rounds: bool
) -> TokenBackbone:
    """Let a network's forward pass give tokens (B, cells * C), cell after cell, and return it; no weight is renamed.

    `source`: None where the network has a method tokens(); `grid`: the most cells in (height, width), or in (time,
    height, width); `shape`: of the network's input, without the batch; `rounds`: give the values that a cache of
    float16 gives. UserError where the network has no tokens of this grid's axes.
    """
    backbone = cast(TokenBackbone, network)
    method = source.name if source and source.of == METHOD else ""
    # The class changes, not the forward attribute: a copy of the model would call the original's.
    backbone.__class__ = _make_token_class(type(network), method)
    backbone.token_source = source
    backbone.token_grid = tuple(grid)
    backbone.rounds_tokens = rounds
    # Layers behind the map, such as VGG's hidden ones: training on several devices asks for it. Those of a frozen
    # network, whose tokens are rounded, have no gradient anyway.
    backbone.has_unused_parameters = not rounds
    backbone.token_capture = Capture(source.of if source else OUTPUT)
    if source and not method:
        backbone.get_submodule(source.name).register_forward_hook(backbone.token_capture)
    backbone.num_channels, *extent = _measure_maps(backbone, shape)
    if len(extent) != len(grid):
        raise UserError(f"tokens: {list(grid)}, but the network's are on a grid of {len(extent)} axes")
    backbone.cells = tuple(min(pair) for pair in zip(grid, extent, strict=True))
    return backbone


@cache
def _make_token_class(kind: Any, method: str) -> Any:
    """Make a subclass of a network's class, of the same name, that gives tokens; `method`: that gives its maps."""

    class WithTokens(kind):
        def forward(self, inputs: torch.Tensor) -> torch.Tensor:
            return self.pool_maps(self.read_maps(inputs))

        def read_both(self, inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            features = super().forward(inputs)
            maps = self._take_maps() if self.token_source else super().tokens(inputs).movedim(-1, 1)
            return features, self.pool_maps(maps)

        def read_maps(self, inputs: torch.Tensor) -> torch.Tensor:
            if not self.token_source:
                return super().tokens(inputs).movedim(-1, 1)
            super().forward(inputs)
            return self._take_maps()

        def pool_maps(self, maps: torch.Tensor) -> torch.Tensor:
            tokens = pool(maps, self.token_grid).flatten(2).transpose(1, 2).flatten(1)  # (B, cells * C)
            return round_as_cached(tokens) if self.rounds_tokens else tokens

        def _take_maps(self) -> torch.Tensor:
            return self.token_source.to_maps(self, self.token_capture.take())

    if method:

        def call_and_keep(self: Any, *arguments: Any, **options: Any) -> Any:
            self.token_capture.value = getattr(kind, method)(self, *arguments, **options)
            return self.token_capture.value

        setattr(WithTokens, method, call_and_keep)
    WithTokens.__name__ = kind.__name__
    return WithTokens


class _Maps(nn.Module):
    """A network's maps in place of its tokens."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """(B, ...) -> (B, C, H, W) or (B, C, T, H, W)."""
        return self.network.read_maps(inputs)


@torch.no_grad()
def _measure_maps(network: nn.Module, shape: Sequence[int]) -> list[int]:
    """Return channels and extent of a network's maps, without computing them."""
    was_training = network.training
    maps = _Maps(network.eval())
    on_meta = {name: tensor.to("meta") for name, tensor in chain(maps.named_parameters(), maps.named_buffers())}
    extent = functional_call(maps, on_meta, (torch.empty(1, *shape, device="meta"),)).shape[1:]
    network.train(was_training)
    return list(extent)


def pool(maps: torch.Tensor, grid: Sequence[int]) -> torch.Tensor:
    """Average (B, C, ...) over the cells of a grid, axis after axis: torch's adaptive pooling, but deterministic.

    Where an axis has fewer places than the grid it stays as it is.
    """
    for axis, cells in enumerate(grid, start=2):
        size = maps.shape[axis]
        if size > cells:
            ends = [(cell * size // cells, -(-(cell + 1) * size // cells)) for cell in range(cells)]
            parts = [maps.narrow(axis, first, last - first).mean(axis) for first, last in ends]
            maps = torch.stack(parts, axis)
    return maps


def round_as_cached(tokens: torch.Tensor) -> torch.Tensor:
    """Return the values that a cache gives; the gradient is that of the exact ones."""
    return tokens + (tokens.to(CACHED).to(tokens.dtype) - tokens).detach()
