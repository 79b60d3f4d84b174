"""The optimiser and its groups of parameters: which decay, and at what part of the learning rate each is trained."""

import torch
from torch import nn

from vidbench.models.stages import is_in, model_stages


def make_optimizer(model: nn.Module, options: dict) -> torch.optim.Optimizer:
    """AdamW or SGD over what `model`, which `options` built, trains; weight decay on matrices only, not on norms.

    Each group's "scale" is its factor of the learning rate: the loop sets group["lr"] = rate * group["scale"]. The
    first group has the largest.
    """
    training = options["training"]
    groups = parameter_groups(model, options)
    rate = training["learning_rate"]
    for group in groups:
        group["lr"] = rate * group["scale"]
    if training["optimizer"] == "sgd":
        momentum = training["momentum"]
        return torch.optim.SGD(groups, lr=rate, momentum=momentum, nesterov=momentum > 0)
    return torch.optim.AdamW(groups, lr=rate)


def parameter_groups(model: nn.Module, options: dict) -> list[dict]:
    """Trainable parameters by (weight decay, scale), the largest scale first; no group is empty."""
    training = options["training"]
    scales = _scales(model, options)
    found: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            decay = training["weight_decay"] if parameter.ndim > 1 else 0.0
            found.setdefault((-scales.get(name, 1.0), -decay), []).append(parameter)
    return [
        {"params": parameters, "weight_decay": -decay, "scale": -scale}
        for (scale, decay), parameters in sorted(found.items(), key=lambda item: item[0])
    ]


def _scales(model: nn.Module, options: dict) -> dict[str, float]:
    """Factors of the learning rate by names of parameters, for those that are in a stage."""
    layer_decay = options["training"].get("layer_decay", 1.0)
    if layer_decay == 1:
        return {}
    stages = model_stages(model, options)
    names = [name for name, _ in model.named_parameters()]
    return {
        name: layer_decay ** (len(stages) - place)
        for place, stage in enumerate(stages)
        for name in names
        if is_in(name, stage)
    }
