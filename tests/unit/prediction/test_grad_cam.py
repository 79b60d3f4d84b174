"""Activation maps: of every family, at the right place, of the right class, and equal to Grad-CAM by hand."""

from dataclasses import replace

import pytest
import torch
from model_entries import clips, entry, same_every_time  # noqa: F401 - a fixture
from torch import nn
from torch.nn import functional

from vidbench.models.build import build as build_model
from vidbench.models.options import ModelOptions
from vidbench.prediction.grad_cam import Place, activation_map, fit_map, last_map

pytestmark = pytest.mark.usefixtures("same_every_time")

SMALL = {"size": (64, 64), "frames": 2}
# A model each, with the layer that is looked at and its cells in time and space.
FAST = [
    (entry("cnn3d", frames=8), "layers.3", (2, 2, 2)),
    (entry("cnn2d"), "backbone.last", (2, 2)),
    *((entry("cnn2d", head), "backbone.last", (2, 2)) for head in ("max", "lstm", "gru", "tcn", "transformer", "tsm")),
    (entry("mobilenet_v2", "gru", size=(64, 64)), "backbone.features.18", (2, 2)),
    (entry("resnet18", "tsm", size=(64, 64)), "backbone.layer4", (2, 2)),
    (entry("densenet121", **SMALL), "backbone.features.norm5", (2, 2)),
    (entry("vit_b_32", **SMALL), "backbone.encoder.layers.encoder_layer_11.ln_1", (2, 2)),
    (entry("swin_t", **SMALL), "backbone.norm", (2, 2)),
    (entry("timm/resnet18", **SMALL), "backbone.layer4", (2, 2)),
    (entry("timm/vit_tiny_patch16_224", **SMALL), "backbone.blocks.11.norm1", (4, 4)),
    (entry("timm/vit_small_patch16_dinov3", size=(64, 96), frames=2), "backbone.blocks.11.norm1", (4, 6)),  # registers
    (entry("timm/vit_base_patch16_siglip_224", **SMALL), "backbone.blocks.11.norm1", (4, 4)),  # no class token
    (entry("timm/swin_tiny_patch4_window7_224", **SMALL), None, (2, 2)),
    (entry("timm/mobilenetv4_conv_small", **SMALL), None, (2, 2)),
    (entry("cnn2d", "attentive", size=(64, 96), frames=2), None, (4, 6)),
    (entry("resnet18", "attentive", size=(96, 96), frames=2), None, (3, 3)),
    (entry("timm/test_vit", "attentive", size=(160, 160), frames=1), None, (10, 10)),
]
SLOW = [
    (entry("alexnet", "attentive", size=(96, 96), frames=2), "backbone.features.12", (2, 2)),
    (entry("r3d_18", frames=8, size=(64, 64)), "layer3", (2, 8, 8)),
    (entry("s3d", frames=16, size=(64, 64)), "features.15", (2, 2, 2)),
    (entry("mc3_18", frames=8, size=(48, 48)), "layer4", (8, 3, 3)),
    (entry("r2plus1d_18", frames=16, size=(48, 32)), "layer4", (2, 3, 2)),
    (entry("swin3d_t", frames=8, size=(64, 96)), "norm", (4, 2, 3)),
    (entry("mvit_v2_s", frames=4, size=(64, 96)), "blocks.15.norm1", (2, 2, 3)),
    (entry("mvit_v1_b", frames=6, size=(64, 96)), "blocks.15.norm1", (3, 2, 3)),
    (entry("swin3d_t", frames=4, size=(64, 64)), None, (2, 2, 2)),
    (entry("squeezenet1_1", size=(96, 96), frames=2), "backbone.features.12", (5, 5)),
    (entry("vgg11", size=(96, 96), frames=2), "backbone.avgpool", (7, 7)),
    *((entry(name, **SMALL), None, (2, 2)) for name in (
        "shufflenet_v2_x0_5", "googlenet", "efficientnet_b0", "regnet_x_400mf", "mnasnet0_5",
        "convnext_tiny", "mobilenet_v3_small", "swin_v2_t", "wide_resnet50_2")),
    (entry("inception_v3", size=(128, 128), frames=2), None, (2, 2)),
    (entry("alexnet", size=(96, 96), frames=2), None, (6, 6)),
    (entry("maxvit_t", size=(224, 224), frames=1), None, (7, 7)),
]  # fmt: skip
CASES = [*FAST, *(pytest.param(*case, marks=pytest.mark.slow) for case in SLOW)]


def build(options: ModelOptions, classes: int = 3) -> nn.Module:
    torch.manual_seed(0)
    return build_model(options, classes).eval().requires_grad_(False)


@pytest.mark.parametrize(("options", "layer", "cells"), CASES)
def test_every_family_has_a_map(options: ModelOptions, layer: str | None, cells: tuple[int, ...]) -> None:
    model, clip = build(options), clips(options, batch=1)
    before = model(clip)
    place = last_map(model, options.network.architecture, clip)
    assert place.name == layer or layer is None
    assert tuple(place.cells) == cells
    maps = [activation_map(model, place, clip, target) for target in range(3)]
    time = cells[:1] if len(cells) == 3 else (options.clip.frames,)
    for heat in maps:
        assert heat.shape == (*time, *cells[-2:])
        assert heat.isfinite().all()
        assert (heat >= 0).all()
    assert any(heat.any() for heat in maps)
    assert not all(torch.equal(maps[0], other) for other in maps[1:])  # another class, another map
    assert torch.equal(activation_map(model, place, clip, 0), maps[0])  # same bytes
    assert torch.equal(model(clip), before)  # nothing is left behind in the model


