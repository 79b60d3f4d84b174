"""Batch norm over the batch of all processes, on the CPU: torch's own (SyncBatchNorm) is for GPUs."""

from functools import cache

import torch
from torch import distributed, nn
from torch.nn.modules.batchnorm import _BatchNorm


def share(model: nn.Module) -> nn.Module:
    """The model, whose batch norms take their statistics from the clips of all processes; names and weights stay."""
    for module in model.modules():
        if isinstance(module, _BatchNorm):
            module.__class__ = _shared(type(module))
    return model


@cache
def _shared(kind: type[_BatchNorm]) -> type[_BatchNorm]:
    class Shared(kind):
        def forward(self, values: torch.Tensor) -> torch.Tensor:
            if not self.training:
                return super().forward(values)
            self._check_input_dim(values)
            return _normalise(self, values)

    Shared.__name__ = f"Shared{kind.__name__}"
    return Shared


def _normalise(norm: _BatchNorm, values: torch.Tensor) -> torch.Tensor:
    """(B, C, ...) by mean and variance over the batches of all processes, whose sizes may differ."""
    dimensions = [dimension for dimension in range(values.ndim) if dimension != 1]
    shape = (1, -1, *[1] * (values.ndim - 2))
    exact = values.float()
    count = exact.new_tensor([exact.numel() / exact.shape[1]])
    sums = _Total.apply(torch.cat([exact.sum(dimensions), count]))
    mean, count = sums[:-1] / sums[-1], sums[-1].item()
    centred = exact - mean.view(shape)
    variance = _Total.apply(centred.square().sum(dimensions)) / count
    _remember(norm, mean.detach(), variance.detach() * (count / (count - 1)))
    normalised = centred * (variance + norm.eps).rsqrt().view(shape)
    if norm.affine:
        normalised = normalised * norm.weight.view(shape) + norm.bias.view(shape)
    return normalised.to(values.dtype)


@torch.no_grad()
def _remember(norm: _BatchNorm, mean: torch.Tensor, variance: torch.Tensor) -> None:
    """Move the running statistics (C,); `variance` is the unbiased one."""
    if norm.running_mean is None or norm.running_var is None:
        return
    momentum = norm.momentum
    if norm.num_batches_tracked is not None:
        norm.num_batches_tracked.add_(1)
        if momentum is None:  # the average over all batches
            momentum = 1 / norm.num_batches_tracked.item()
    assert momentum is not None
    norm.running_mean.lerp_(mean, momentum)
    norm.running_var.lerp_(variance, momentum)


class _Total(torch.autograd.Function):
    """Sum over all processes, of values forward and of gradients backward."""

    @staticmethod
    def forward(_context: object, part: torch.Tensor) -> torch.Tensor:
        total = part.clone()
        distributed.all_reduce(total)
        return total

    @staticmethod
    def backward(_context: object, gradient: torch.Tensor) -> torch.Tensor:
        total = gradient.clone(memory_format=torch.contiguous_format)
        distributed.all_reduce(total)
        return total
