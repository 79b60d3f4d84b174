"""Pretrained weights: named, read, and copied into the right places; anything else is refused in one line."""

import copy
import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from conftest import SHARED
from model_entries import build_on_meta, clips, entry, no_memory, same_every_time  # noqa: F401 - a fixture
from safetensors.torch import save_file
from torch import nn

from vidbench.errors import UserError
from vidbench.models import official_weights, pretrained
from vidbench.models.build import build, load_pretrained
from vidbench.models.network import Weights
from vidbench.models.weights_file import save_weights

REAL = SHARED / "weights" / "mobilenet_v2_imagenet_features_torchvision.pth"


pytestmark = pytest.mark.usefixtures("same_every_time")


@pytest.fixture
def real() -> Path:
    if not REAL.exists():
        pytest.skip(f"the real weights are not here: {REAL}")
    return REAL


def theirs(name: str, **arguments: object) -> nn.Module:
    from torchvision.models import get_model

    return get_model(name, weights=None, **arguments).eval()


def refused(action: object, *arguments: object) -> str:
    """The one line with which an action is refused."""
    with pytest.raises(UserError) as caught:
        action(*arguments)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_real_file_fills_a_backbone(real: Path) -> None:
    options = entry("mobilenet_v2", "lstm")
    model, state = build(options, 5), pretrained.read_state(real)
    head = copy.deepcopy(model.head.state_dict())
    report = pretrained.load(model, state, options.network.architecture, real)
    ours = model.backbone.state_dict()
    assert sorted(ours) == sorted(state) == report.matched
    assert all(torch.equal(ours[key], state[key]) for key in state)
    assert all(torch.equal(model.head.state_dict()[key], head[key]) for key in head)
    assert (report.interpolated, report.new, report.unused) == ([], [], [])
    assert str(report) == "312 tensors loaded"


def test_start_says_what_it_did_and_refuses_half_a_request(real: Path, capsys: pytest.CaptureFixture) -> None:
    options = entry("mobilenet_v2", "lstm")
    network = replace(options.network, weights="somewhere/mobilenet.pth")
    model = build(options, 5)
    record = load_pretrained(model, network, real)
    sha256 = hashlib.sha256(real.read_bytes()).hexdigest()
    counts = {"loaded": 312, "interpolated": 0, "new": 0, "unused": 0}
    assert record == {"name": "somewhere/mobilenet.pth", "sha256": sha256, **counts}
    assert capsys.readouterr().out == f"weights somewhere/mobilenet.pth ({real}): 312 tensors loaded\n"
    assert "give both" in refused(load_pretrained, model, network, None)
    assert "give both" in refused(load_pretrained, model, options.network, real)
    assert load_pretrained(model, options.network, None) is None


@pytest.mark.parametrize("name", ["resnet18", "cnn2d"])
def test_a_backbone_alone_starts_from_its_entry(name: str, tmp_path: Path) -> None:
    options = entry(name)
    source, target = (build(options, 3).backbone for _ in range(2))
    torch.save(source.state_dict(), tmp_path / "x.pth")
    record = load_pretrained(target, replace(options.network, weights="x.pth"), tmp_path / "x.pth")
    assert (record["new"], record["unused"]) == (0, 0)
    assert all(torch.equal(tensor, source.state_dict()[key]) for key, tensor in target.state_dict().items())


def test_a_truncated_copy_is_refused(real: Path, tmp_path: Path) -> None:
    content, path = real.read_bytes(), tmp_path / "half.pth"
    for size in (0, 100, len(content) // 2, len(content) - 1000):
        path.write_bytes(content[:size])
        message = refused(pretrained.read_state, path)
        assert message.startswith(f"{path}: damaged")
        assert message.endswith("fetch it again")


def test_the_hash_in_a_name_is_checked(real: Path, tmp_path: Path) -> None:
    content = real.read_bytes()
    right = tmp_path / f"mobilenet_v2-{hashlib.sha256(content).hexdigest()[:8]}.pth"
    right.write_bytes(content)
    assert len(pretrained.read_state(right)) == 312
    right.write_bytes(content[:-1] + b"?")
    message = refused(pretrained.read_state, right)
    assert message.startswith(f"{right}: its SHA-256 begins with ")
    assert message.endswith("damaged, fetch it again")


def test_another_networks_file_is_refused(real: Path) -> None:
    state = pretrained.read_state(real)
    for name in ("mobilenet_v3_small", "resnet18", "cnn2d", "cnn3d"):
        options = entry(name)
        model = build(options, 5)
        before = copy.deepcopy(model.state_dict())
        message = refused(pretrained.load, model, state, options.network.architecture, real)
        assert message.startswith(f"{real}: not weights of {name}: ")
        assert "tensors unknown (features." in message
        assert all(torch.equal(tensor, before[key]) for key, tensor in model.state_dict().items())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda state: state.pop("layer1.0.conv1.weight"), "1 tensors missing (layer1.0.conv1.weight)"),
        (lambda state: state.update(extra=torch.zeros(1)), "1 tensors unknown (extra)"),
        (lambda state: state.update({"bn1.bias": torch.zeros(3)}), "1 tensors of another shape (bn1.bias)"),
        (lambda state: [state.pop(key) for key in list(state) if not key.startswith("fc")], "100 tensors missing"),
        (lambda state: state.clear(), "100 tensors missing"),
    ],
)
def test_what_is_wrong_is_named(change: object, message: str) -> None:
    options = entry("resnet18")
    with no_memory():
        state = dict(theirs("resnet18").state_dict())
    change(state)
    message_text = refused(pretrained.load, build_on_meta(options, 3), state, options.network.architecture, "file.pth")
    assert message_text.startswith("file.pth: not weights of resnet18: ")
    assert message in message_text


