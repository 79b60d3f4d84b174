"""One training on several devices, of one machine or of several: one process per device, started by torchrun.

Each process takes its part of every batch, so `batch_size` of the config counts the clips of all devices; no clip is
computed twice to fill a batch up, neither in training nor in validation.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar, cast

import torch
from torch import distributed, nn

from vidbench.errors import UserError
from vidbench.training import cpu_sync_batch_norm

T = TypeVar("T")


@dataclass(frozen=True)
class ProcessGroup:
    """The processes of one training."""

    rank: int = 0
    size: int = 1
    local_size: int = 1  # processes on this machine

    @property
    def is_main(self) -> bool:
        """Whether this is the process that writes the files and reports."""
        return self.rank == 0

    def wrap(self, model: nn.Module) -> nn.Module:
        """Return the model with a backward pass that averages the gradients of all processes."""
        if self.size == 1:
            return model
        devices = [torch.cuda.current_device()] if next(model.parameters()).is_cuda else None
        unused = any(getattr(module, "has_unused_parameters", False) for module in model.modules())
        return nn.parallel.DistributedDataParallel(model, device_ids=devices, find_unused_parameters=unused)

    def all_reduce_sum(self, values: list[float]) -> list[float]:
        """Return the sum of each value over all processes."""
        if self.size == 1:
            return values
        tensor = torch.tensor(values, dtype=torch.float64)
        distributed.all_reduce(tensor)
        return tensor.tolist()

    def all_gather(self, part: torch.Tensor, count: int) -> torch.Tensor:
        """Return (count, ...) from the rows rank, rank + size, rank + 2 size ... that each process holds, on the CPU.

        A process without a row may hold any shape (0, ...).
        """
        if self.size == 1:
            return part
        parts: list[torch.Tensor] = [torch.empty(0)] * self.size
        distributed.all_gather_object(parts, part)
        whole = part.new_empty(count, *parts[0].shape[1:])
        for rank, rows in enumerate(parts[:count]):
            whole[rank :: self.size] = rows
        return whole

    def broadcast(self, make: Callable[[], T]) -> T:
        """Return what `make` returns in the main process, which alone calls it; tensors in it are on the CPU."""
        if self.size == 1:
            return make()
        values = [make() if self.is_main else None]
        distributed.broadcast_object_list(values, src=0)
        return cast(T, values[0])

    def barrier(self) -> None:
        """Wait until all processes have come here."""
        if self.size > 1:
            distributed.barrier()


SINGLE_PROCESS = ProcessGroup()


def join(device: torch.device) -> ProcessGroup:
    """Join the group that torchrun started this process in; without torchrun it is a group of one."""
    size = int(os.environ.get("WORLD_SIZE", 1))
    if size == 1:
        return SINGLE_PROCESS
    backends = "cpu:gloo,cuda:nccl" if device.type == "cuda" else "gloo"
    distributed.init_process_group(backends)
    return ProcessGroup(distributed.get_rank(), size, int(os.environ.get("LOCAL_WORLD_SIZE", size)))


def leave(group: ProcessGroup) -> None:
    """Leave the group, without which torch warns at exit."""
    if group.size > 1:
        group.barrier()  # a process that is still reading from another would fail
        distributed.destroy_process_group()


def synchronise_batch_norm(model: nn.Module, group: ProcessGroup, device: torch.device) -> nn.Module:
    """Let batch norm take its statistics over the batch of all processes, as with one process."""
    if group.size == 1:
        return model
    return (
        nn.SyncBatchNorm.convert_sync_batchnorm(model) if device.type == "cuda" else cpu_sync_batch_norm.convert(model)
    )


def check(batch_size: int, group: ProcessGroup) -> None:
    """Raise UserError where a batch has too few clips for its processes."""
    if batch_size < 2 * group.size:
        raise UserError(
            f"training.batch_size: {batch_size} clips are too few for {group.size} devices, which need two each;"
            " raise it or lower training.gpus or training.nodes"
        )
