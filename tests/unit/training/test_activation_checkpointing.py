"""Recomputed blocks of torchvision's families give the same gradients and statistics."""

import copy
from collections.abc import Callable

import pytest
import tiny
import torch
from torch import nn

from vidbench import models
from vidbench.config import schema
from vidbench.models.build import build
from vidbench.training.activation_checkpointing import recompute_blocks

NETWORKS = [
    "r3d_18",
    "s3d",
    "mvit_v2_s",
    "swin3d_t",
    "resnet18",
    "mobilenet_v3_small",
    "googlenet",
    "densenet121",
    "vit_b_32",
]


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_recomputed_networks_give_the_same_gradients_and_statistics(name: str) -> None:
    config = tiny.config()
    architecture = {"architecture": name} if models.takes_clips(name) else {"backbone": "other", "head": "mean"}
    config["backbones"]["other"] = {"architecture": name}
    config["models"]["cnn3d"] = architecture | {"clip": {"frames": 8, "size": [64, 64]}}
    options = schema.typed_options(config, "motion", "cnn3d")
    torch.manual_seed(0)
    plain = build(options, 3).train()
    recomputing = copy.deepcopy(plain)
    blocks = recompute_blocks(recomputing.backbone if "backbone" in architecture else recomputing)
    assert len(blocks) >= 4
    clips, classes = torch.randn(2, 3, 8, 64, 64), torch.tensor([0, 1])
    for model in (plain, recomputing):
        torch.manual_seed(1)
        nn.functional.cross_entropy(model(clips), classes).backward()
    for (key, one), other in zip(plain.named_parameters(), recomputing.parameters(), strict=True):
        assert (one.grad is None) == (other.grad is None), key
        assert one.grad is None or torch.allclose(one.grad, other.grad, rtol=1e-4, atol=1e-7), key
    for (key, one), other in zip(plain.named_buffers(), recomputing.buffers(), strict=True):
        assert torch.equal(one, other), key
    copied = copy.deepcopy(recomputing)  # as the moving average does: its blocks must use its own weights
    for parameter in copied.parameters():
        nn.init.zeros_(parameter)
    assert copied.train()(clips).abs().max() == 0


def small_network(norm: nn.Module | None = None) -> nn.Sequential:
    """A block with batch norm, and a classifier; always the same weights."""
    torch.manual_seed(0)
    block = nn.Sequential(nn.Conv3d(3, 4, 1), norm or nn.BatchNorm3d(4), nn.ReLU())
    return nn.Sequential(block, nn.Flatten(), nn.Linear(32, 2))


def state_after_steps(network: nn.Module, call: Callable) -> dict[str, torch.Tensor]:
    """Weights, statistics and gradients after two steps in training mode."""
    for step in range(2):
        clips = torch.randn(4, 3, 2, 2, 2, generator=torch.Generator().manual_seed(step))
        call(clips).square().sum().backward()
    gradients = {f"{name}.grad": part.grad for name, part in network.named_parameters()}
    return {name: tensor.clone() for name, tensor in (network.state_dict() | gradients).items()}


@pytest.mark.parametrize("momentum", [0.1, None])
@pytest.mark.parametrize("backend", [None, "aot_eager"])
def test_synchronised_batch_norm_counts_a_step_once(momentum: float | None, backend: str | None) -> None:
    """nn.SyncBatchNorm, which in a group of one works on a CPU, too."""
    states = []
    for recomputing in (False, True):
        network = small_network(nn.BatchNorm3d(4, momentum=momentum))
        if recomputing:
            recompute_blocks(network, group_size=2)
        network = nn.SyncBatchNorm.convert_sync_batchnorm(network)
        assert isinstance(network[0][1], nn.SyncBatchNorm)
        compiled = recomputing and backend
        call = torch.compile(network, dynamic=False, backend=backend) if compiled else network
        states.append(state_after_steps(network, call))
    assert states[1]["0.1.num_batches_tracked"] == 2
    for name, tensor in states[0].items():
        assert torch.allclose(tensor, states[1][name], atol=1e-5), name


class BreaksGraph(nn.BatchNorm3d):
    """A layer that no compiled graph can hold."""

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        torch._dynamo.graph_break()
        return super().forward(values)


def test_a_block_that_does_not_fit_into_a_graph_is_an_error_not_two_steps() -> None:
    network = small_network(BreaksGraph(4))
    recompute_blocks(network)
    assert state_after_steps(network, network)["0.1.num_batches_tracked"] == 2
    with pytest.raises(torch._dynamo.exc.Unsupported):
        torch.compile(network, dynamic=False, backend="aot_eager")(torch.randn(4, 3, 2, 2, 2))
