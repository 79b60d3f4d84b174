"""Complete model entries, as models.build() takes them, and models that take no memory."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import torch
from torch import nn

from vidbench import models


@pytest.fixture
def same_every_time() -> Iterator[None]:
    """One thread, and random numbers that begin anew."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    yield
    torch.set_num_threads(before)


def entry(name: str, head: str = "mean", frames: int = 4, size: tuple[int, int] = (32, 32), **more: object) -> dict:
    """The entry of a clip architecture, or of a backbone with a head."""
    made = {"clip": {"frames": frames, "size": list(size)}, "width": 4, "hidden": 16, "dropout": 0.0, "weights": None}
    if name in models.ARCHITECTURES:
        return made | {"architecture": name} | more
    return made | {"backbone": {"architecture": name, "width": 4, "weights": None}, "head": head} | more


def clips(options: dict, batch: int = 2) -> torch.Tensor:
    """Random clips of the entry's shape."""
    return torch.randn(batch, 3, options["clip"]["frames"], *options["clip"]["size"])


@contextmanager
def no_memory() -> Iterator[None]:
    """Parameters made within the block are on the meta device.

    Not torch.device("meta"): RegNet computes its widths with tensors.
    """
    register = nn.Module.register_parameter

    def register_on_meta(module: nn.Module, name: str, parameter: nn.Parameter | None) -> None:
        if parameter is not None:
            parameter = nn.Parameter(parameter.detach().to("meta"), parameter.requires_grad)
        register(module, name, parameter)

    nn.Module.register_parameter = register_on_meta
    try:
        yield
    finally:
        nn.Module.register_parameter = register


def build_on_meta(options: dict, num_classes: int) -> nn.Module:
    """The entry's model in evaluation mode, on the meta device: shapes without values."""
    with no_memory():
        return models.build(options, num_classes).to("meta").eval()