def by_hand(model: nn.Module, layer: str, clip: torch.Tensor, target: int) -> torch.Tensor:
    """Grad-CAM of a layer (N, C, ...), written down."""
    kept: list[torch.Tensor] = []
    hook = model.get_submodule(layer).register_forward_hook(lambda module, inputs, output: kept.append(output))
    logits = model.requires_grad_(True)(clip)
    hook.remove()
    gradient = torch.autograd.grad(logits[0, target], kept[0])[0]
    weights = gradient.flatten(2).mean(2).reshape(*gradient.shape[:2], *[1] * (gradient.ndim - 2))
    return functional.relu((weights * kept[0]).sum(1)).detach()


def test_of_clips_it_is_grad_cam_by_hand() -> None:
    options = entry("cnn3d", frames=8)
    model, clip = build(options), clips(options, batch=1)
    place = last_map(model, options.network.architecture, clip)
    for target in range(3):
        got = activation_map(model, place, clip, target)
        torch.testing.assert_close(got, by_hand(model, place.name, clip, target)[0])


@pytest.mark.parametrize("head", ["mean", "lstm", "tcn"])
def test_of_frames_it_is_grad_cam_by_hand(head: str) -> None:
    options = entry("cnn2d", head)
    model, clip = build(options), clips(options, batch=1)
    place = last_map(model, options.network.architecture, clip)
    torch.testing.assert_close(activation_map(model, place, clip, 1), by_hand(model, place.name, clip, 1))


class Tokens(nn.Module):
    """Patches of 8 x 8 pixels, each its mean colour, behind a class token; that colour is summed over the patches."""

    def __init__(self) -> None:
        super().__init__()
        self.patches, self.norm = nn.AvgPool2d(8), nn.Identity()

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        tokens = self.patches(clips[:, :, 0]).flatten(2).transpose(1, 2)  # (B, N, 3)
        tokens = self.norm(torch.cat([tokens.new_full((len(tokens), 1, 3), 100.0), tokens], dim=1))
        return tokens[:, 1:].sum(1)


class LastDimension(Tokens):
    """The same, with a map whose channels come last."""

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        return self.norm(self.patches(clips[:, :, 0]).movedim(1, -1)).sum((1, 2))


@pytest.mark.parametrize(("network", "layout"), [(Tokens, "tokens"), (LastDimension, "channels last")])
def test_a_layout_keeps_places_where_they_are(network: type[nn.Module], layout: str) -> None:
    clip = torch.zeros(1, 3, 1, 16, 32)
    clip[0, 1, 0, 8:, 16:24] = 1  # one green patch
    heat = activation_map(network(), Place("norm", layout, (2, 4)), clip, 1)
    assert heat[0].tolist() == [[0, 0, 0, 0], [0, 0, 1, 0]]
    assert not activation_map(network(), Place("norm", layout, (2, 4)), clip, 0).any()  # nothing is red


def test_fitted_maps_have_their_largest_value_at_one_and_may_be_empty() -> None:
    maps = torch.rand(2, 3, 4)
    large = fit_map(maps, (8, 30, 40))
    assert large.shape == (8, 30, 40)
    assert large.max() == 1
    assert large.min() >= 0
    assert not fit_map(torch.zeros(2, 3, 4), (8, 30, 40)).any()


SIDE = 64


def scene(number: int) -> tuple[torch.Tensor, tuple[slice, slice, slice]]:
    """A clip (3, 8, SIDE, SIDE) of noise, every second one with a red square for half of the time; and where."""
    generator = torch.Generator().manual_seed(number)
    clip = 0.1 * torch.randn(3, 8, SIDE, SIDE, generator=generator)
    top, left = torch.randint(0, SIDE - 16, (2,), generator=generator).tolist()
    begin = 4 * (number // 2 % 2)
    if number % 2:
        clip[0, begin : begin + 4, top : top + 16, left : left + 16] += 2
    cell = 16  # pixels: what a map can tell
    around = (slice(max(side - cell // 2, 0), side + 16 + cell // 2) for side in (top, left))
    return clip, (slice(begin, begin + 4), *around)


@pytest.mark.parametrize("name", ["cnn3d", "cnn2d"])
def test_a_trained_models_map_lies_on_what_it_was_trained_to_see(name: str) -> None:
    options = entry(name, frames=8, size=(SIDE, SIDE))
    options = replace(options, network=replace(options.network, width=8 if name == "cnn3d" else 4))
    torch.manual_seed(0)
    model = build_model(options, 2).train()
    optimizer = torch.optim.AdamW(model.parameters(), 0.003)
    there = functional.one_hot(torch.arange(12) % 2, 2).float()
    for step in range(50):
        logits = model(torch.stack([scene(number)[0] for number in range(12 * step, 12 * step + 12)]))
        optimizer.zero_grad()
        functional.binary_cross_entropy_with_logits(logits, there).backward()
        optimizer.step()
    model.eval().requires_grad_(False)
    for number in range(10_001, 10_017, 2):
        clip, (when, top, left) = scene(number)
        assert model(clip[None]).argmax() == 1
        heat = fit_map(
            activation_map(model, last_map(model, options.network.architecture, clip[None]), clip[None], 1),
            clip.shape[1:],
        )
        assert heat[:, top, left].mean() > 2 * heat.mean()
        assert (heat[:, top, left] == 1).any()
        if name == "cnn2d":  # a cell of cnn3d sees 17 frames: its map cannot tell when
            assert heat[when].sum() > 0.8 * heat.sum()
            assert heat[when, top, left].mean() > 3 * heat.mean()
