"""Reads tokens with attention: V-JEPA 2's probe (Assran et al. 2025, arXiv:2506.09985).

Blocks of self-attention, if any, then one of cross-attention in which a learned query asks all tokens. As there, the
width is the tokens' own, and the cross-attention has no layer behind it but the MLP.
"""

import math

import torch
from torch import nn
from torch.nn import functional

from vidbench.errors import UserError
from vidbench.models.heads import mean, transformer
from vidbench.models.options import HeadOptions

EPSILON = 1e-6  # of layer norm
HEAD_SIZE = 64  # channels of an attention head, at least
INITIAL_STD = 0.02
MLP_RATIO = 4


def choose_num_heads(width: int, asked: int | None) -> int:
    """Return the number of attention heads: what is asked for, else as many as have HEAD_SIZE channels or more."""
    if asked is None:
        return next((heads for heads in range(width // HEAD_SIZE, 1, -1) if width % heads == 0), 1)
    if width % asked:
        raise UserError(f"attention_heads: {asked} do not divide the tokens' {width} channels; leave it out")
    return asked


class Attention(nn.Module):
    """Attention with several heads; `has_output`: with a linear layer behind it."""

    def __init__(self, width: int, heads: int, has_output: bool) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.output = nn.Linear(width, width) if has_output else nn.Identity()

    def forward(self, queries: torch.Tensor, tokens: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        """(B, Q, D), (B, N, D) -> (B, Q, D); `mask` (B, 1, 1, N): which tokens count."""
        query, key, value = (
            layer(values).unflatten(2, (self.heads, -1)).transpose(1, 2)  # (B, heads, Q or N, D / heads)
            for layer, values in ((self.query, queries), (self.key, tokens), (self.value, tokens))
        )
        attended = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        return self.output(attended.transpose(1, 2).flatten(2))


class Block(nn.Module):
    """Attention and an MLP, each behind a layer norm and beside a shortcut; a query itself is not normalised."""

    def __init__(self, width: int, heads: int, *, is_cross: bool) -> None:
        super().__init__()
        self.is_cross = is_cross
        self.norm = nn.LayerNorm(width, eps=EPSILON)
        self.attention = Attention(width, heads, has_output=not is_cross)
        self.mlp_norm = nn.LayerNorm(width, eps=EPSILON)
        self.mlp = nn.Sequential(nn.Linear(width, MLP_RATIO * width), nn.GELU(), nn.Linear(MLP_RATIO * width, width))

    def forward(self, queries: torch.Tensor, tokens: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        """(B, Q, D), (B, N, D) -> (B, Q, D); in self-attention both are the same."""
        normalised = self.norm(tokens)
        outputs = queries + self.attention(queries if self.is_cross else normalised, normalised, mask)
        return outputs + self.mlp(self.mlp_norm(outputs))


class Head(nn.Module):
    """`blocks` of self-attention, then cross-attention with one learned query, and a linear classifier.

    Tokens of single frames do not say when they were: they are normalised and get the sinusoidal positions of their
    frames. Those of networks that take clips are read as they are.
    """

    positions: torch.Tensor  # (T, D)

    def __init__(
        self, num_channels: int, num_classes: int, options: HeadOptions, frames: int, *, of_frames: bool = False
    ) -> None:
        """`num_channels`: of a token; `of_frames`: tokens are of single frames."""
        super().__init__()
        self.width = num_channels
        self.of_frames = of_frames
        heads = choose_num_heads(num_channels, options.attention_heads)
        self.blocks = nn.ModuleList(Block(num_channels, heads, is_cross=False) for _ in range(options.blocks))
        self.query = nn.Parameter(torch.empty(1, 1, num_channels))
        self.cross = Block(num_channels, heads, is_cross=True)
        self.dropout = nn.Dropout(options.dropout)
        self.classifier = nn.Linear(num_channels, num_classes)
        self.register_buffer("positions", transformer.positions(frames, num_channels), persistent=False)
        self._initialise()

    def forward(self, features: torch.Tensor, lengths: torch.Tensor | None = None) -> torch.Tensor:
        """(B, T, cells * D) -> (B, K); of clip b only the tokens of the first `lengths[b]` frames count."""
        tokens = features.unflatten(2, (-1, self.width))  # (B, T, cells, D)
        if self.of_frames:
            tokens = functional.layer_norm(tokens, (self.width,), eps=EPSILON) + self._positions(tokens)[:, None]
        mask = None
        if lengths is not None:
            mask = mean.inside(features, lengths).expand(-1, -1, tokens.shape[2]).flatten(1)[:, None, None]
        tokens = tokens.flatten(1, 2)  # (B, N, D)
        for block in self.blocks:
            tokens = block(tokens, tokens, mask)
        pooled = self.cross(self.query.expand(tokens.shape[0], -1, -1), tokens, mask)[:, 0]  # (B, D)
        return self.classifier(self.dropout(pooled))

    def _positions(self, tokens: torch.Tensor) -> torch.Tensor:
        frames, channels = tokens.shape[1], tokens.shape[3]
        table = self.positions if frames <= len(self.positions) else transformer.positions(frames, channels)
        return table[:frames].to(tokens)

    def _initialise(self) -> None:
        """Draw the weights as V-JEPA 2's probe does: small, and the smaller the deeper on the shortcuts' branches."""
        for layer in self.modules():
            if isinstance(layer, nn.Linear):
                nn.init.trunc_normal_(layer.weight, std=INITIAL_STD)
                nn.init.zeros_(layer.bias)
        nn.init.trunc_normal_(self.query, std=INITIAL_STD)
        for depth, block in enumerate([*self.blocks, self.cross], start=1):
            for name, layer in block.named_modules():
                if name in ("mlp.2", "attention.output") and isinstance(layer, nn.Linear):
                    layer.weight.data /= math.sqrt(depth)
