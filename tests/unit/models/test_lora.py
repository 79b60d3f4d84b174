"""LoRA: starts as the network, trains its matrices alone, and leaves the plain network's weights."""

import copy
from dataclasses import replace

import pytest
import timm
import tiny
import torch
from model_entries import EVERY, build_on_meta, clips, entry, same_every_time, small_clip  # noqa: F401 - a fixture
from torch import nn
from torchvision.models import MaxVit, SwinTransformer, VisionTransformer
from torchvision.models.swin_transformer import (
    PatchMerging,
    PatchMergingV2,
    SwinTransformerBlock,
    SwinTransformerBlockV2,
)
from torchvision.models.video import MViT, SwinTransformer3d
from torchvision.models.video.mvit import MSBlockConfig
from torchvision.ops import StochasticDepth

from vidbench import models
from vidbench.config import checks, schema
from vidbench.errors import UserError
from vidbench.models import catalogue, lora
from vidbench.models.batch_norm import find_batch_norms
from vidbench.models.build import build
from vidbench.models.classifier import classifier_name
from vidbench.models.freezing import train_mode
from vidbench.models.options import LoraOptions, ModelOptions, TrainingOptions
from vidbench.training.activation_checkpointing import recompute_blocks
from vidbench.training.ema import ModelEma
from vidbench.training.optimizer import make_optimizer, parameter_groups, set_learning_rate

pytestmark = pytest.mark.usefixtures("same_every_time")

RANK_4 = LoraOptions(rank=4)
# One of each way in which attention is written, with the numbers of its layers there and of all linear ones.
COUNTS = {
    "timm": (12, 24),
    "attention_pool": (21, 41),
    "vit": (4, 8),  # nn.MultiheadAttention
    "swin": (4, 9),  # the weights are arguments of a function
    "swin_v2": (4, 13),  # with an MLP of positions, which is not attention
    "swin3d": (4, 9),
    "mvit": (4, 9),
    "maxvit": (4, 9),  # with batch norm
}
REAL = {"vit_b_32": (24, 48), "swin_t": (24, 51), "swin3d_t": (24, 51), "mvit_v2_s": (32, 67), "maxvit_t": (44, 89)}
QUICK = ("cnn2d", "cnn3d", "alexnet", "mobilenet_v3_small", "resnet18", "squeezenet1_1")
FEW = ["timm", "vit", "swin", "mvit"]


def small(name: str) -> tuple[nn.Module, torch.Tensor]:
    """A library's network of that kind with a few layers of a few channels, in evaluation mode, and its input."""
    torch.manual_seed(0)
    sides = {"timm": (32, 32), "attention_pool": (160, 160), "swin3d": (4, 16, 16), "mvit": (4, 32, 32)}
    side = sides.get(name, (32, 32))
    network = make(name).eval()
    nn.init.normal_(network.get_submodule(classifier_name(network)).weight)  # zero in torchvision's
    return network, torch.randn(2, 3, *side)


def make(name: str) -> nn.Module:
    if name == "timm":
        return timm.create_model("test_vit", img_size=32, num_classes=3)
    if name == "attention_pool":
        return timm.create_model("test_vit3", num_classes=3)
    if name == "vit":
        return VisionTransformer(32, 16, num_layers=2, num_heads=2, hidden_dim=16, mlp_dim=32, num_classes=3)
    if name.startswith("swin"):
        kind, block, merging = {
            "swin": (SwinTransformer, SwinTransformerBlock, PatchMerging),
            "swin_v2": (SwinTransformer, SwinTransformerBlockV2, PatchMergingV2),
            "swin3d": (SwinTransformer3d, None, PatchMerging),
        }[name]
        patch, window = ([2, 4, 4], [2, 2, 2]) if name == "swin3d" else ([4, 4], [2, 2])
        return kind(patch, 8, [1, 1], [2, 2], window, num_classes=3, block=block, downsample_layer=merging)
    if name == "mvit":
        block = MSBlockConfig(2, 16, 16, [3, 3, 3], [3, 3, 3], [1, 1, 1], [1, 2, 2])
        return MViT((32, 32), 4, [block, replace(block, output_channels=32)], *[True] * 4, num_classes=3)
    return MaxVit((32, 32), 8, 4, [8], [1], 4, 0.0, num_classes=3)


