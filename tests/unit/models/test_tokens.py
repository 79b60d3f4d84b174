"""Tokens are the networks' own maps, averaged over cells, from the same pass as the features."""

import copy
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import timm
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from model_entries import clips, entry, same_every_time, small_clip  # noqa: F401 - a fixture
from torch import nn
from torch.nn import functional

from vidbench import models
from vidbench.errors import UserError
from vidbench.models import tokens
from vidbench.models.batch_norm import find_batch_norms
from vidbench.models.build import build, build_backbone
from vidbench.models.freezing import freeze, train_mode
from vidbench.models.options import ModelOptions

pytestmark = pytest.mark.usefixtures("same_every_time")
TIMM = {"timm/test_resnet": 64, "timm/test_vit": 160, "timm/test_vit3": 160, "timm/test_convnext": 64,
        "timm/test_efficientnet": 64}  # fmt: skip
# One of each way in which a network pools its last map.
FRAME_NETWORKS = (
    "cnn2d", "resnet18", "mobilenet_v2", "densenet121", "squeezenet1_1", "shufflenet_v2_x0_5", "mnasnet0_5", "alexnet",
    "mobilenet_v3_small", "swin_t", *TIMM,
)  # fmt: skip
CLIP_NETWORKS = ("cnn3d", "r3d_18", "s3d", "mvit_v2_s", "swin3d_t")


def options_of(name: str, grid: tuple[int, ...], trained: int | None = 0) -> ModelOptions:
    """A head on tokens, of a clip that is a little larger than the grid."""
    clip = {"frames": 8, "size": (32, 48)} if name in CLIP_NETWORKS else {"frames": 2, "size": (64, 96)}
    if name.startswith("vit"):
        clip |= small_clip(name)
    if name in TIMM:
        clip["size"] = (TIMM[name], TIMM[name])
    backbone = {"architecture": name, "width": 4, "weights": None, "trained_stages": trained, "tokens": list(grid)}
    if models.takes_clips(name):
        options = ModelOptions.from_dict({"backbone": backbone, "head": "attentive"})
        made = entry(name, **clip)
        return replace(options, clip=made.clip, training=made.training)
    return entry(name, "attentive", backbone=backbone, **clip)


def inputs_of(options: ModelOptions) -> torch.Tensor:
    made = clips(options)
    return made if options.network.takes_clips else made[:, :, 0]


def warmed_up(network: nn.Module, inputs: torch.Tensor) -> Any:
    """With statistics of some input: with those it begins with, a deep network's maps are next to nothing."""
    for norm in find_batch_norms(network):
        norm.momentum = None  # the mean over all passes
    network.train()(torch.randn_like(inputs))
    return network.eval()


