"""timm's networks: features and logits are the library's, from its folders and files; stages, freezing, drop path."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import timm
import torch
from describe_timm_structures import row
from model_entries import build_on_meta, clips, entry, same_every_time, train_a_step  # noqa: F401 - a fixture
from torch import nn

from vidbench import models
from vidbench.errors import UserError
from vidbench.models import official_weights, pretrained
from vidbench.models.build import build, load_pretrained
from vidbench.models.networks import timm2d
from vidbench.models.options import ModelOptions
from vidbench.models.stages import find_model_stages, is_in
from vidbench.models.tables import timm_structures
from vidbench.training.activation_checkpointing import recompute_blocks

pytestmark = pytest.mark.usefixtures("same_every_time")

# timm's own tiny networks, one of each kind, with a size that costs little.
TINY = {
    "test_resnet": (64, 64),
    "test_vit": (64, 64),
    "test_efficientnet": (64, 64),
    "test_convnext": (64, 96),
    "test_vit3": (160, 160),
}


def options(name: str, head: str = "mean", **more: object) -> ModelOptions:
    """Options of a head on one of timm's networks."""
    network = {"architecture": f"timm/{name}", "weights": None} | more
    return entry(f"timm/{name}", head, frames=2, size=TINY.get(name, (64, 64)), backbone=network)


def library_model(name: str, **more: object) -> nn.Module:
    """The library's own network, with random weights that nothing else has."""
    torch.manual_seed(7)
    cfg = timm.get_pretrained_cfg(name)
    sized = {"img_size": TINY[name]} if cfg.fixed_input_size else {}
    return timm.create_model(name, **sized, **more).eval()


def save_folder(name: str, folder: Path, model: nn.Module) -> Path:
    """The folder that the library saves a network into."""
    timm.models.save_for_hf(model, folder, safe_serialization=True)
    return folder


@pytest.mark.parametrize("name", TINY)
def test_features_and_logits_are_the_librarys(name: str, tmp_path: Path) -> None:
    reference = library_model(name, num_classes=5)
    folder = save_folder(name, tmp_path / "mine", reference)
    file = official_weights.resolve(f"timm/{name}", str(folder))
    assert file == str(folder / "model.safetensors")
    asked = options(name, weights=file)
    model = build(asked, 5).eval()
    record = load_pretrained(model, asked.network, Path(file))
    assert record is not None
    assert record["loaded"] == len(model.backbone.state_dict())
    frames = torch.randn(3, 3, *TINY[name])
    with torch.inference_mode():
        features = reference.forward_head(reference.forward_features(frames), pre_logits=True)
        assert torch.allclose(model.backbone(frames), features, atol=1e-5)
        classifier = reference.get_classifier()
        model.head.classifier.load_state_dict(classifier.state_dict())
        clip = clips(asked)
        per_frame = reference(clip.transpose(1, 2).flatten(0, 1)).reshape(2, 2, 5)
        assert torch.allclose(model(clip), per_frame.mean(1), atol=1e-5)


def test_a_vision_transformers_positions_are_fitted_to_another_size(tmp_path: Path) -> None:
    reference = timm.create_model("test_vit", num_classes=0).eval()  # 160 x 160
    folder = save_folder("test_vit", tmp_path / "large", reference)
    asked = options("test_vit", weights=str(folder / "model.safetensors"))
    model = build(asked, 3)
    load_pretrained(model, asked.network, folder / "model.safetensors")
    theirs = timm.create_model(
        "test_vit", num_classes=0, img_size=(64, 64), pretrained=True,
        pretrained_cfg_overlay={"file": str(folder / "model.safetensors"), "num_classes": 0},
    )  # fmt: skip
    for key, tensor in theirs.state_dict().items():
        assert torch.equal(model.backbone.state_dict()[key], tensor), key


@pytest.mark.parametrize("name", TINY)
def test_every_parameter_is_in_one_of_the_librarys_groups(name: str) -> None:
    backbone = build(options(name), 3).backbone
    groups = timm.models.group_parameters(backbone, backbone.group_matcher(coarse=True), reverse=True)
    stages = find_model_stages(build(options(name), 3))
    assert len(stages) == max(groups.values()) + 1
    for key, group in groups.items():
        assert [is_in(f"backbone.{key}", stage) for stage in stages] == [each == group for each in range(len(stages))]


def test_stages_of_a_resnet() -> None:
    stages = find_model_stages(build(options("test_resnet"), 3))
    assert stages[0] == [f"backbone.{name}" for name in ("conv1", "bn1", "act1", "maxpool")]
    assert stages[1][0] == "backbone.layer1"


