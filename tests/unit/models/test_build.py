"""Every model builds, learns through all its tensors, is what torchvision has, and can learn eight clips by heart."""

import copy
import re
from dataclasses import replace
from pathlib import Path

import pytest
import tiny
import torch
from conftest import PROJECT
from model_entries import EVERY, FEW, build_on_meta, clips, entry, no_memory, same_every_time, small_clip  # noqa: F401 - a fixture
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from vidbench import models
from vidbench.config import schema
from vidbench.errors import UserError
from vidbench.models import catalogue, requirements
from vidbench.models.build import build as build_model
from vidbench.models.options import ModelOptions
from vidbench.models.weights_file import load_weights, save_weights

NAMES = list(tiny.CONFIG["models"])
MOST_PARAMETERS = 60e6
# Also built and run on the meta device in the fast tier; the slow one does it for all.
SOME = [*FEW, "mc3_18", "r2plus1d_18", "mvit_v1_b", "alexnet", "vgg11", "vit_b_32", "maxvit_t", "mobilenet_v3_small",
        "regnet_y_400mf", "resnext50_32x4d", "wide_resnet50_2", "swin_v2_t", "efficientnet_v2_s"]  # fmt: skip


pytestmark = pytest.mark.usefixtures("same_every_time")


def build(name: str, classes: int = 3) -> nn.Module:
    torch.manual_seed(0)
    return build_model(schema.typed_options(tiny.config(), "motion", name), classes)


@pytest.mark.parametrize("name", NAMES)
def test_logits_and_gradients(name: str) -> None:
    model = build(name, classes=5)
    logits = model(torch.randn(2, 3, 8, 32, 32))
    assert logits.shape == (2, 5)
    logits.square().sum().backward()
    assert silent(model) == []


def silent(model: nn.Module) -> list[str]:
    """Trainable tensors that no gradient reaches."""
    return [key for key, tensor in model.named_parameters() if tensor.grad is None or not tensor.grad.any()]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", [(1, 16, 16), (3, 40, 24), (20, 33, 47)])
def test_any_number_of_frames_and_any_size(name: str, shape: tuple[int, int, int]) -> None:
    assert build(name).eval()(torch.randn(1, 3, *shape)).isfinite().all()


@pytest.mark.parametrize("name", ["mvit_v1_b", "mvit_v2_s", "swin3d_t", "s3d"])
@pytest.mark.parametrize("shape", [(8, 32, 32), (9, 33, 47), (18, 61, 30)])
def test_built_for_any_number_of_frames_and_any_size(name: str, shape: tuple[int, int, int]) -> None:
    options = entry(name, frames=shape[0], size=shape[1:])
    assert build_on_meta(options, 4)(clips(options).to("meta")).shape == (2, 4)


@pytest.mark.parametrize(
    "name", [name if name in SOME else pytest.param(name, marks=pytest.mark.slow) for name in EVERY]
)
def test_every_name_builds_and_gives_logits(name: str) -> None:
    options = entry(name, **small_clip(name))
    model = build_on_meta(options, 7)
    assert {tensor.device.type for tensor in model.parameters()} == {"meta"}
    assert model(clips(options).to("meta")).shape == (2, 7)


def test_backbone_names_are_torchvisions_and_ours() -> None:
    import torchvision

    assert models.backbone_names() == ["cnn2d", *torchvision.models.list_models(module=torchvision.models)]


def test_each_model_names_its_own_modules_only() -> None:
    assert models.module_names(entry("s3d")) == ["networks.s3d"]
    assert models.module_names(entry("s3d", weights="DEFAULT")) == ["networks.s3d", "pretrained"]
    assert models.module_names(entry("cnn2d", "gru")) == ["composite", "networks.cnn2d", "heads.gru"]
    resnet = entry("resnet18", "tsm")
    assert models.module_names(resnet) == ["composite", "networks.torchvision2d", "heads.tsm"]
    resnet = replace(resnet, network=replace(resnet.network, weights="IMAGENET1K_V1"))
    assert models.module_names(resnet) == ["composite", "networks.torchvision2d", "heads.tsm", "pretrained"]
    for name in {*(catalogue.describe(name).module for name in EVERY), *models.HEADS.values()}:
        assert (PROJECT / "scripts/vidbench/models" / f"{name.replace('.', '/')}.py").exists()


