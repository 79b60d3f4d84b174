"""Options of small models, as models.build.build() takes them, and models that take no memory."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import torch
from torch import nn

from vidbench import models
from vidbench.models import catalogue
from vidbench.models.build import build
from vidbench.models.freezing import freeze, train_mode
from vidbench.models.options import ModelOptions
from vidbench.models.stages import find_model_stages, is_in

EVERY = [*models.clip_names(), *models.backbone_names()]
# One of each family, with a clip that costs little; the other names have the same code with other numbers.
FEW = {
    "cnn3d": {}, "r3d_18": {}, "s3d": {"frames": 9}, "mvit_v2_s": {}, "swin3d_t": {}, "cnn2d": {}, "resnet18": {},
    "mobilenet_v2": {}, "densenet121": {}, "squeezenet1_1": {}, "shufflenet_v2_x0_5": {},
    "googlenet": {}, "efficientnet_b0": {}, "regnet_x_400mf": {}, "mnasnet0_5": {}, "swin_t": {"size": (64, 64)},
    "inception_v3": {"size": (75, 75), "frames": 2}, "convnext_tiny": {"size": (64, 64), "frames": 2},
}  # fmt: skip


@pytest.fixture
def same_every_time() -> Iterator[None]:
    """One thread, and random numbers that begin anew."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    yield
    torch.set_num_threads(before)


def entry(
    name: str, head: str = "mean", frames: int = 4, size: tuple[int, int] = (32, 32), **more: object
) -> ModelOptions:
    """Options of a clip architecture, or of a backbone with a head."""
    made = {"clip": {"frames": frames, "size": list(size)}, "width": 4, "hidden": 16, "dropout": 0.0, "weights": None}
    if models.takes_clips(name):
        return ModelOptions.from_dict(made | {"architecture": name} | more)
    backbone = {"architecture": name, "width": 4, "weights": None}
    backbone |= {"tokens": [2, 2]} if head in models.TOKEN_HEADS else {}
    return ModelOptions.from_dict(made | {"backbone": backbone, "head": head} | more)


def clips(options: ModelOptions, batch: int = 2) -> torch.Tensor:
    """Random clips of the options' shape."""
    return torch.randn(batch, 3, options.clip.frames, *options.clip.size)


def train_a_step(model: nn.Module, trained: int, inputs: torch.Tensor) -> list[str]:
    """Train a model, frozen but for its last `trained` stages, for a step; the names of what moved: nothing frozen."""
    freeze(model, trained)
    before = {key: tensor.clone() for key, tensor in model.state_dict().items()}
    optimizer = torch.optim.SGD([tensor for tensor in model.parameters() if tensor.requires_grad], lr=0.1)
    train_mode(model)
    model(inputs).square().sum().backward()
    optimizer.step()
    stages = find_model_stages(model)
    frozen = [piece for stage in stages[: len(stages) - trained] for piece in stage]
    moved = [key for key, tensor in model.state_dict().items() if not torch.equal(tensor, before[key])]
    assert moved
    assert not [key for key in moved if is_in(key, frozen)]
    return moved


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


def build_on_meta(options: ModelOptions, num_classes: int) -> nn.Module:
    """The model in evaluation mode, on the meta device: shapes without values."""
    with no_memory():
        return build(options, num_classes).to("meta").eval()


def small_clip(name: str) -> dict:
    """A clip that suits a model, as arguments of entry()."""
    if name.startswith(("vit", "maxvit")):
        size = catalogue.describe(name).multiple * (1 if name.startswith("maxvit") else 2)
        return {"size": (size, size), "frames": 2}
    return FEW.get(name, {"size": (96, 96), "frames": 2})