def test_files_that_hold_no_weights(tmp_path: Path) -> None:
    for name, content in (("list.pth", [1, 2]), ("numbers.pth", {"epoch": 1}), ("empty.pth", {})):
        torch.save(content, tmp_path / name)
        assert "holds no weights by name" in refused(pretrained.read_state, tmp_path / name)
    torch.save(nn.Linear(1, 1), tmp_path / "module.pth")  # unpickling a module would run its code
    assert "not a file of weights" in refused(pretrained.read_state, tmp_path / "module.pth")
    for name in ("page.pth", "page.safetensors"):
        (tmp_path / name).write_text("<html>Not found</html>")
        assert "not a file of weights" in refused(pretrained.read_state, tmp_path / name)
    assert "No such file" in refused(pretrained.read_state, tmp_path / "absent.pth")
    assert "cannot be read" in refused(pretrained.read_state, tmp_path)


def test_a_truncated_small_file_is_called_damaged(tmp_path: Path) -> None:
    path = tmp_path / "small.pth"
    torch.save(nn.Conv3d(3, 8, 3).state_dict(), path)
    content = path.read_bytes()
    for part in range(1, 10):
        path.write_bytes(content[: len(content) * part // 10])
        assert refused(pretrained.read_state, path).startswith(f"{path}: damaged")


def test_wrapped_and_parallel_state_dicts_are_unwrapped(tmp_path: Path) -> None:
    state = {"a.weight": torch.ones(2)}
    for wrapped in (state, {"state_dict": state, "epoch": 3}, {"model": {"module.a.weight": torch.ones(2)}}):
        torch.save(wrapped, tmp_path / "x.pth")
        assert pretrained.read_state(tmp_path / "x.pth").keys() == state.keys()
    save_file(state, tmp_path / "x.safetensors")
    assert torch.equal(pretrained.read_state(tmp_path / "x.safetensors")["a.weight"], torch.ones(2))


@pytest.mark.parametrize("name", ["r3d_18", "s3d", "mvit_v2_s", "swin3d_t"])
def test_a_clip_network_keeps_its_classifier_only_where_the_classes_are_as_many(name: str) -> None:
    options = entry(name, frames=16, size=(224, 224))
    state = theirs(name, num_classes=6).state_dict()
    same, other = build(options, 6), build(options, 4)
    report = pretrained.load(same, state, options.network.architecture, "x")
    assert (report.new, report.unused, report.interpolated) == ([], [], [])
    assert all(torch.equal(tensor, state[key]) for key, tensor in same.state_dict().items())
    report = pretrained.load(other, state, options.network.architecture, "x")
    assert sorted(report.new) == report.unused
    assert [other.state_dict()[key].shape[0] for key in report.new] == [4, 4]
    assert str(report).endswith(f"2 new ({', '.join(report.new)}), 2 not used ({', '.join(report.unused)})")


@pytest.mark.parametrize("name", ["inception_v3", "googlenet"])
def test_auxiliary_classifiers_and_transform_input(name: str) -> None:
    reference = theirs(name, transform_input=True, aux_logits=True, init_weights=False)
    options = entry(name, size=(96, 96))
    model = build(options, 3).eval()
    report = pretrained.load(model, reference.state_dict(), options.network.architecture, "x")
    assert not report.new
    assert all(key.startswith(("aux", "Aux", "fc.")) for key in report.unused)
    pixels = torch.rand(2, 3, 96, 96)
    usual, trained_input = (official_weights.trained_input(each, "DEFAULT") for each in ("resnet18", name))
    assert trained_input.mean == trained_input.std == [0.5] * 3

    def normalise(recipe: Weights) -> torch.Tensor:
        mean, std = (torch.tensor(value)[:, None, None] for value in (recipe.mean, recipe.std))
        return (pixels - mean) / std

    with torch.inference_mode():
        features = model.backbone(normalise(trained_input))
        assert torch.allclose(reference.fc(features), reference(normalise(usual)), atol=1e-4)


def test_old_names_in_published_files() -> None:
    """DenseNet's files say norm.1, and vision transformers' mlp.linear_1; torchvision renames both while loading."""
    options = entry("densenet121")
    old = {key.replace("norm1.", "norm.1.").replace("conv2.", "conv.2."): tensor
           for key, tensor in theirs("densenet121").state_dict().items()}  # fmt: skip
    assert "features.denseblock1.denselayer1.norm.1.weight" in old
    assert pretrained.load(build(options, 3), old, options.network.architecture, "x").new == []
    options = entry("vit_b_32", size=(64, 64))
    model = build_on_meta(options, 3)
    state = {key.replace("mlp.0.", "mlp.linear_1.").replace("mlp.3.", "mlp.linear_2."): torch.empty_like(tensor)
             for key, tensor in model.backbone.state_dict().items()}  # fmt: skip
    assert pretrained.load(model, state, options.network.architecture, "x").new == []


def test_vision_transformers_positions_are_interpolated() -> None:
    from torchvision.models import VisionTransformer

    from vidbench.models.networks import torchvision2d

    def tiny(size: int) -> VisionTransformer:
        return VisionTransformer(size, 8, num_layers=1, num_heads=1, hidden_dim=16, mlp_dim=16)

    state = tiny(32).state_dict()
    key = "encoder.pos_embedding"
    assert torch.equal(torchvision2d.fit_state(tiny(32), state)[key], state[key])
    larger = torchvision2d.fit_state(tiny(48), state)
    assert larger[key].shape == (1, 1 + 36, 16)
    assert torch.equal(larger[key][:, 0], state[key][:, 0])  # the class token's
    tiny(48).load_state_dict(larger)


@pytest.mark.parametrize("name", ["mvit_v1_b", "mvit_v2_s"])
def test_mvits_positions_are_interpolated(name: str) -> None:
    same, small = entry(name, frames=16, size=(224, 224)), entry(name, frames=8, size=(64, 96))
    state = {key: torch.randn(tensor.shape) for key, tensor in build_on_meta(same, 3).state_dict().items()}
    assert pretrained.load(build_on_meta(same, 3), state, same.network.architecture, "x").interpolated == []
    model = build(small, 3).eval()
    report = pretrained.load(model, state, small.network.architecture, "x")
    kinds = ("spatial_pos", "temporal_pos") if name == "mvit_v1_b" else ("rel_pos_h", "rel_pos_w", "rel_pos_t")
    assert report.interpolated
    assert {key.rpartition(".")[2] for key in report.interpolated} <= set(kinds)
    assert model(clips(small)).shape == (2, 3)


def test_interpolated_positions_lie_between_their_neighbours() -> None:
    from vidbench.models.networks import mvit

    line = torch.arange(9.0)[:, None].expand(9, 2)
    assert torch.equal(mvit._resize_line(line, 9), line)
    assert torch.allclose(mvit._resize_line(line, 3)[:, 0], torch.tensor([1.0, 4.0, 7.0]))
    grid = (10 * torch.arange(8.0)[:, None] + torch.arange(8.0)).reshape(64, 1)  # 10 y + x
    assert torch.equal(mvit._resize_grid(grid, (8, 8)), grid)
    resized = mvit._resize_grid(grid, (4, 16)).reshape(4, 16)  # as many, but of another shape
    assert (resized.diff(dim=0) > 15).all()
    assert (resized[:, 2:-2].diff(dim=1) > 0).all()
    assert (resized.diff(dim=1) < 1).all()


def test_a_model_of_vidbench_fills_another_ones_backbone(tmp_path: Path) -> None:
    first, second = entry("resnet18", "mean"), entry("resnet18", "tsm")
    trained, model = build(first, 3), build(second, 5)
    save_weights(tmp_path / "weights.safetensors", trained.state_dict(), {})
    state = pretrained.read_state(tmp_path / "weights.safetensors")
    report = pretrained.load(model, state, second.network.architecture, "x")
    assert len(report.matched) == len(trained.backbone.state_dict())
    assert torch.equal(model.backbone.conv1.weight, trained.backbone.conv1.weight)


def test_a_file_may_lack_all_of_the_classifiers_part(tmp_path: Path) -> None:
    """As torchvision's VGG16 IMAGENET1K_FEATURES, where it is NaN."""
    options = entry("vgg11")
    model = build_on_meta(options, 3)
    shapes = {key: tensor.shape for key, tensor in model.backbone.state_dict().items()}
    state = {key: torch.zeros(shape) for key, shape in shapes.items() if "features" in key}
    torch.save(state | {"classifier.0.bias": torch.full(shapes["classifier.0.bias"], torch.nan)}, tmp_path / "x.pth")
    report = pretrained.load(model, pretrained.read_state(tmp_path / "x.pth"), options.network.architecture, "x")
    assert report.new == ["classifier.0.weight", "classifier.0.bias", "classifier.3.weight", "classifier.3.bias"]