def test_an_entry_without_the_newer_keys_builds() -> None:
    old = ModelOptions.from_dict({"backbone": {"architecture": "cnn2d", "width": 4}, "head": "lstm", "hidden": 8})
    assert build_model(old, 3)(clips(old)).shape == (2, 3)


# What torchvision's MViT computes and then throws away: its last block's class token attends to all patches, and
# only that token is classified; so positions and the pooling of the other queries reach no logit.
UNUSED = re.compile(r"blocks\.15\.attn\.(rel_pos_[hwt]|pool_q\.pool\.weight)")


def run_and_save(name: str, folder: Path) -> None:
    """Forward, backward, save, load, and the same logits again."""
    options = entry(name, **small_clip(name))
    model, clip = build_model(options, 5).eval(), clips(options)
    logits = model(clip)
    logits.square().sum().backward()
    assert [key for key in silent(model) if not UNUSED.fullmatch(key)] == []
    save_weights(folder / "weights.safetensors", model.state_dict(), {})
    again = build_model(options, 5).eval()
    assert not torch.equal(again(clip), logits)
    load_weights(folder / "weights.safetensors", again)
    assert torch.equal(again(clip), logits)


@pytest.mark.parametrize("name", FEW)
def test_one_of_each_family_runs_and_is_saved(name: str, tmp_path: Path) -> None:
    run_and_save(name, tmp_path)


@pytest.mark.parametrize(("name", "head"), [("resnet18", "tsm"), ("mnasnet0_5", "mean"), ("cnn2d", "tcn")])
def test_a_copy_is_a_model_of_its_own(name: str, head: str) -> None:
    options = entry(name, head)
    model, clip = build_model(options, 3).eval(), clips(options)
    twin = copy.deepcopy(model)
    assert torch.equal(twin(clip), model(clip))
    twin.load_state_dict({key: tensor + 1 for key, tensor in model.state_dict().items()})
    assert not torch.allclose(twin(clip), model(clip))


@pytest.mark.parametrize("name", ["googlenet", "inception_v3"])
def test_training_gives_logits_only(name: str) -> None:
    options = entry(name, size=(96, 96), frames=1)
    assert build_model(options, 3).train()(clips(options)).shape == (2, 3)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in EVERY if name not in FEW])
def test_all_others_run_and_are_saved(name: str, tmp_path: Path) -> None:
    parameters = sum(tensor.numel() for tensor in build_on_meta(entry(name, **small_clip(name)), 5).parameters())
    if parameters > MOST_PARAMETERS and name not in ("vgg11", "vit_b_32"):  # their families' smallest
        pytest.skip(f"{parameters / 1e6:.0f} M parameters: built on the meta device only")
    run_and_save(name, tmp_path)


@pytest.mark.parametrize(
    ("name", "blind"), [("cnn2d_mean", True), ("cnn2d_lstm", False), ("cnn2d_tcn", False), ("cnn3d", False)]
)
def test_only_frame_averaging_is_blind_to_order(name: str, blind: bool) -> None:
    model, clip = build(name).eval(), torch.randn(2, 3, 8, 32, 32)
    same = torch.allclose(model(clip), model(clip.flip(2)), atol=1e-6)
    assert same == blind


def theirs(name: str, **arguments: object) -> nn.Module:
    """torchvision's own network."""
    from torchvision.models import get_model

    return get_model(name, weights=None, **arguments).eval()


@pytest.mark.parametrize(
    ("name", "clip"),
    [
        *((name, {"size": (32, 32)}) for name in ("r3d_18", "mc3_18", "r2plus1d_18", "swin3d_t")),
        ("s3d", {"frames": 13, "size": (209, 209)}),
        *(pytest.param(name, {"frames": 16, "size": (224, 224)}, marks=pytest.mark.slow)
          for name in ("mvit_v1_b", "mvit_v2_s")),
    ],
)  # fmt: skip
def test_logits_are_torchvisions(name: str, clip: dict) -> None:
    options = entry(name, **clip)
    ours, reference = build_model(options, 7).eval(), theirs(name, num_classes=7)
    reference.load_state_dict(ours.state_dict())
    clip = clips(options, 1)
    with torch.inference_mode():
        assert torch.equal(ours(clip), reference(clip))


