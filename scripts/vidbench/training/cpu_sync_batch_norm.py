"""Batch norm over the batch of all processes, on the CPU: torch's SyncBatchNorm works on GPUs only."""

from functools import cache

import torch
from torch import distributed, nn
from torch.nn.modules.batchnorm import _BatchNorm


def convert(model: nn.Module) -> nn.Module:
    """Let a model's batch norms take their statistics from the clips of all processes; no weight is renamed."""
    for module in model.modules():
        if isinstance(module, _BatchNorm):
            module.__class__ = _make_sync_class(type(module))
    return model


@cache
def _make_sync_class(kind: type[_BatchNorm]) -> type[_BatchNorm]:
    class Sync(kind):
        def forward(self, values: torch.Tensor) -> torch.Tensor:
            if not self.training:
                return super().forward(values)
            self._check_input_dim(values)
            return _normalise(self, values)

    Sync.__name__ = f"Sync{kind.__name__}"
    return Sync


def _normalise(norm: _BatchNorm, values: torch.Tensor) -> torch.Tensor:
    """Normalise (B, C, ...) by mean and variance over the batches of all processes, whose sizes may differ."""
    dimensions = [dimension for dimension in range(values.ndim) if dimension != 1]
    shape = (1, -1, *[1] * (values.ndim - 2))
    exact = values.float()
    local_count = exact.new_tensor([exact.numel() / exact.shape[1]])  # values per channel
    sums = _AllReduceSum.apply(torch.cat([exact.sum(dimensions), local_count]))  # (C + 1,)
    mean = sums[:-1] / sums[-1]
    count = sums[-1].item()
    # From the centred values, not from their squares and the mean's: in float32 that difference would lose digits.
    centred = exact - mean.view(shape)
    variance = _AllReduceSum.apply(centred.square().sum(dimensions)) / count  # (C,), biased
    _update_statistics(norm, mean.detach(), variance.detach() * (count / (count - 1)))
    normalised = centred * (variance + norm.eps).rsqrt().view(shape)
    if norm.affine:
        normalised = normalised * norm.weight.view(shape) + norm.bias.view(shape)
    return normalised.to(values.dtype)


@torch.no_grad()
def _update_statistics(norm: _BatchNorm, mean: torch.Tensor, variance: torch.Tensor) -> None:
    """Move the running statistics (C,) towards a batch's; `variance` is the unbiased one."""
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


class _AllReduceSum(torch.autograd.Function):
    """Sum over all processes: of the values in the forward pass, of the gradients in the backward pass."""

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
