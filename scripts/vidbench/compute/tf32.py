"""TF32: on NVIDIA's GPUs from Ampere on, products of float32 with 11 significant bits, added up in float32.

Several times as fast as float32. Convolutions have it by default in torch, matrix products do not: here both have it.
"""

import torch


def enable(device: torch.device) -> None:
    """Let float32 matrix products use TF32 on a GPU; nothing changes on a CPU."""
    if device.type == "cuda":
        torch.set_float32_matmul_precision("high")


def describe(device: torch.device) -> dict[str, bool]:
    """Return the entry for a record of how something was computed; empty on a CPU.

    It says that TF32 was allowed. Whether the model of GPU has it does not count, as for all of a training's record.
    """
    return {"tf32": True} if device.type == "cuda" else {}
