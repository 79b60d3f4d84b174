"""Precise batch norm: mean and variance over many training clips, computed with the weights as they are.

Running statistics are an average over the last batches, each computed with other weights. Where weights change fast,
validation then normalises with statistics of weights that are gone (Wu & Johnson 2021, arXiv:2105.07576, section 3).
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from vidbench.compute.precision import Precision
from vidbench.models.batch_norm import find_batch_norms
from vidbench.models.freezing import train_mode
from vidbench.training.distributed import SINGLE_PROCESS, ProcessGroup

MAX_CLIPS = 2048  # of a pass: more make the statistics hardly better


class ChannelSums:
    """Sums over the values of each channel that a batch norm is given, in float64."""

    def __init__(self, norm: _BatchNorm) -> None:
        self.count = 0
        self.sums = torch.zeros(2, norm.num_features, dtype=torch.float64)  # of the values, and of their squares

    def add(self, _norm: nn.Module, arguments: tuple[torch.Tensor, ...]) -> None:
        """Add the values (B, C, ...) that the norm is called with."""
        values = arguments[0].float()
        dimensions = [dimension for dimension in range(values.ndim) if dimension != 1]
        variance, mean = torch.var_mean(values, dimensions, correction=0)
        mean, variance = mean.double(), variance.double()
        count = values.numel() // values.shape[1]
        self.count += count
        self.sums = self.sums.to(values.device) + count * torch.stack([mean, variance + mean.square()])

    def as_list(self) -> list[float]:
        """Return the count, the sums and the sums of squares, on the CPU."""
        return [float(self.count), *self.sums.flatten().tolist()]


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
            model(inputs)
    for norm, of_norm in zip(norms, sums, strict=True):
        count, *totals = group.all_reduce_sum(of_norm.as_list())
        mean, square = torch.tensor(totals, dtype=torch.float64).div(count).unflatten(0, (2, -1))
        assert norm.running_mean is not None
        assert norm.running_var is not None
        norm.running_mean.copy_(mean)
        norm.running_var.copy_((square - mean.square()).clamp_min(0))


def _find_followers(model: nn.Module) -> list[_BatchNorm]:
    """Return the batch norms that train and have running statistics; the model is left in training mode."""
    train_mode(model)
    return [norm for norm in find_batch_norms(model) if norm.training and norm.running_mean is not None]


@contextmanager
def _normalising_by_batch(model: nn.Module, norms: list[_BatchNorm]) -> Iterator[list[ChannelSums]]:
    """Let the norms normalise by batches, and add up what they are given; running statistics end as they were."""
    buffers = [(buffer, buffer.clone()) for buffer in model.buffers()]
    sums = [ChannelSums(norm) for norm in norms]
    handles = [norm.register_forward_pre_hook(of_norm.add) for norm, of_norm in zip(norms, sums, strict=True)]
    for norm in norms:
        norm.train()
    try:
        yield sums
    finally:
        for handle in handles:
            handle.remove()
        model.eval()
        for buffer, before in buffers:
            buffer.copy_(before)
