"""Heads and classifiers compute in float32 within mixed precision, and as before without it."""

import copy

import pytest
import torch
from model_entries import clips, entry
from torch import nn

from vidbench import models
from vidbench.models.build import build
from vidbench.models.float32 import use_float32

CLASSES, ROWS = 101, 1000
BF16 = torch.bfloat16
FEW = {"cnn3d": {}, "r3d_18": {}, "s3d": {"frames": 9}, "mvit_v2_s": {}, "swin3d_t": {}}


def count_ties(logits: torch.Tensor) -> int:
    """Rows of (N, K) whose two largest logits are equal."""
    largest = logits.topk(2, dim=1).values
    return int((largest[:, 0] == largest[:, 1]).sum())


@pytest.mark.parametrize("name", models.HEADS)
def test_no_classes_tie_by_rounding(name: str) -> None:
    torch.manual_seed(0)
    head = build(entry("cnn2d", name), CLASSES).head.eval()
    features = (10 * torch.randn(ROWS, 4, 40)).to(BF16)  # as a backbone gives them under autocast
    with torch.no_grad(), torch.autocast("cpu", BF16):
        logits = head(features)
    assert logits.dtype == torch.float32
    assert count_ties(logits) == 0
    assert count_ties(logits.to(BF16)) > ROWS // 200
    assert torch.equal(logits, head(features.float()))


@pytest.mark.parametrize("name", FEW)
def test_clip_networks_give_float32_logits(name: str) -> None:
    torch.manual_seed(0)
    options = entry(name, **FEW[name])
    model = build(options, CLASSES).eval()
    with torch.no_grad(), torch.autocast("cpu", BF16):
        logits = model(clips(options))
    assert logits.dtype == torch.float32
    assert not torch.equal(logits, logits.to(BF16).float())


@pytest.mark.parametrize("compute", [torch.float32, torch.float64])
def test_without_mixed_precision_nothing_changes(compute: torch.dtype) -> None:
    torch.manual_seed(0)
    plain = nn.Linear(8, 5).to(compute)
    changed = use_float32(copy.deepcopy(plain))
    values = torch.randn(4, 8, dtype=compute)
    assert torch.equal(changed(values), plain(values))
    assert changed.state_dict().keys() == plain.state_dict().keys()


def test_a_copy_uses_its_own_weights() -> None:
    """As the moving average of the weights does."""
    copied = copy.deepcopy(use_float32(nn.Linear(8, 5, bias=False)))
    nn.init.zeros_(copied.weight)
    assert not copied(torch.randn(4, 8)).any()


@pytest.mark.parametrize("name", ["transformer", "lstm", "gru"])
def test_a_head_can_be_compiled_with_mixed_precision(name: str) -> None:
    """In eval mode torch's fast path of transformers asks for CUDA's autocast, and on a CPU gets two types at once."""
    torch.manual_seed(0)
    head = build(entry("cnn2d", name, hidden=64), CLASSES).head.eval()  # an even number of attention heads
    features = torch.randn(2, 4, 40)
    with torch.inference_mode(), torch.autocast("cpu", BF16):
        compiled = torch.compile(head, dynamic=False, backend="aot_eager")(features)
        assert torch.allclose(compiled, head(features), atol=1e-5)