@pytest.mark.parametrize(("name", "trained"), [("test_resnet", 1), ("test_vit", 2), ("test_convnext", 0)])
def test_frozen_stages_stay_as_they_are(name: str, trained: int) -> None:
    asked = options(name, trained_stages=trained)
    moved = train_a_step(build(asked, 3), trained, clips(asked, 4))
    assert any(key.startswith("backbone.") for key in moved) == (trained > 0)


def test_more_stages_than_there_are() -> None:
    with pytest.raises(UserError, match="trained_stages: 40, but timm/test_resnet has 5 stages"):
        models.check(options("test_resnet", trained_stages=40))
    models.check(options("test_resnet", trained_stages=5))


# Beside the tiny ones: a module in several places, no coarse groups, none at all, linear layers only, a hybrid.
@pytest.mark.parametrize(
    "name", [*TINY, "coat_lite_tiny", "rdnet_tiny", "poolformer_s12", "mixer_s32_224", "levit_128s"]
)
def test_the_table_has_the_stages_and_layers_of_the_built_network(name: str) -> None:
    assert row(name) in timm_structures.STRUCTURES.splitlines()


@pytest.mark.slow
@pytest.mark.parametrize("module", timm.models.list_modules())
def test_so_it_has_those_of_every_module(module: str) -> None:
    first = timm.list_models(module=module)[0]
    assert row(first) in timm_structures.STRUCTURES.splitlines()


def test_the_table_has_every_network_of_this_version() -> None:
    assert f"({timm.__version__})" in timm_structures.__doc__
    assert [line.split()[0] for line in timm_structures.STRUCTURES.splitlines()] == timm.list_models()


@pytest.mark.parametrize("name", ["coat_lite_tiny", "rdnet_tiny"])
def test_every_parameter_is_in_one_stage_where_groups_are_odd(name: str) -> None:
    model = build_on_meta(options(name), 3)
    stages = find_model_stages(model)
    for key, _ in model.backbone.named_parameters():
        assert [is_in(f"backbone.{key}", stage) for stage in stages].count(True) == 1, key


@pytest.mark.parametrize(
    ("name", "module"),
    [("vit_tiny_patch16_224", "vision_transformer"), ("deit_tiny_patch16_224", "vision_transformer"),
     ("regnety_002", "regnet"), ("crossvit_9_240", "crossvit")],
)  # fmt: skip
def test_published_files_are_converted_by_the_librarys_function(name: str, module: str) -> None:
    convert = timm2d.find_conversion(name)
    assert getattr(convert, "func", convert).__module__ == f"timm.models.{module}"
    assert timm2d.find_conversion("resnet18") is None


def test_drop_path_is_the_librarys() -> None:
    rates = [
        module.drop_prob
        for module in build(options("test_vit", drop_path=0.3), 3).modules()
        if type(module).__name__ == "DropPath"
    ]
    assert rates
    assert max(rates) == pytest.approx(0.3)
    with pytest.raises(UserError, match="drop_path: resnet18 has none"):
        models.check(entry("resnet18", backbone={"architecture": "resnet18", "drop_path": 0.1}))


def test_drop_path_drops_whole_branches_in_training_only() -> None:
    model = build(options("test_vit", drop_path=0.9), 3)
    clip = clips(options("test_vit"))
    with torch.no_grad():
        assert torch.equal(model.eval()(clip), model(clip))
        assert not torch.equal(model.train()(clip), model(clip))
        never = build(options("test_vit", drop_path=0.0), 3)
        never.load_state_dict(model.state_dict())
        assert torch.equal(never.train()(clip), model.eval()(clip))


@pytest.mark.parametrize("name", TINY)
def test_recomputed_activations_give_the_same_gradients(name: str) -> None:
    """With drop path and batch norm, whose statistics move once; as with the library's own checkpointing."""
    asked = options(name, drop_path=0.3)
    plain, recomputing, library = (build(asked, 3).train() for _ in range(3))
    recomputing.load_state_dict(plain.state_dict())
    library.load_state_dict(plain.state_dict())
    assert recompute_blocks(recomputing.backbone)
    library.backbone.set_grad_checkpointing()
    clip = clips(asked)
    for model in (plain, recomputing, library):
        torch.manual_seed(1)
        model(clip).square().sum().backward()
    gradients, of_library = dict(recomputing.named_parameters()), dict(library.named_parameters())
    for key, parameter in plain.named_parameters():
        assert torch.equal(parameter.grad, gradients[key].grad), key
        assert torch.allclose(parameter.grad, of_library[key].grad, rtol=1e-4, atol=1e-6), key
    for key, buffer in plain.named_buffers():
        assert torch.equal(buffer, recomputing.get_buffer(key)), key


