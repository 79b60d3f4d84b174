"""The optimiser and its groups of parameters, each with its weight decay and its factor of the learning rate."""

import inspect
from typing import TypeVar, cast

import torch
from torch import nn

from vidbench.models.options import TrainingOptions
from vidbench.models.stages import find_model_stages, is_in

Kind = TypeVar("Kind", bound=torch.optim.Optimizer)


def make_optimizer(model: nn.Module, settings: TrainingOptions) -> torch.optim.Optimizer:
    """Make AdamW or SGD over the trainable parameters of `model`; weight decay on weights, not on biases and norms.

    Each group's "scale" is its factor of the learning rate, 1 for classifier and head; the first group has the largest.
    """
    groups = parameter_groups(model, settings)
    # lr=0: the rate is set before each update, group["lr"] = rate * group["scale"], see set_learning_rate().
    if settings.optimizer == "sgd":
        nesterov = settings.momentum > 0
        return _without_compiler(torch.optim.SGD)(groups, lr=0.0, momentum=settings.momentum, nesterov=nesterov)
    # On a GPU one kernel updates all weights of a group, instead of some for each operation.
    fused = all(parameter.is_cuda for group in groups for parameter in group["params"])
    return _without_compiler(torch.optim.AdamW)(groups, lr=0.0, fused=fused or None)


def _without_compiler(kind: type[Kind]) -> type[Kind]:
    """Return a subclass whose methods are free of torch's wrappers that hide them from its compiler.

    The wrappers import the compiler when they are first called: 2 s per process. Here no optimiser is compiled.
    """
    names = ("add_param_group", "zero_grad", "state_dict", "load_state_dict", "step")
    methods = {name: inspect.unwrap(getattr(kind, name)) for name in names}
    methods["step"] = torch.no_grad()(methods["step"])
    return cast("type[Kind]", type(kind.__name__, (kind,), methods))


def set_learning_rate(optimizer: torch.optim.Optimizer, rate: float, momentum: float | None) -> None:
    """Set the groups' learning rates, `rate` * scale, and SGD's momentum or AdamW's first beta unless it is None."""
    for group in optimizer.param_groups:
        group["lr"] = rate * group["scale"]
        if momentum is not None:
            group.update({"momentum": momentum} if "momentum" in group else {"betas": (momentum, group["betas"][1])})


def parameter_groups(model: nn.Module, settings: TrainingOptions) -> list[dict]:
    """Group trainable parameters by (weight decay, scale), the largest scale first; no group is empty."""
    scales = _scales(model, settings.layer_decay)
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}  # by (-scale, -decay), which sorts the largest first
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            decay = settings.weight_decay if parameter.ndim > 1 else 0.0
            groups.setdefault((-scales.get(name, 1.0), -decay), []).append(parameter)
    return [
        {"params": parameters, "weight_decay": -decay, "scale": -scale}
        for (scale, decay), parameters in sorted(groups.items(), key=lambda item: item[0])
    ]


def _scales(model: nn.Module, layer_decay: float) -> dict[str, float]:
    """Return factors of the learning rate by names of parameters, for those that are in a stage.

    With three stages and layer_decay 0.5 they are 0.125, 0.25 and 0.5 from first to last; classifier and head have 1.
    """
    if layer_decay == 1:
        return {}
    stages = find_model_stages(model)
    names = [name for name, _ in model.named_parameters()]
    return {
        name: layer_decay ** (len(stages) - index)
        for index, stage in enumerate(stages)
        for name in names
        if is_in(name, stage)
    }
