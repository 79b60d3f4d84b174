"""Activation checkpointing: blocks compute their activations again in the backward pass instead of keeping them.

Chen et al. 2016, arXiv:1604.06174. It needs less memory and about a third more time; the results are the same.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from typing import Any

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.utils.checkpoint import checkpoint


def recompute_blocks(network: nn.Module) -> list[str]:
    """Make a network's blocks recompute their activations in training, and return the blocks' names.

    Blocks are the outermost modules with children that are items of a Sequential or ModuleList, e.g. layer1.0 of a
    ResNet. In a network without any they are its children that have children.
    """
    blocks = _find_sequence_items(network) or [name for name, child in network.named_children() if [*child.children()]]
    for name in blocks:
        block = network.get_submodule(name)
        # The class changes, not the forward attribute: a copy of the model would call the original's.
        block.__class__ = _make_recomputing_class(type(block))
    return blocks


def _find_sequence_items(network: nn.Module) -> list[str]:
    """Return the names of the outermost items of sequences that have children."""
    blocks: list[str] = []
    for name, module in network.named_modules():
        inside = any(name.startswith(f"{outer}.") for outer in blocks)
        parent = network.get_submodule(name.rpartition(".")[0]) if name else None
        if isinstance(parent, nn.Sequential | nn.ModuleList) and [*module.children()] and not inside:
            blocks.append(name)
    return blocks


@cache
def _make_recomputing_class(kind: type[nn.Module]) -> type[nn.Module]:
    """Make a subclass of a block's class, of the same name, that checkpoints its forward pass in training."""

    class Recomputing(kind):
        def forward(self, *arguments: torch.Tensor, **options: Any) -> torch.Tensor:
            plain = super().forward
            if not (self.training and torch.is_grad_enabled()):
                return plain(*arguments, **options)
            if torch.compiler.is_compiling():  # a graph changes statistics once, and takes no contexts
                return checkpoint(plain, *arguments, use_reentrant=False, **options)
            # The forward pass runs twice, each time in a context of its own: (first pass, recomputation). Batch norm's
            # running statistics must move in the first one only.
            contexts = lambda: (nullcontext(), _fixed_statistics(self))  # noqa: E731 - a pair for this block
            return checkpoint(plain, *arguments, use_reentrant=False, context_fn=contexts, **options)

    Recomputing.__name__ = kind.__name__
    return Recomputing


@contextmanager
def _fixed_statistics(block: nn.Module) -> Iterator[None]:
    """Keep batch norm's running statistics as they are while the block is computed again."""
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
