"""Counted arithmetic of networks against formulas and published numbers."""

import model_entries
import pytest
import torch

from vidbench.models.build import build_backbone
from vidbench.models.flops import count_gflops

FRAMES, CLASSES = 4, 6


def counted(name: str, head: str = "mean", **more: object) -> float:
    return count_gflops(model_entries.entry(name, head, **more), CLASSES) * 1e9


def test_the_3d_cnn_by_hand() -> None:
    width = 4
    volumes = [(3, width, 4, 16), (width, 2 * width, 2, 8), (2 * width, 4 * width, 1, 4), (4 * width, 5 * width, 1, 2)]
    convolutions = sum(2 * 27 * inputs * outputs * time * side**2 for inputs, outputs, time, side in volumes)
    assert counted("cnn3d", width=width) == convolutions + 2 * 10 * width * CLASSES


def backbone() -> tuple[float, int]:
    """Operations of the 2D network on all frames, and the number of its features, from the head `mean`."""
    options = model_entries.entry("cnn2d")
    features = build_backbone(options.network, options.clip).num_features
    return counted("cnn2d") - 2 * features * CLASSES, features


def test_recurrent_heads_by_hand() -> None:
    """On a CPU torch has kernels of its own for these, which its counter would leave out."""
    frames, features = backbone()
    hidden = 16
    for head, gates in (("lstm", 4), ("gru", 3)):
        steps = FRAMES * gates * 2 * hidden * (features + hidden)
        assert counted("cnn2d", head) == frames + steps + 2 * hidden * CLASSES, head


def test_attention_by_hand() -> None:
    frames, features = backbone()
    hidden = 16
    attention = 2 * (2 * FRAMES * FRAMES * hidden)  # keys by queries, weights by values
    layer = 2 * FRAMES * hidden * (4 * hidden + 2 * 4 * hidden) + attention
    assert counted("cnn2d", "transformer") == frames + 2 * FRAMES * features * hidden + layer + 2 * hidden * CLASSES


def test_shifting_costs_nothing_and_convolutions_over_time_something() -> None:
    assert counted("cnn2d", "tsm") == counted("cnn2d")
    assert counted("cnn2d", "tcn") > counted("cnn2d") * 1.01


@pytest.mark.parametrize(
    ("name", "frames", "side", "published"),
    [
        ("r3d_18", 16, 112, 40.697), ("r2plus1d_18", 16, 112, 40.519), ("mvit_v2_s", 16, 224, 64.224),
        ("swin3d_t", 16, 224, 43.882),
    ],
)  # fmt: skip
def test_torchvisions_published_numbers(name: str, frames: int, side: int, published: float) -> None:
    """These count a multiply-add once."""
    with model_entries.no_memory():
        gflops = count_gflops(model_entries.entry(name, frames=frames, size=(side, side)), 400)
    assert gflops / 2 == pytest.approx(published, rel=0.02)


@pytest.mark.parametrize(
    ("name", "head", "more"),
    [
        ("cnn3d", "mean", {}), ("r2plus1d_18", "mean", {}), ("s3d", "mean", {"frames": 16, "size": (64, 64)}),
        ("mvit_v2_s", "mean", {"frames": 16, "size": (224, 224)}), ("swin3d_t", "mean", {}),
        ("cnn2d", "lstm", {}), ("cnn2d", "lstm", {"bidirectional": True, "layers": 2}), ("cnn2d", "gru", {}),
        ("cnn2d", "transformer", {}), ("cnn2d", "attentive", {}), ("vit_b_16", "mean", {"size": (224, 224)}),
        ("swin_t", "mean", {}), ("timm/vit_tiny_patch16_224", "mean", {"size": (224, 224)}),
    ],
)  # fmt: skip
def test_a_forward_pass_on_the_cpu_counts_the_same(name: str, head: str, more: dict) -> None:
    options = model_entries.entry(name, head, **more)
    assert count_gflops(options, CLASSES, "cpu") == count_gflops(options, CLASSES)
    assert torch.backends.mha.get_fastpath_enabled()