@pytest.mark.parametrize("name", ["mvit_v1_b", "mvit_v2_s"])
def test_mvit_is_torchvisions_where_the_clip_is(name: str) -> None:
    ours = build_on_meta(entry(name, frames=16, size=(224, 224)), 400)
    with no_memory():
        reference = theirs(name)
    shapes = [{key: tensor.shape for key, tensor in model.state_dict().items()} for model in (ours, reference)]
    assert shapes[0] == shapes[1]
    assert str(ours).replace("p=0.0", "") == str(reference).replace("p=0.5", "").replace("p=0.0", "")


class IndexDevices(TorchDispatchMode):
    """Records the devices of the tensors that others are indexed with."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def __torch_dispatch__(self, function, types, arguments=(), named=None):
        if function.overloadpacket is torch.ops.aten.index:
            self.seen += [index.device.type for index in arguments[1] if index is not None]
        return function(*arguments, **(named or {}))


def test_mvit_indexes_with_tensors_of_its_device() -> None:
    """Otherwise the CPU would wait for a GPU in each block."""
    model = build_on_meta(entry("mvit_v2_s", frames=16, size=(112, 112)), 4)
    with IndexDevices() as indices:
        model(torch.empty(2, 3, 16, 112, 112, device="meta"))
    assert len(indices.seen) == 3 * 16
    assert set(indices.seen) == {"meta"}


@pytest.mark.parametrize(
    "name", ["resnet18", "mobilenet_v2", "mobilenet_v3_small", "densenet121", "efficientnet_b0", "shufflenet_v2_x0_5",
             "regnet_x_400mf", "googlenet", "mnasnet0_5", "swin_t", "convnext_tiny", "alexnet"],
)  # fmt: skip
def test_features_and_torchvisions_classifier_give_its_logits(name: str) -> None:
    arguments = {"aux_logits": False, "init_weights": False} if name == "googlenet" else {}
    reference, backbone = theirs(name, **arguments), build_model(entry(name, size=(96, 96)), 3).backbone.eval()
    state = reference.state_dict()
    backbone.load_state_dict({key: state[key] for key in backbone.state_dict()})
    frames = torch.randn(2, 3, 96, 96)
    with torch.inference_mode():
        assert torch.equal(reference.get_submodule(backbone.removed)(backbone(frames)), reference(frames))


def test_squeezenets_features_are_what_its_classifying_convolution_sees() -> None:
    reference, backbone = theirs("squeezenet1_1"), build_model(entry("squeezenet1_1"), 3).backbone.eval()
    backbone.load_state_dict(reference.state_dict(), strict=False)
    frames = torch.randn(2, 3, 64, 64)
    with torch.inference_mode():
        assert torch.equal(backbone(frames), reference.features(frames).mean((2, 3)))


def test_the_backbones_dropout_is_the_heads() -> None:
    for name in ("mobilenet_v2", "efficientnet_b0", "squeezenet1_1", "googlenet", "mnasnet0_5"):
        backbone = build_model(entry(name), 3).backbone
        assert not [layer for layer in backbone.modules() if isinstance(layer, nn.Dropout) and layer.p], name
    vgg = build_on_meta(entry("vgg11"), 3).backbone
    assert [type(layer) for layer in vgg.classifier] == [
        nn.Linear, nn.ReLU, nn.Dropout, nn.Linear, nn.ReLU, nn.Identity, nn.Identity,
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["r3d_18", "s3d", "mvit_v2_s", "swin3d_t"])
def test_dropout_renames_no_weight(name: str) -> None:
    options = entry(name, frames=8)
    plain, dropping = (
        build_on_meta(options, 3),
        build_on_meta(replace(options, head=replace(options.head, dropout=0.5)), 3),
    )
    assert list(plain.state_dict()) == list(dropping.state_dict())
    assert 0.5 in [layer.p for layer in dropping.modules() if isinstance(layer, nn.Dropout)]
    assert 0.5 not in [layer.p for layer in plain.modules() if isinstance(layer, nn.Dropout)]


@pytest.mark.parametrize(("name", "clip"), [("s3d", {"frames": 8}), ("mnasnet0_5", {})])
def test_running_statistics_follow_within_a_short_training(name: str, clip: dict) -> None:
    model = build_on_meta(entry(name, **clip), 3)
    assert {layer.momentum for layer in model.modules() if isinstance(layer, nn.BatchNorm2d | nn.BatchNorm3d)} == {0.1}


SMALLEST = ["s3d", "mvit_v2_s", "alexnet", "vgg11", "densenet121", "googlenet", "squeezenet1_0", "squeezenet1_1",
            "swin_t", "swin_v2_t", "convnext_tiny", "inception_v3"]  # fmt: skip


@pytest.mark.parametrize("name", SMALLEST)
def test_the_smallest_input_works_and_a_smaller_one_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    network = catalogue.describe(name)
    frames, side = network.min_frames, network.min_size
    options = entry(name, frames=frames, size=(side, side))
    assert build_on_meta(options, 3)(clips(options).to("meta")).shape == (2, 3)
    with pytest.raises(UserError, match=f"{name} needs frames of at least {side} x {side} pixels, not .* clip.size"):
        build_model(entry(name, frames=frames, size=(side + 9, side - 1)), 3)
    if frames > 1:
        with pytest.raises(UserError, match=f"{name} needs clips of at least {frames} frames, not {frames - 1}; raise"):
            build_model(entry(name, frames=frames - 1, size=(side, side)), 3)
    monkeypatch.setattr(requirements, "check", lambda options: None)
    smaller = entry(name, frames=frames, size=(side - 1, side - 1))
    with pytest.raises((RuntimeError, ValueError)):  # so the limit is no larger than it has to be
        build_on_meta(smaller, 3)(clips(smaller).to("meta"))


@pytest.mark.parametrize(
    ("name", "size", "message"),
    [
        ("vit_b_16", (64, 48), r"vit_b_16 needs square frames of a multiple of 16 pixels, not 64 x 48; .*\[64, 64\]"),
        ("vit_b_32", (112, 112), r"vit_b_32 needs square frames of a multiple of 32 pixels, not 112 x 112; .*\[128"),
        ("vit_h_14", (12, 12), "vit_h_14 needs frames of at least 14 x 14 pixels"),
        ("maxvit_t", (224, 256), r"maxvit_t needs frames of a multiple of 224 pixels, not 224 x 256; .*\[224, 224\]"),
    ],
)
def test_sizes_that_do_not_suit_are_refused(name: str, size: tuple[int, int], message: str) -> None:
    with pytest.raises(UserError, match=message):
        build_model(entry(name, size=size), 3)


def test_a_vision_transformers_sides_are_multiples_of_its_patch() -> None:
    vits = [name for name in EVERY if name.startswith("vit")]
    assert vits
    for name in vits:
        network = catalogue.describe(name)
        assert network.multiple == network.min_size == int(name.rpartition("_")[2])
        assert network.is_square


def final_loss(options: ModelOptions, steps: int, rate: float) -> float:
    """Training loss of eight random clips of four classes, after at most so many steps on all of them."""
    torch.manual_seed(0)
    model, inputs, labels = build_model(options, 4), clips(options, 8), torch.arange(8) % 4
    optimizer = torch.optim.AdamW(model.parameters(), rate, weight_decay=0)
    for _ in range(steps):
        loss = nn.functional.cross_entropy(model(inputs), labels)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if loss < 0.02:
            break
    return loss.item()


def title(value: ModelOptions | float) -> str:
    """A test's name: of the options, not of the learning rate."""
    if not isinstance(value, ModelOptions):
        return ""
    return f"{value.network.architecture}-{value.head.name}" if value.has_backbone else value.network.architecture


