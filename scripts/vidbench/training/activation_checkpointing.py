"""Activation checkpointing: a block's activations are computed again in the backward pass instead of being kept.

Chen et al. 2016, arXiv:1604.06174. Less memory for about a third more time; the results are the same.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import cache

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.utils.checkpoint import checkpoint


def recompute_blocks(network: nn.Module) -> list[str]:
    """Make a network's blocks recompute their activations in training; the blocks' names.

    Blocks are the outermost modules with parts of their own that stand in a sequence or, where none does, the
    network's own parts.
    """
    blocks = _in_sequences(network) or [name for name, part in network.named_children() if [*part.children()]]
    for name in blocks:
        block = network.get_submodule(name)
        # The class changes, not the forward attribute: a copy of the model would call the original's.
        block.__class__ = _recomputing(type(block))
    return blocks


def _in_sequences(network: nn.Module) -> list[str]:
    blocks: list[str] = []
    for name, module in network.named_modules():
        inside = any(name.startswith(f"{outer}.") for outer in blocks)
        parent = network.get_submodule(name.rpartition(".")[0]) if name else None
        if isinstance(parent, nn.Sequential | nn.ModuleList) and [*module.children()] and not inside:
            blocks.append(name)
    return blocks


@cache
def _recomputing(kind: type[nn.Module]) -> type[nn.Module]:
    class Recomputing(kind):
        def forward(self, *arguments: torch.Tensor) -> torch.Tensor:
            plain = super().forward
            if not (self.training and torch.is_grad_enabled()):
                return plain(*arguments)
            if torch.compiler.is_compiling():  # a graph changes statistics once, and takes no contexts
                return checkpoint(plain, *arguments, use_reentrant=False)
            # The contexts of the first pass and of the recomputation: batch norm's running statistics move in the first
            # pass only.
            contexts = lambda: (nullcontext(), _statistics_kept(self))  # noqa: E731 - a pair for this block
            return checkpoint(plain, *arguments, use_reentrant=False, context_fn=contexts)

    Recomputing.__name__ = kind.__name__
    return Recomputing


@contextmanager
def _statistics_kept(block: nn.Module) -> Iterator[None]:
    """The second computation does not move batch norm's running statistics again."""
    norms = [module for module in block.modules() if isinstance(module, _BatchNorm)]
    old = [(norm.momentum, norm.num_batches_tracked) for norm in norms]
    for norm in norms:
        norm.momentum = 0.0
        norm.num_batches_tracked = None
    try:
        yield
    finally:
        for norm, (momentum, batches) in zip(norms, old, strict=True):
            norm.momentum, norm.num_batches_tracked = momentum, batches
