"""LoRA: linear layers keep their weights, and a matrix of low rank that is added to each is trained.

Hu et al. 2021, arXiv:2106.09685. A layer's class changes, so no other weight of the network is renamed; merge() gives
the weights of the plain network, which all later steps build. Convolutions are not adapted: what is known of low rank
is of transformers, and the networks that consist of convolutions are small enough to train whole.
"""

import math
import re
from functools import cache
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from vidbench.errors import UserError
from vidbench.models.batch_norm import find_batch_norms
from vidbench.models.freezing import FROZEN
from vidbench.models.options import LoraOptions
from vidbench.models.stages import find_model_stages, is_in

DOWN, UP = "_lora_down", "_lora_up"  # ends of the names of the two factors, after that of the weight
ATTENTION = re.compile(r"(attn|attention)(?!.*mlp)", re.IGNORECASE)  # but not of an MLP in a block of this name
State = dict[str, torch.Tensor]


def adapt(model: nn.Module, options: LoraOptions) -> nn.Module:
    """Freeze the network but for classifier or head, give its layers trainable matrices, and return the model.

    These are zero at first, so the model computes what it did before. Dropout and stochastic depth stay as the network
    has them; batch norm's statistics stay, too. UserError where the network has no such layer.
    """
    pieces = [piece for stage in find_model_stages(model) for piece in stage]
    for name, parameter in model.named_parameters():
        if is_in(name, pieces):
            parameter.requires_grad_(False)
    norms = find_batch_norms(model)
    setattr(model, FROZEN, [name for name, part in model.named_modules() if part in norms and is_in(name, pieces)])
    layers = find_layers(model, options.layers)
    if not layers:
        kind = "linear" if options.layers == "all" else "attention"
        raise UserError(f"training.lora: the network has no {kind} layers; leave it out, or set trained_stages instead")
    for layer in layers:
        _adapt_layer(layer, options)
    return model


def find_layers(model: nn.Module, layers: str) -> list[nn.Module]:
    """Return the layers of the network's stages that are adapted; `layers`: attention or all."""
    pieces = [piece for stage in find_model_stages(model) for piece in stage]
    linear = {
        name: module
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear | nn.MultiheadAttention) and is_in(name, pieces)
    }
    return [module for name, module in linear.items() if layers == "all" or _is_attention(model, name)]


def merge(state: State, options: LoraOptions) -> State:
    """Return the weights of the plain network from the state dict of an adapted model."""
    merged = {name: tensor for name, tensor in state.items() if not name.endswith((DOWN, UP))}
    for name in [name.removesuffix(UP) for name in state if name.endswith(UP)]:
        weight, down, up = (state[key].double() for key in (name, name + DOWN, name + UP))
        merged[name] = _add(weight, down, up, options).to(state[name].dtype)
    return merged


def _is_attention(model: nn.Module, name: str) -> bool:
    """Return whether a layer belongs to attention, by its path, e.g. blocks.0.attn.qkv, or by the class that has it."""
    parent = type(model.get_submodule(name.rpartition(".")[0])).__name__
    is_attention = isinstance(model.get_submodule(name), nn.MultiheadAttention)
    return is_attention or bool(ATTENTION.search(name) or ATTENTION.search(parent))


def _adapt_layer(layer: Any, options: LoraOptions) -> None:
    names = _weight_names(layer)
    layer.lora = options
    for name in names:
        weight = layer.get_parameter(name)
        rank = min(options.rank, *weight.shape)
        down, up = weight.new_empty(rank, weight.shape[1]), weight.new_zeros(weight.shape[0], rank)
        nn.init.kaiming_uniform_(down, a=math.sqrt(5))  # as the paper's code has it
        layer.register_parameter(name + DOWN, nn.Parameter(down))
        layer.register_parameter(name + UP, nn.Parameter(up))
    # The class changes, not the module: so state dict, moving average and activation checkpointing see one layer.
    layer.__class__ = _make_adapted_class(type(layer), names)


def _weight_names(layer: nn.Module) -> tuple[str, ...]:
    """Return the weights that are adapted: of attention those of its input, as its output is a linear layer."""
    if isinstance(layer, nn.Linear):
        return ("weight",)
    return tuple(name for name, _ in layer.named_parameters(recurse=False) if name.endswith("proj_weight"))


def _add(weight: torch.Tensor, down: torch.Tensor, up: torch.Tensor, options: LoraOptions) -> torch.Tensor:
    """(out, in) + (out, r) @ (r, in) -> (out, in)."""
    return weight + options.alpha / options.rank * (up @ down)


@cache
def _make_adapted_class(kind: type[nn.Module], names: tuple[str, ...]) -> type[nn.Module]:
    """Make a subclass of a layer's class, of the same name, in which the weights `names` are the added ones.

    Where code outside the layer takes its weight, as nn.MultiheadAttention and torchvision's Swin do, it gets the sum.
    A linear layer's own forward pass is cheaper: it computes no gradient of the size of the weight.
    """
    members: dict[str, Any] = {name: property(lambda layer, name=name: _added_weight(layer, name)) for name in names}
    if kind.forward is nn.Linear.forward:
        members["forward"] = _forward
    return type(kind.__name__, (kind,), members)


def _added_weight(layer: Any, name: str) -> torch.Tensor:
    options = layer.lora
    if layer.training and options.dropout:
        raise UserError(
            "training.lora.dropout: this network's attention takes the weights of its layers, where their inputs"
            " cannot be dropped; leave dropout out"
        )
    return _add(layer._parameters[name], getattr(layer, name + DOWN), getattr(layer, name + UP), options)


def _forward(layer: Any, inputs: torch.Tensor) -> torch.Tensor:
    """(..., in) -> (..., out)."""
    options = layer.lora
    plain = functional.linear(inputs, layer._parameters["weight"], layer.bias)
    dropped = functional.dropout(inputs, options.dropout, layer.training)
    inner = functional.linear(dropped, layer.weight_lora_down) * (options.alpha / options.rank)  # (..., r)
    return plain + functional.linear(inner, layer.weight_lora_up)