@pytest.mark.parametrize(
    ("name", "size", "words"),
    [
        ("test_vit", (64, 70), "timm/test_vit cannot take frames of 64 x 70 pixels .* own size is 160 x 160: set"),
        ("vit_tiny_patch16_224", (64, 70), "timm/vit_tiny_patch16_224 needs frames of a multiple of 16 pixels"),
        ("vit_tiny_patch16_224", (8, 8), "needs frames of at least 16 x 16 pixels"),
    ],
)
def test_sizes_that_do_not_suit_are_one_line(name: str, size: tuple[int, int], words: str) -> None:
    asked = options(name)
    with pytest.raises(UserError, match=words) as caught:
        build(replace(asked, clip=replace(asked.clip, size=size)), 3)
    assert "\n" not in str(caught.value)


def load(name: str, weights: str) -> None:
    """Resolve weights as the workflow does, and load them as a job does."""
    file = official_weights.resolve(f"timm/{name}", weights)
    assert file is not None
    asked = options(name, weights=file)
    pretrained.load(build(asked, 3), pretrained.read_state(file), asked.network.architecture, file)


def refused(name: str, weights: str) -> str:
    """The one line with which weights are refused, before a job or by it."""
    with pytest.raises(UserError) as caught:
        load(name, weights)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_wrong_folders_and_files(tmp_path: Path) -> None:
    folder = save_folder("test_resnet", tmp_path / "mine", library_model("test_resnet"))
    file = folder / "model.safetensors"
    content = file.read_bytes()
    assert "config.json is of 'test_resnet', not of timm/test_vit" in refused("test_vit", str(folder))
    assert "not weights of timm/test_vit: " in refused("test_vit", str(file))
    for size in (0, 5, len(content) // 2, len(content) - 1):
        file.write_bytes(content[:size])
        assert "damaged" in refused("test_resnet", f"local-dir:{folder}")
    file.rename(folder / "pytorch_model.bin")
    assert "pytorch_model.bin is a pickle" in refused("test_resnet", str(folder))
    assert "pytorch_model.bin: a .bin is a pickle" in refused("test_resnet", str(folder / "pytorch_model.bin"))
    (folder / "pytorch_model.bin").unlink()
    assert "mine.bin: a .bin is a pickle" in refused("test_resnet", "mine.bin")
    assert "has no model.safetensors; copy" in refused("test_resnet", str(folder))
    (folder / "config.json").write_text("{")
    assert "config.json: cannot be read as JSON" in refused("test_resnet", str(folder))
    (folder / "config.json").unlink()
    assert "has no config.json" in refused("test_resnet", str(folder))
    assert "no such file" in refused("test_resnet", str(tmp_path / "other" / "model.safetensors"))
    assert "no such folder" in refused("test_resnet", f"local-dir:{tmp_path / 'elsewhere'}")


def test_a_missing_or_foreign_tensor_is_refused(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    folder = save_folder("test_convnext", tmp_path / "mine", library_model("test_convnext"))
    state = load_file(folder / "model.safetensors")
    [last] = [key for key in state if key == "stages.0.blocks.0.mlp.fc1.bias"]
    save_file({key: tensor for key, tensor in state.items() if key != last}, folder / "model.safetensors")
    assert f"1 tensors missing ({last})" in refused("test_convnext", str(folder))
    save_file(state | {"stages.9.weight": torch.zeros(1)}, folder / "model.safetensors")
    assert "1 tensors unknown (stages.9.weight)" in refused("test_convnext", str(folder))


def test_a_pickle_that_runs_code_is_not_run(tmp_path: Path) -> None:
    class Payload:
        def __reduce__(self) -> tuple:
            return (Path(tmp_path / "ran").touch, ())

    torch.save({"x": Payload()}, tmp_path / "bad.pth")
    assert "damaged, or not a file of weights" in refused("test_resnet", str(tmp_path / "bad.pth"))
    assert not (tmp_path / "ran").exists()


def test_a_configuration_without_normalisation_is_one_line(tmp_path: Path) -> None:
    folder = save_folder("test_resnet", tmp_path / "mine", library_model("test_resnet"))
    config = json.loads((folder / "config.json").read_text())
    for key, value in (("mean", None), ("std", [1]), ("input_size", [3])):
        wrong = config | {"pretrained_cfg": config["pretrained_cfg"] | {key: value}}
        (folder / "config.json").write_text(json.dumps(wrong))
        with pytest.raises(UserError, match=r"config\.json: pretrained_cfg"):
            official_weights.trained_input("timm/test_resnet", str(folder / "model.safetensors"))