@pytest.mark.parametrize("name", [*FRAME_NETWORKS, *CLIP_NETWORKS])
def test_features_are_the_networks_and_the_mean_of_all_cells_is_what_it_pools(name: str) -> None:
    takes_clips = models.takes_clips(name)
    options = options_of(name, (1, 1, 1) if takes_clips else (1, 1), trained=None)
    inputs = inputs_of(options)
    built = build_backbone(options.network, options.clip, gives_tokens=True)
    warmed_up(built, inputs)
    plain = build_backbone(options.network, options.clip).eval()
    plain.load_state_dict(built.state_dict())  # no weight is renamed
    with torch.inference_mode():
        features, one = built.read_both(inputs)
        assert torch.equal(features, plain(inputs))
        assert torch.equal(built(inputs), one)
    assert one.shape == (2, built.num_channels)
    if features.shape == one.shape and name in ("resnet18", "densenet121", "squeezenet1_1", "mobilenet_v2", "r3d_18",
                                                "s3d", "swin3d_t", "shufflenet_v2_x0_5", "mnasnet0_5",
                                                "timm/test_resnet", "timm/test_efficientnet"):  # fmt: skip
        assert torch.allclose(one, features, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize(
    ("name", "maps"),
    [
        ("resnet18", lambda net, x: nn.Sequential(*list(net.children())[:-2])(x)),
        ("vit_b_32", lambda net, x: _patches(net.encoder(torch.cat(
            [net.class_token.expand(len(x), -1, -1), net._process_input(x)], 1))[:, 1:])),
        ("timm/test_vit", lambda net, x: _patches(
            timm.models.VisionTransformer.forward_features(net, x)[:, net.num_prefix_tokens :])),
        ("timm/test_convnext", lambda net, x: net.norm_pre(net.stages(net.stem(x)))),
        ("cnn3d", lambda net, x: net.layers(x)),
        ("r3d_18", lambda net, x: net.layer4(net.layer3(net.layer2(net.layer1(net.stem(x)))))),
        ("s3d", lambda net, x: net.features(x)),
    ],
)  # fmt: skip
def test_tokens_are_the_last_maps_in_cells(name: str, maps: Callable) -> None:
    grid = (3, 2, 2) if models.takes_clips(name) else (2, 2)
    options = options_of(name, grid, trained=None)
    inputs = inputs_of(options)
    built = warmed_up(build_backbone(options.network, options.clip, gives_tokens=True), inputs)
    with torch.inference_mode():
        expected = maps(built, inputs)
        shape = [min(pair) for pair in zip(grid, expected.shape[2:], strict=True)]
        pooled = nn.AdaptiveAvgPool3d(shape) if models.takes_clips(name) else nn.AdaptiveAvgPool2d(shape)
        cells = pooled(expected).flatten(2).transpose(1, 2)  # (B, cells, C)
        assert built.cells == tuple(shape)
        found = built(inputs).unflatten(1, (-1, built.num_channels))
        assert torch.allclose(found, cells, atol=1e-4, rtol=1e-4)
    assert found.std() > 1e-3


def _patches(tokens: torch.Tensor) -> torch.Tensor:
    side = math.isqrt(tokens.shape[1])
    return tokens.transpose(1, 2).unflatten(2, (side, side))


def test_patches_of_mvit_are_on_the_clips_grid() -> None:
    options = options_of("mvit_v2_s", (8, 9, 9))
    built = build_backbone(options.network, options.clip, gives_tokens=True)
    assert built.cells == (4, 1, 2)  # patches of 2 x 4 x 4 at an eighth of the size; 8 frames of 32 x 48
    assert built.eval()(inputs_of(options)).shape == (2, 4 * 1 * 2 * 768)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 9), st.tuples(*[st.integers(1, 9)] * 3))
def test_pooling_is_adaptive_pooling_where_there_is_something_to_pool(
    time: int, height: int, width: int, grid: tuple[int, int, int]
) -> None:
    maps = torch.randn(2, 3, time, height, width, dtype=torch.float64)
    cells = [min(pair) for pair in zip(grid, (time, height, width), strict=True)]
    assert torch.allclose(tokens.pool(maps, grid), functional.adaptive_avg_pool3d(maps, cells))
    frame = maps[:, :, 0]
    assert torch.allclose(tokens.pool(frame, grid[1:]), functional.adaptive_avg_pool2d(frame, cells[1:]))


@pytest.mark.parametrize("name", ["cnn2d", "timm/test_vit", "cnn3d", "mvit_v2_s"])
def test_a_copy_reads_its_own_tokens(name: str) -> None:
    """As the moving average of the weights does."""
    options = options_of(name, (2, 2, 2) if models.takes_clips(name) else (2, 2), trained=None)
    model = build(options, 3).eval()
    other = copy.deepcopy(model)
    with torch.no_grad():
        clip = clips(options)
        before = model(clip)
        for parameter in other.backbone.parameters():
            parameter.mul_(1.5)
        assert not torch.allclose(other(clip), before, atol=1e-5)
        assert torch.equal(model(clip), before)
    assert type(other.backbone).__name__ == type(build_backbone(options.network, options.clip)).__name__


def test_a_frozen_networks_tokens_are_rounded_and_pass_gradients_on() -> None:
    exact = torch.randn(3, 8, requires_grad=True)
    rounded = tokens.round_as_cached(exact)
    assert torch.equal(rounded, exact.half().float())
    rounded.sum().backward()
    assert torch.equal(exact.grad, torch.ones(3, 8))
    for trained in (0, 1, None):
        options = options_of("cnn2d", (2, 2), trained)
        found = build_backbone(options.network, options.clip, gives_tokens=True).eval()(inputs_of(options))
        assert torch.equal(found, found.half().float()) == (trained == 0)