def adapted(name: str, how: LoraOptions = RANK_4) -> tuple[nn.Module, torch.Tensor]:
    """A small network that has learnt something, and its input."""
    network, inputs = small(name)
    return learn(lora.adapt(network, how)), inputs


def learn(model: nn.Module) -> nn.Module:
    """Give the matrices values, as they are zero at first."""
    for key, parameter in model.named_parameters():
        if key.endswith(lora.UP):
            nn.init.normal_(parameter, std=0.3)
    return model


def options(name: str) -> ModelOptions:
    """Options of a whole model with a small clip."""
    if name.startswith("timm/"):
        return entry(name, frames=2, size=(64, 64), backbone={"architecture": name})
    return entry(name, **small_clip(name))


@pytest.mark.parametrize("layers", ["attention", "all"])
@pytest.mark.parametrize("name", COUNTS)
def test_merged_weights_are_the_plain_networks_and_give_the_same_logits(name: str, layers: str) -> None:
    check_merged(*small(name), LoraOptions(rank=4, layers=layers), COUNTS[name][layers == "all"])


@pytest.mark.slow
@pytest.mark.parametrize("name", REAL)
def test_so_they_are_of_networks_of_full_size(name: str) -> None:
    model = build(options(name), 3).eval()
    check_merged(model, clips(options(name)), LoraOptions(rank=4, layers="all"), REAL[name][1])
    assert len(lora.find_layers(model, "attention")) == REAL[name][0]


