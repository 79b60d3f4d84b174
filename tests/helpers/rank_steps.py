"""Two steps of a small training, alone or as one of several processes on one device: the weights go to a file.

torchrun --nproc-per-node 2 tests/helpers/rank_steps.py FILE DEVICE NETWORK SIDE [OPTION=VALUE ...]
"""

import json
import os
import sys
from pathlib import Path

import memory_store
import torch
from device_steps import PLAIN, Steps, make_options
from torch import distributed as torch_distributed

from vidbench.models.options import ClipOptions
from vidbench.training import distributed
from vidbench.training.distributed import SINGLE_PROCESS, ProcessGroup


def main(output: Path, device: torch.device, name: str, side: int, *settings: str) -> None:
    torch.set_num_threads(1)
    if device.type == "cuda":
        torch.cuda.set_device(device)
    group = join(device)
    training = {"optimizer": "sgd", "learning_rate": 0.01, "precision": "fp32", "batch_size": 8}
    training |= {key: json.loads(value) for key, value in (setting.split("=", 1) for setting in settings)}
    options = make_options(name, ClipOptions(frames=8, step=1, size=(side, side)), PLAIN, width=8, **training)
    steps = Steps(options, memory_store.split(4, 1, side, 8), device, group=group)
    steps.train(steps.first(2))
    if group.is_main:
        torch.save({name: tensor.cpu() for name, tensor in steps.model.state_dict().items()}, output)
    distributed.leave(group)


def join(device: torch.device) -> ProcessGroup:
    """The group of torchrun's processes; on one GPU they cannot talk by NCCL, as its processes do in a training."""
    size = int(os.environ.get("WORLD_SIZE", 1))
    if device.type == "cuda" and size > torch.cuda.device_count():
        torch_distributed.init_process_group("gloo")
        return ProcessGroup(torch_distributed.get_rank(), size, size)
    return SINGLE_PROCESS if size == 1 else distributed.join(device)


if __name__ == "__main__":
    file, kind, network, pixels, *rest = sys.argv[1:]
    several = kind == "cuda" and torch.cuda.device_count() >= int(os.environ.get("WORLD_SIZE", 1))
    number = int(os.environ.get("LOCAL_RANK", 0)) if several else 0
    main(Path(file), torch.device(kind, number) if kind == "cuda" else torch.device(kind), network, int(pixels), *rest)
