"""The optimisers compute what torch's own classes do."""

import copy

import pytest
import torch
from torch import nn

from vidbench.models.options import TrainingOptions
from vidbench.training.optimizer import make_optimizer, parameter_groups, set_learning_rate

OWN = {"adamw": torch.optim.AdamW, "sgd": lambda groups, lr: torch.optim.SGD(groups, lr, momentum=0.9, nesterov=True)}


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 3))


def train(model: nn.Module, optimizer: torch.optim.Optimizer, updates: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    for _ in range(updates):
        set_learning_rate(optimizer, 0.01, None)
        model(torch.rand(4, 6, generator=generator)).square().sum().backward()
        optimizer.step()
        optimizer.zero_grad()
    return torch.cat([parameter.detach().flatten() for parameter in model.parameters()])


@pytest.mark.parametrize("name", OWN)
def test_updates_are_those_of_torch_to_the_last_bit(name: str) -> None:
    settings = TrainingOptions(optimizer=name, momentum=0.9)
    ours, theirs = network(), network()
    optimizer = OWN[name](parameter_groups(theirs, settings), lr=0.0)
    assert train(ours, make_optimizer(ours, settings), 20).equal(train(theirs, optimizer, 20))


@pytest.mark.parametrize("name", OWN)
def test_a_stored_state_goes_on_where_it_was_and_fits_torchs_own_class(name: str) -> None:
    settings = TrainingOptions(optimizer=name, momentum=0.9)
    whole, parted = network(), network()
    train(whole, make_optimizer(whole, settings), 10)
    first = make_optimizer(parted, settings)
    train(parted, first, 10)
    ours, theirs = make_optimizer(whole, settings), OWN[name](parameter_groups(parted, settings), lr=0.0)
    for optimizer in (ours, theirs):
        optimizer.load_state_dict(copy.deepcopy(first.state_dict()))
    assert train(whole, ours, 5).equal(train(parted, theirs, 5))