def check_merged(plain: nn.Module, inputs: torch.Tensor, how: LoraOptions, count: int) -> None:
    model = lora.adapt(copy.deepcopy(plain), how).eval()
    assert len(lora.find_layers(model, how.layers)) == count
    with torch.inference_mode():
        before = plain(inputs)
        assert torch.equal(model(inputs), before)
    assert all(
        torch.equal(tensor, plain.state_dict()[key]) for key, tensor in lora.merge(model.state_dict(), how).items()
    )
    plain.load_state_dict(lora.merge(learn(model).state_dict(), how))
    with torch.inference_mode():
        after = model(inputs)
        assert (after - before).abs().max() > 1e-4
        assert torch.allclose(plain(inputs), after, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", COUNTS)
def test_only_matrices_and_classifier_learn(name: str) -> None:
    network, inputs = small(name)
    model = lora.adapt(network, LoraOptions(layers="all"))
    last = classifier_name(model)
    before = {key: tensor.clone() for key, tensor in model.state_dict().items()}
    optimizer = make_optimizer(model, TrainingOptions())
    set_learning_rate(optimizer, 0.01, None)
    train_mode(model)
    assert model.training
    assert not any(norm.training for norm in find_batch_norms(model))
    for _ in range(2):  # after the first step UP is no longer zero, so DOWN has a gradient, too
        optimizer.zero_grad()
        model(inputs).square().sum().backward()
        optimizer.step()
    moved = {key for key, tensor in model.state_dict().items() if not torch.equal(tensor, before[key])}
    assert moved == {key for key in before if "_lora_" in key or key.startswith(f"{last}.")}
    assert moved == {key for key, parameter in model.named_parameters() if parameter.requires_grad}


def test_a_head_learns_beside_the_matrices() -> None:
    model = lora.adapt(build(options("timm/test_vit"), 3), RANK_4)
    trained = {key for key, parameter in model.named_parameters() if parameter.requires_grad}
    assert {key for key in trained if "_lora_" not in key} == {"head.classifier.weight", "head.classifier.bias"}


def test_a_layers_own_pass_and_its_added_weight_have_the_same_gradients() -> None:
    results = []
    for outside in (False, True):
        torch.manual_seed(1)
        model = nn.Module()
        model.attn, model.last = nn.Linear(6, 5), nn.Linear(5, 2)
        lora.adapt(model, RANK_4)
        nn.init.normal_(model.attn.weight_lora_up)
        inputs = torch.randn(7, 6)
        hidden = nn.functional.linear(inputs, model.attn.weight, model.attn.bias) if outside else model.attn(inputs)
        hidden.square().sum().backward()
        assert model.attn.get_parameter("weight_lora_down").grad is not None
        results.append([hidden, *(part.grad for part in model.attn.parameters() if part.requires_grad)])
    for one, other in zip(*results, strict=True):
        assert torch.allclose(one, other, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", FEW)
def test_recomputed_activations_give_the_same_gradients(name: str) -> None:
    plain, inputs = adapted(name, LoraOptions(layers="all"))
    train_mode(plain)
    recomputing = copy.deepcopy(plain)
    assert len(recompute_blocks(recomputing)) >= 2
    for model in (plain, recomputing):
        torch.manual_seed(1)  # stochastic depth
        model(inputs).square().sum().backward()
    for (key, one), other in zip(plain.named_parameters(), recomputing.parameters(), strict=True):
        assert (one.grad is None) == (other.grad is None) == (not one.requires_grad), key
        assert one.grad is None or torch.allclose(one.grad, other.grad, rtol=1e-4, atol=1e-6), key


def test_compiled_it_gives_the_same() -> None:
    """Swin's attention takes the added weights, its MLPs use the layer's own pass."""
    model, inputs = adapted("swin", LoraOptions(layers="all"))
    compiled = torch.compile(model, dynamic=False, backend="aot_eager")
    gradients = []
    for call in (model, compiled):
        model.zero_grad()
        call(inputs).square().sum().backward()
        gradients.append({key: part.grad for key, part in model.named_parameters() if part.requires_grad})
    for key, one in gradients[0].items():
        assert torch.allclose(one, gradients[1][key], rtol=1e-4, atol=1e-5), key


def test_a_moving_average_has_matrices_of_its_own() -> None:
    model, inputs = adapted("timm")
    ema = ModelEma(model, 0.5)
    with torch.inference_mode():
        before = ema.model(inputs)
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.zero_()
        assert torch.equal(ema.model(inputs), before)
        ema.update(model, 100)
        assert not torch.equal(ema.model(inputs), before)


def test_groups_of_the_optimiser_follow_stages_and_leave_out_what_is_frozen() -> None:
    model = lora.adapt(build(options("timm/test_vit"), 3), RANK_4)
    groups = parameter_groups(model, TrainingOptions(layer_decay=0.5))
    trained = [part for part in model.parameters() if part.requires_grad]
    assert sorted(map(id, trained)) == sorted(id(part) for group in groups for part in group["params"])
    assert groups[0]["scale"] == 1
    assert len({group["scale"] for group in groups}) == 7  # the head, six blocks; the stem has nothing to train
    assert all(group["weight_decay"] == 0.05 for group in groups if group["scale"] < 1)


@pytest.mark.parametrize("name", ["timm", "mvit"])
def test_dropout_is_of_the_matrices_inputs_in_training_only(name: str) -> None:
    model, inputs = adapted(name, LoraOptions(dropout=0.5))
    for part in model.modules():
        if isinstance(part, StochasticDepth | nn.Dropout):
            part.p = 0.0
    with torch.no_grad():
        assert torch.equal(model(inputs), model(inputs))
        train_mode(model)
        assert not torch.equal(model(inputs), model(inputs))


@pytest.mark.parametrize("name", ["vit", "swin", "swin_v2", "swin3d"])
def test_dropout_is_refused_where_it_could_not_act(name: str) -> None:
    model, inputs = adapted(name, LoraOptions(dropout=0.1))
    model(inputs)
    with pytest.raises(UserError, match=r"training\.lora\.dropout: .* leave dropout out"):
        model.train()(inputs)


def test_a_rank_above_a_layers_size_is_that_size() -> None:
    model, _ = adapted("timm", LoraOptions(rank=1000))
    assert model.get_parameter("blocks.0.attn.proj.weight_lora_up").shape == (64, 64)


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in EVERY]
)
def test_descriptions_say_which_layers_there_are(name: str) -> None:
    model = build_on_meta(entry(name, **small_clip(name)), 3)
    found = tuple(layers for layers in ("attention", "all") if lora.find_layers(model, layers))
    assert catalogue.describe(name).lora_layers == found


