"""Stages of every network; what is frozen stays as it is, what is trained learns at its own rate."""

from dataclasses import replace

import pytest
import torch
from model_entries import EVERY, build_on_meta, clips, entry, small_clip
from torch import nn

from vidbench import models
from vidbench.errors import UserError
from vidbench.models import catalogue, classifier
from vidbench.models.build import build
from vidbench.models.freezing import freeze, train_mode
from vidbench.models.options import ModelOptions, TrainingOptions
from vidbench.models.stages import find_model_stages, is_in
from vidbench.training.optimizer import make_optimizer, set_learning_rate

TRAINING = TrainingOptions()
FEW = ["cnn3d", "r3d_18", "s3d", "mvit_v2_s", "swin3d_t", "cnn2d", "vgg11_bn", "vit_b_32", "maxvit_t", "googlenet"]


def with_stages(name: str, trained: int | None, **more: object) -> ModelOptions:
    """Options that train so many stages."""
    options = entry(name, **small_clip(name), **more)
    return replace(options, network=replace(options.network, trained_stages=trained))


@pytest.mark.parametrize(
    "name", [name if name in FEW else pytest.param(name, marks=pytest.mark.slow) for name in EVERY]
)
def test_every_parameter_is_in_one_stage_or_the_classifier(name: str) -> None:
    options = entry(name, **small_clip(name))
    model = build_on_meta(options, 7)
    stages = find_model_stages(model)
    last = [classifier.classifier_name(model) if not options.has_backbone else "head"]
    for key, _ in model.named_parameters():
        assert [is_in(key, stage) for stage in [*stages, last]].count(True) == 1, key
    for stage in stages:
        assert any(is_in(key, stage) for key, _ in model.named_parameters())
    network = catalogue.describe(name)
    assert network.num_stages == len(stages)
    if options.has_backbone:
        assert network.num_features in (None, model.backbone.num_features)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("r3d_18", ["stem"], ["layer4"]),
        ("resnet18", ["backbone.conv1", "backbone.bn1", "backbone.relu", "backbone.maxpool"], ["backbone.layer4"]),
        ("mvit_v2_s", ["conv_proj", "pos_encoding"], ["blocks.15", "norm"]),
        ("swin3d_t", ["patch_embed", "pos_drop"], ["features.5", "features.6", "norm"]),
        (
            "vit_b_32",
            [f"backbone.{piece}" for piece in ("class_token", "conv_proj", "encoder.pos_embedding", "encoder.dropout")],
            ["backbone.encoder.layers.encoder_layer_11", "backbone.encoder.ln"],
        ),
        (
            "densenet121",
            [f"backbone.features.{piece}" for piece in ("conv0", "norm0", "relu0", "pool0")],
            [f"backbone.features.{piece}" for piece in ("transition3", "denseblock4", "norm5")],
        ),
    ],
)
def test_known_networks(name: str, first: list[str], last: list[str]) -> None:
    options = entry(name, **small_clip(name))
    stages = find_model_stages(build_on_meta(options, 7))
    assert (stages[0], stages[-1]) == (first, last)
    assert len(stages) == {"vit_b_32": 13, "mvit_v2_s": 17}.get(name, 5)


def step(model: nn.Module, options: ModelOptions, steps: int = 2) -> None:
    """Train a little."""
    optimizer = make_optimizer(model, TRAINING)
    set_learning_rate(optimizer, 0.1, None)
    train_mode(model)
    for _ in range(steps):
        optimizer.zero_grad()
        model(clips(options, 4)).square().sum().backward()
        optimizer.step()


@pytest.mark.parametrize(
    ("name", "trained"),
    [("resnet18", 2), ("resnet18", 0), ("cnn2d", 1), ("r3d_18", 1), ("s3d", 0), ("swin_t", 1), ("cnn3d", None)],
)
def test_gradients_reach_what_is_trained_and_nothing_else_moves(name: str, trained: int | None) -> None:
    torch.manual_seed(0)
    options = with_stages(name, trained)
    model = freeze(build(options, 3), options.network.trained_stages)
    stages = find_model_stages(model)
    frozen = [] if trained is None else [piece for stage in stages[: len(stages) - trained] for piece in stage]
    before = {key: tensor.clone() for key, tensor in model.state_dict().items()}
    step(model, options)
    for key, parameter in model.named_parameters():
        assert parameter.requires_grad != is_in(key, frozen), key
        assert (parameter.grad is not None and bool(parameter.grad.any())) == parameter.requires_grad, key
    for key, tensor in model.state_dict().items():  # batch norm's statistics as well
        same = is_in(key, frozen) or key.endswith("relative_position_index")
        assert torch.equal(tensor, before[key]) == same, key


def test_what_is_frozen_neither_drops_nor_normalises_by_the_batch() -> None:
    options = with_stages("efficientnet_b0", 2)
    model = freeze(build_on_meta(options, 3), options.network.trained_stages)
    for _ in range(2):
        train_mode(model)
        backbone = model.backbone
        assert not any(module.training for stage in backbone.features[:7] for module in stage.modules())
        assert all(module.training for stage in backbone.features[7:] for module in stage.modules())
        assert all(module.training for module in model.head.modules())
        model.eval()


def test_the_classifiers_dropout_stays_on() -> None:
    for name in ("r3d_18", "s3d", "swin3d_t", "mvit_v2_s"):
        options = with_stages(name, 0, dropout=0.5)
        model = freeze(build_on_meta(options, 3), options.network.trained_stages)
        train_mode(model)
        assert [layer.p for layer in model.modules() if isinstance(layer, nn.Dropout) and layer.training] == [0.5]


def test_rates_fall_from_stage_to_stage_and_equal_groups_are_one() -> None:
    options = with_stages("resnet18", 3)
    model = freeze(build_on_meta(options, 3), options.network.trained_stages)
    optimizer = make_optimizer(model, replace(TRAINING, layer_decay=0.5))
    set_learning_rate(optimizer, 0.1, None)
    groups = optimizer.param_groups
    group_of = {id(tensor): group for group in groups for tensor in group["params"]}
    for key, tensor in model.named_parameters():
        assert (id(tensor) in group_of) == tensor.requires_grad, key
    scales = {"head.": 1.0, "backbone.layer4.": 0.5, "backbone.layer3.": 0.25, "backbone.layer2.": 0.125}
    for key, tensor in model.named_parameters():
        if tensor.requires_grad:
            group = group_of[id(tensor)]
            assert group["scale"] == next(scale for start, scale in scales.items() if key.startswith(start))
            assert group["weight_decay"] == (0.05 if tensor.ndim > 1 else 0.0)
            assert group["lr"] == 0.1 * group["scale"]
    assert [(group["scale"], group["weight_decay"]) for group in groups] == [
        (scale, decay) for scale in scales.values() for decay in (0.05, 0.0)
    ]


def test_without_layer_decay_there_are_two_groups() -> None:
    groups = make_optimizer(build_on_meta(entry("resnet18"), 3), TRAINING).param_groups
    assert [(group["scale"], group["weight_decay"]) for group in groups] == [(1.0, 0.05), (1.0, 0.0)]


@pytest.mark.parametrize("name", ["r3d_18", "resnet50"])
def test_more_stages_than_there_are(name: str) -> None:
    models.check(with_stages(name, 5))
    with pytest.raises(UserError, match=f"trained_stages: 6, but {name} has 5 stages"):
        models.check(with_stages(name, 6))
