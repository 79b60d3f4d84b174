"""Recomputed blocks of torchvision's families give the same gradients and statistics."""

import copy

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