@pytest.mark.parametrize("name", ["resnet18", "timm/test_vit", "r3d_18"])
def test_a_fine_tuned_network_learns_through_its_tokens_and_a_frozen_one_does_not(name: str) -> None:
    grid = (2, 2, 2) if models.takes_clips(name) else (2, 2)
    for trained in (None, 0):
        options = options_of(name, grid, trained)
        model = freeze(build(options, 3), trained)
        train_mode(model)
        model(clips(options, 3)).square().sum().backward()
        moved = [
            key for key, tensor in model.backbone.named_parameters() if tensor.grad is not None and tensor.grad.any()
        ]
        assert bool(moved) == (trained is None)
        assert model.head.query.grad.any()
        assert model.backbone.token_capture.value is None  # holds no activations
        assert model.backbone.has_unused_parameters == (trained is None)


@pytest.mark.parametrize("name", ["cnn2d", "resnet18", "cnn3d"])
def test_a_compiled_model_reads_tokens_in_one_graph(name: str) -> None:
    options = options_of(name, (2, 2, 2) if models.takes_clips(name) else (2, 2))
    model = build(options, 3).eval()
    compiled = torch.compile(model, backend="eager", fullgraph=True, dynamic=False)
    with torch.no_grad():
        for _ in range(2):
            clip = clips(options)
            assert torch.allclose(compiled(clip), model(clip), atol=1e-5)


class OwnTokens(nn.Module):
    """A network with a method tokens(), as the Hugging Face ones have it."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(3, 5)
        self.num_features = 5

    def tokens(self, inputs: torch.Tensor) -> torch.Tensor:
        """(B, 3, T, H, W) -> (B, T, H, W, 5)."""
        return self.layer(inputs.movedim(1, -1))

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return self.tokens(inputs).mean((1, 2, 3))


def test_a_networks_own_method_gives_its_tokens() -> None:
    network, inputs = OwnTokens(), torch.randn(2, 3, 4, 6, 6)
    expected, maps = network(inputs), network.tokens(inputs).movedim(-1, 1)
    built = tokens.add_tokens(network, None, (2, 3, 9), (3, 4, 6, 6), rounds=False)
    assert (built.num_channels, built.cells) == (5, (2, 3, 6))
    features, found = built.read_both(inputs)
    assert torch.equal(features, expected)
    pooled = functional.adaptive_avg_pool3d(maps, (2, 3, 6)).flatten(2).transpose(1, 2).flatten(1)
    assert torch.allclose(found, pooled, atol=1e-6)
    assert torch.equal(built(inputs), found)
    with pytest.raises(UserError, match=r"tokens: \[2, 2\], but the network's are on a grid of 3 axes"):
        tokens.add_tokens(OwnTokens(), None, (2, 2), (3, 4, 6, 6), rounds=False)


@pytest.mark.parametrize(
    ("name", "grid", "words"),
    [
        ("resnet18", [2, 2, 2], r"tokens: \[2, 2, 2\], but resnet18 takes single frames; name \[height, width\]"),
        ("r3d_18", [2, 2], r"tokens: \[2, 2\], but r3d_18 takes whole clips; name \[time, height, width\]"),
        ("resnet18", None, r"head attentive reads tokens; give the backbone resnet18 a grid .* tokens: \[4, 4\]"),
        ("r3d_18", None, r"head attentive reads tokens; give the backbone r3d_18 a grid .* tokens: \[8, 4, 4\]"),
    ],
)
def test_grids_that_do_not_suit_the_network_are_refused(name: str, grid: list[int] | None, words: str) -> None:
    backbone = {"architecture": name, "tokens": grid}
    with pytest.raises(UserError, match=words):
        models.check(ModelOptions.from_dict({"backbone": backbone, "head": "attentive"}))


def test_modules_that_tokens_come_from() -> None:
    plain = ModelOptions.from_dict({"backbone": {"architecture": "cnn2d", "tokens": [2, 2]}, "head": "mean"})
    attentive = ModelOptions.from_dict({"backbone": {"architecture": "cnn2d", "tokens": [2, 2]}, "head": "attentive"})
    assert "tokens" not in models.module_names(plain)
    assert "tokens" in models.module_names(attentive)
    assert "tokens" in models.backbone_module_names(plain.network)
    assert "tokens" not in models.backbone_module_names(replace(plain.network, tokens=None))
