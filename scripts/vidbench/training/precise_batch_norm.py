"""Precise batch norm: mean and variance over many training clips, computed with the weights as they are.

Running statistics are an average over the last batches, each computed with other weights. Where weights change fast,
validation then normalises with statistics of weights that are gone (Wu & Johnson 2021, arXiv:2105.07576, section 3).
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from vidbench.compute.precision import Precision, in_float64
from vidbench.models.batch_norm import find_batch_norms
from vidbench.models.freezing import train_mode
from vidbench.training.distributed import SINGLE_PROCESS, ProcessGroup


class ChannelSums:
    """Sums over the values of each channel of a batch norm, in float64: of these, and of their squares."""

    def __init__(self) -> None:
        self.count = 0.0
        self.values = torch.zeros(())
        self.squares = torch.zeros(())
        self.clips = self.clips_of_all = 1  # of the batch, in this process and in all processes

    def add(self, norm: _BatchNorm, arguments: tuple[torch.Tensor, ...], _outputs: torch.Tensor) -> None:
        """Add the values (B, C, ...) that the norm was called with: with momentum 1 it has their statistics."""
        assert norm.running_mean is not None
        assert norm.running_var is not None
        # Of the batch of all processes, whose parts differ by a clip at most.
        count = arguments[0].numel() / norm.num_features / self.clips * self.clips_of_all
        mean, variance = in_float64(norm.running_mean), in_float64(norm.running_var) * ((count - 1) / count)
        self.count += count
        self.values = self.values + count * mean
        self.squares = self.squares + count * (variance + mean.square())

    def write(self, norm: _BatchNorm) -> None:
        """Set the norm's running statistics to mean and population variance."""
        assert norm.running_mean is not None
        assert norm.running_var is not None
        mean = self.values / self.count
        variance = (self.squares / self.count - mean.square()).clamp_min(0)
        norm.running_mean.copy_(mean.to(norm.running_mean.dtype))
        norm.running_var.copy_(variance.to(norm.running_var.dtype))


@torch.no_grad()
def set_precise_statistics(
    model: nn.Module, batches: Iterable[torch.Tensor], precision: Precision, group: ProcessGroup = SINGLE_PROCESS
) -> None:
    """Replace batch norm's running statistics by mean and population variance over all batches, of all processes.

    Those of frozen parts stay, and a model without others reads no batch. `batches`: inputs of the model, this
    process's part of each. Batch norm normalises them by their own statistics, as in training; dropout and stochastic
    depth do nothing, as in validation. The model is left in eval mode; where `batches` raises an error, its
    statistics are those from before.
    """
    norms = _find_followers(model)
    model.eval()
    if not norms:
        return
    with _normalising_by_batch(model, norms) as sums, precision.autocast():
        for inputs in batches:
            (clips,) = group.all_reduce_sum([len(inputs)])
            for of_norm in sums:
                of_norm.clips, of_norm.clips_of_all = len(inputs), int(clips)
            model(inputs)
    for norm, of_norm in zip(norms, sums, strict=True):
        of_norm.write(norm)


def _find_followers(model: nn.Module) -> list[_BatchNorm]:
    """Return the batch norms that train and have running statistics; the model is left in training mode."""
    train_mode(model)
    return [norm for norm in find_batch_norms(model) if norm.training and norm.running_mean is not None]


@contextmanager
def _normalising_by_batch(model: nn.Module, norms: list[_BatchNorm]) -> Iterator[list[ChannelSums]]:
    """Let the norms normalise by batches, and add up what they are given; running statistics end as they were."""
    buffers = [(buffer, buffer.clone()) for buffer in model.buffers()]
    momenta = [norm.momentum for norm in norms]
    sums = [ChannelSums() for _ in norms]
    handles = [norm.register_forward_hook(of_norm.add) for norm, of_norm in zip(norms, sums, strict=True)]
    for norm in norms:
        norm.train()
        norm.momentum = 1.0
    try:
        yield sums
    finally:
        for norm, momentum, handle in zip(norms, momenta, handles, strict=True):
            norm.momentum = momentum
            handle.remove()
        model.eval()
        for buffer, before in buffers:
            buffer.copy_(before)