def test_a_network_that_only_tells_when_it_is_built() -> None:
    with pytest.raises(UserError, match=r"training\.lora: the network has no attention layers; "):
        lora.adapt(build(options("timm/test_resnet"), 3), RANK_4)
    with pytest.raises(UserError, match="has no linear layers"):
        lora.adapt(build(options("timm/test_resnet"), 3), LoraOptions(layers="all"))


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ({"architecture": "vit_b_16", "weights": "DEFAULT", "trained_stages": 0}, "trained_stages: 0 freezes stages"),
        ({"architecture": "vit_b_16", "weights": "DEFAULT", "trained_stages": 3}, "trained_stages: 3 freezes stages"),
        ({"architecture": "vit_b_16"}, "the network has random ones; name weights"),
        ({"architecture": "resnet18", "weights": "DEFAULT"}, "resnet18 has no attention; set trained_stages instead"),
        ({"architecture": "convnext_tiny", "weights": "DEFAULT"}, "convnext_tiny has no attention; set layers: all"),
        ({"architecture": "cnn3d"}, "cnn3d has no attention; set trained_stages instead"),
    ],
)
def test_what_makes_no_sense_is_one_line_before_any_job(entries: dict, words: str) -> None:
    config = tiny.config(
        backbones__b=entries, models__x={"backbone": "b", "head": "mean", "training": {"lora": {}}}, run__models=["x"]
    )
    config["models"]["x"]["clip"] = {"size": [224, 224]}
    schema.check(config)
    with pytest.raises(UserError, match=r"^config: model x on motion: training\.lora") as caught:
        checks.check_network(config, "motion", "x")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_clip_network_from_a_config() -> None:
    config = tiny.config(models__cnn3d={"architecture": "mvit_v2_s", "training": {"lora": {"rank": 2}}})
    config["models"]["cnn3d"]["clip"] = {"frames": 16, "size": [224, 224]}
    with pytest.raises(UserError, match="the network has random ones"):
        checks.check_network(config, "motion", "cnn3d")
    config["models"]["cnn3d"] = {"architecture": "mvit_v2_s", "weights": "DEFAULT", "training": {"lora": {"rank": 2}}}
    checks.check_network(config, "motion", "cnn3d")
    assert schema.typed_options(config, "motion", "cnn3d").training.lora == LoraOptions(rank=2)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"rank": 0}, "rank"),
        ({"ranks": 4}, "ranks"),
        ({"layers": "mlp"}, "layers"),
        ({"dropout": 1}, "dropout"),
        (8, "lora"),
    ],
)
def test_wrong_values_are_one_line(value: object, words: str) -> None:
    with pytest.raises(UserError, match=words) as caught:
        schema.check(tiny.config(models__cnn3d__training={"lora": value}))
    assert "\n" not in str(caught.value)


def test_ranks_can_be_swept() -> None:
    swept = {"backbone": "cnn2d", "head": "mean", "training": {"lora": None}, "sweep": {"training.lora.rank": [4, 8]}}
    config = schema.expand(tiny.config(models__x=swept))
    for rank in (4, 8):
        assert schema.typed_options(config, "motion", f"x-rank{rank}").training.lora == LoraOptions(rank=rank)


def test_only_adapted_models_depend_on_this_code() -> None:
    asked = options("timm/test_vit")
    assert "lora" not in models.module_names(asked)
    assert "lora" in models.module_names(replace(asked, training=TrainingOptions(lora=RANK_4)))