@pytest.mark.parametrize(
    ("options", "rate"),
    [
        *((entry("cnn2d", head), 5e-3) for head in models.HEADS),
        (entry("cnn2d", "lstm", layers=2, bidirectional=True), 5e-3),
        (entry("cnn3d"), 5e-3),
        (entry("r3d_18", frames=4), 1e-3),
        (entry("s3d", frames=8), 1e-3),
        (entry("resnet18", "tsm", frames=2), 1e-3),
        (entry("swin3d_t"), 3e-4),
        pytest.param(entry("mvit_v2_s"), 3e-4, marks=pytest.mark.slow),
        pytest.param(entry("mvit_v1_b"), 3e-4, marks=pytest.mark.slow),
    ],
    ids=title,
)  # fmt: skip
def test_eight_clips_are_learnt_by_heart(options: ModelOptions, rate: float) -> None:
    assert final_loss(options, 200, rate) < 0.05


@pytest.mark.slow
def test_the_page_of_architectures_is_up_to_date() -> None:
    from describe_architectures import HEADS, SHOWN, TARGET, text

    assert set(HEADS) <= set(models.HEADS)
    assert set(SHOWN) <= set(models.backbone_names())
    assert TARGET.read_text() == text(), "run `python tests/tools/describe_architectures.py --write`"
