"""transformers' video networks: logits are the library's, from its folders; stages, freezing, tokens, other clips."""

from pathlib import Path
from typing import Any

import pytest
import tiny_transformers as tiny
import torch
from model_entries import clips, same_every_time, train_a_step  # noqa: F401 - a fixture
from safetensors.torch import load_file, save_file
from tiny_transformers import FAMILIES, KINDS, library_network, options, save
from torch import nn

from vidbench.errors import UserError
from vidbench.models import lora, pretrained
from vidbench.models.build import build, build_backbone, load_pretrained
from vidbench.models.freezing import train_mode
from vidbench.models.networks import transformers_library
from vidbench.models.options import LoraOptions, ModelOptions
from vidbench.models.stages import find_model_stages, is_in
from vidbench.prediction import grad_cam
from vidbench.training.activation_checkpointing import recompute_blocks

pytestmark = pytest.mark.usefixtures("same_every_time")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A folder of each family, with a classifier of five classes."""
    base = tmp_path_factory.mktemp("transformers")
    return {family: save(family, base / family) for family in FAMILIES}


def loaded(asked: ModelOptions, num_classes: int = 5) -> Any:
    """A model with its pretrained weights."""
    model = build(asked, num_classes).eval()
    assert asked.network.weights is not None
    load_pretrained(model, asked.network, Path(asked.network.weights))
    return model


@torch.no_grad()
def logits_of(library: Any, clip: torch.Tensor) -> torch.Tensor:
    """The library's logits (B, K) of clips (B, C, T, H, W)."""
    return library(clip.transpose(1, 2)).logits.flatten(1)


@pytest.mark.parametrize("family", FAMILIES)
def test_logits_are_the_librarys(family: str, folders: dict[str, Path]) -> None:
    asked = options(family, folders[family])
    model, clip = loaded(asked), clips(asked)
    expected = logits_of(library_network(family), clip)
    with torch.inference_mode():
        assert torch.allclose(model(clip), expected, atol=1e-5)
    assert expected.std() > 1e-3


@pytest.mark.parametrize("family", FAMILIES)
def test_a_backbones_features_and_the_classifier_give_the_logits(family: str, folders: dict[str, Path]) -> None:
    asked = options(family, folders[family], as_backbone=True, trained_stages=0)
    backbone, clip = build_backbone(asked.network, asked.clip).eval(), clips(asked)
    record = load_pretrained(backbone, asked.network, Path(str(asked.network.weights)))
    assert record is not None
    assert record["unused"] == 2  # the classifier's
    library = library_network(family)
    with torch.inference_mode():
        features = backbone(clip)
        assert features.shape == (2, backbone.num_features) == (2, 48)
        assert torch.allclose(library.classifier(features), logits_of(library, clip), atol=1e-5)


@pytest.mark.parametrize("family", FAMILIES)
def test_tokens_are_on_the_clips_grid(family: str, folders: dict[str, Path]) -> None:
    """Where the patch's own pixels change, its token changes most."""
    asked = options(family, folders[family], clip={"frames": 4})
    model = loaded(asked)
    clip = clips(asked, 1)
    half, frame = tiny.side(family) // 2, 1 if family in ("timesformer", "videoprism") else 2
    other = clip.clone()
    other[:, :, frame : frame + frame, :half, half:] = 0
    with torch.inference_mode():
        changes = (model.tokens(clip) - model.tokens(other)).norm(dim=-1)[0]
    assert changes.shape == ((4, 2, 2) if frame == 1 else (2, 2, 2))
    assert changes.argmax() == torch.tensor(changes.shape[1] * changes.shape[2] + 1)  # of time 1, row 0, column 1


@pytest.mark.parametrize("family", FAMILIES)
def test_stages_hold_every_parameter_but_the_classifiers_once(family: str, folders: dict[str, Path]) -> None:
    model = build(options(family, folders[family]), 3)
    stages = find_model_stages(model)
    assert len(stages) == {"vjepa2": 4, "videoprism": 5}.get(family, 3)
    for name, _ in model.named_parameters():
        assert sum(is_in(name, stage) for stage in stages) == (not name.startswith("classifier."))


@pytest.mark.parametrize(("family", "trained"), [("vjepa2", 1), ("videomae", 1), ("timesformer", 2), ("vivit", 0)])
def test_frozen_stages_stay_as_they_are(family: str, trained: int, folders: dict[str, Path]) -> None:
    asked = options(family, folders[family], trained_stages=trained)
    moved = train_a_step(loaded(asked), trained, clips(asked, 4))
    assert any(not key.startswith("classifier.") for key in moved) == (trained > 0)


@pytest.mark.parametrize("layers", ["attention", "all"])
@pytest.mark.parametrize("family", FAMILIES)
def test_low_rank_matrices_are_trained_and_merged(family: str, layers: str, folders: dict[str, Path]) -> None:
    asked, how = options(family, folders[family]), LoraOptions(rank=2, layers=layers)
    plain, clip = loaded(asked), clips(asked)
    model = lora.adapt(loaded(asked), how)
    train_mode(model)
    model(clip).square().sum().backward()
    trained = {key: parameter.grad for key, parameter in model.named_parameters() if parameter.requires_grad}
    assert any(key.endswith(lora.UP) and gradient.abs().max() > 0 for key, gradient in trained.items())
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            if key.endswith(lora.UP):
                parameter.normal_(std=0.3)
    plain.load_state_dict(lora.merge(model.state_dict(), how))
    with torch.inference_mode():
        merged, before = plain(clip), loaded(asked)(clip)
        assert torch.allclose(merged, model.eval()(clip), rtol=1e-5, atol=1e-5)
        assert (merged - before).abs().max() > 1e-4


@pytest.mark.parametrize("family", FAMILIES)
def test_every_parameter_gets_a_gradient_and_recomputing_changes_none(family: str, folders: dict[str, Path]) -> None:
    asked = options(family, folders[family])
    plain, recomputing = loaded(asked).train(), loaded(asked).train()
    assert recompute_blocks(recomputing)
    clip = clips(asked)
    for model in (plain, recomputing):
        model(clip).square().sum().backward()
    gradients = dict(recomputing.named_parameters())
    for key, parameter in plain.named_parameters():
        if parameter.requires_grad:
            assert parameter.grad is not None, key
            assert torch.equal(parameter.grad, gradients[key].grad), key


def library_encoder(family: str, kind: str, **more: object) -> nn.Module:
    return library_network(family, kind=kind, **more)


@pytest.mark.parametrize(
    ("family", "kind", "more"),
    [
        ("vjepa2", "VJEPA2Model", {}),
        ("videomae", "VideoMAEModel", {}),
        ("videomae", "VideoMAEModel", {"use_mean_pooling": False}),
        ("videomae", "VideoMAEForPreTraining", {}),
        ("vivit", "VivitModel", {}),
        ("timesformer", "TimesformerModel", {}),
        ("videoprism", "VideoPrismVisionModel", {}),
    ],
)
def test_weights_without_a_classifier(family: str, kind: str, more: dict, tmp_path: Path) -> None:
    """Features are the class token, or else the mean of all tokens."""
    reference = library_encoder(family, kind, **more)
    reference.save_pretrained(tmp_path)
    asked = options(family, tmp_path, as_backbone=True, trained_stages=0)
    backbone, clip = build_backbone(asked.network, asked.clip).eval(), clips(asked)
    load_pretrained(backbone, asked.network, Path(str(asked.network.weights)))
    encoder = reference.videomae if kind.endswith("PreTraining") else reference
    options_of_encoder = {"skip_predictor": True} if family == "vjepa2" else {}
    with torch.inference_mode():
        tokens = encoder(clip.transpose(1, 2), **options_of_encoder).last_hidden_state
        expected = tokens[:, 0] if family in ("vivit", "timesformer") else tokens.mean(1)
        if family == "videomae" and not more:  # its tokens have had no norm
            expected = nn.functional.layer_norm(expected, (48,))
        assert torch.allclose(backbone(clip), expected, atol=1e-5)


@pytest.mark.parametrize(
    ("family", "clip"),
    [
        ("vjepa2", {"frames": 8, "size": [48, 48]}),
        ("vivit", {"frames": 8, "size": [32, 48]}),
        ("timesformer", {"frames": 7, "size": [64, 64]}),
        ("videoprism", {"frames": 6, "size": [54, 36]}),
    ],
)
def test_other_clips_than_the_weights(family: str, clip: dict, folders: dict[str, Path]) -> None:
    asked = options(family, folders[family], clip=clip)
    model = loaded(asked)
    video = clips(asked)
    with torch.inference_mode():
        assert model(video).shape == (2, 5)
        steps = clip["frames"] // {"vjepa2": 2, "vivit": 2}.get(family, 1)
        patch = 18 if family == "videoprism" else 16
        assert model.tokens(video).shape == (2, steps, *(size // patch for size in clip["size"]), 48)


def test_v_jepas_positions_are_those_of_the_clips_own_grid(folders: dict[str, Path]) -> None:
    """The library counts them by the configuration's size: one of another size would be scrambled in silence."""
    asked = options("vjepa2", folders["vjepa2"], clip={"size": [64, 64]})
    library = library_network("vjepa2")
    resized = type(library)(type(library.config)(**library.config.to_dict() | {"crop_size": 64})).eval()
    resized.load_state_dict(library.state_dict())
    clip = clips(asked)
    with torch.inference_mode():
        assert torch.allclose(loaded(asked)(clip), logits_of(resized, clip), atol=1e-5)
        assert not torch.allclose(logits_of(library, clip), logits_of(resized, clip), atol=1e-5)


def test_timesformers_positions_are_resized_as_the_library_does(folders: dict[str, Path]) -> None:
    asked = options("timesformer", folders["timesformer"], clip={"size": [64, 64]})
    clip = clips(asked)
    library = library_network("timesformer")
    library.config.image_size = 64  # which its layers read
    with torch.inference_mode():
        assert torch.allclose(loaded(asked)(clip), logits_of(library, clip), atol=1e-5)


def test_videoprisms_positions_are_resized_as_the_library_does(folders: dict[str, Path]) -> None:
    asked = options("videoprism", folders["videoprism"], clip={"frames": 6, "size": [54, 36]})
    clip = clips(asked)
    with torch.inference_mode():
        expected = library_network("videoprism")(clip.transpose(1, 2), interpolate_pos_encoding=True).logits.flatten(1)
        assert torch.allclose(loaded(asked)(clip), expected, atol=1e-5)


def test_vivits_positions_of_a_longer_clip_are_between_its_own(folders: dict[str, Path]) -> None:
    asked = options("vivit", folders["vivit"], clip={"frames": 12})
    model = build(asked, 5)
    report = pretrained.load(model, load_file(str(asked.network.weights)), "hf/vivit", "file")
    assert report.interpolated == ["encoder.embeddings.position_embeddings"]
    before = library_network("vivit").vivit.embeddings.position_embeddings[0]  # (1 + 2 * 4, D)
    after = model.encoder.embeddings.position_embeddings[0]  # (1 + 6 * 4, D)
    assert torch.equal(after[0], before[0])
    assert torch.allclose(after[1:5], before[1:5])
    assert torch.allclose(after[-4:], before[-4:])
    assert (after[5:21] - before[1:5].repeat(4, 1)).abs().max() > 0.01


def test_weights_that_vidbench_wrote_are_a_start(folders: dict[str, Path], tmp_path: Path) -> None:
    first = loaded(options("videomae", folders["videomae"]))
    asked = options("videomae", folders["videomae"])
    again = build(asked, 5).eval()
    pretrained.load(again, first.state_dict(), "hf/videomae", "file")
    for key, tensor in first.state_dict().items():
        assert torch.equal(again.state_dict()[key], tensor), key


def test_names_of_older_versions_of_the_library_are_known(folders: dict[str, Path]) -> None:
    """What the library writes has them: VideoMAE's q_bias, ViViT's encoder.layer."""
    names = {family: " ".join(load_file(folders[family] / "model.safetensors")) for family in ("videomae", "vivit")}
    assert "attention.q_bias" in names["videomae"]
    assert "vivit.encoder.layer.0.attention" in names["vivit"]
    model = loaded(options("videomae", folders["videomae"]))
    expected = library_network("videomae").videomae.encoder.layer[0].attention.attention.query.bias
    assert torch.equal(model.encoder.encoder.layer[0].attention.attention.query.bias, expected)
    assert expected.abs().max() > 0.01


def test_values_that_the_library_loses_in_silence_are_an_error(
    folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As earlier versions did with VideoMAE's biases: no name was missing, and the biases were zero."""
    kind = type(library_network("videomae"))
    original = kind.from_pretrained

    def forgetful(*arguments: Any, **more: Any) -> Any:
        model, info = original(*arguments, **more)
        model.videomae.encoder.layer[1].attention.attention.value.bias.data.zero_()
        return model, info

    monkeypatch.setattr(kind, "from_pretrained", forgetful)
    with pytest.raises(UserError, match=r"the library did not load videomae\.encoder\.layer\.1.*v_bias and 0 more"):
        loaded(options("videomae", folders["videomae"]))


def test_another_number_of_classes_leaves_the_classifier_new(folders: dict[str, Path]) -> None:
    for family in FAMILIES:
        asked = options(family, folders[family])
        report = pretrained.load(build(asked, 3), load_file(str(asked.network.weights)), f"hf/{family}", "file")
        assert report.new == ["classifier.weight", "classifier.bias"]
        assert report.unused == ["classifier.bias", "classifier.weight"]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_missing_foreign_or_reshaped_tensor_is_one_line(family: str, folders: dict[str, Path]) -> None:
    state = load_file(folders[family] / "model.safetensors")
    inner = next(key for key in state if "layer" in key and key.endswith("weight") and "predictor" not in key)
    changes = (
        ({key: tensor for key, tensor in state.items() if key != inner}, "1 tensors missing"),
        (state | {"other.weight": torch.zeros(2)}, r"1 tensors unknown \(other\.weight\)"),
        (state | {inner: torch.zeros(3, 3)}, "of another shape|did not load"),
    )
    for changed, words in changes:
        asked = options(family, folders[family])
        with pytest.raises(UserError, match=words) as caught:
            pretrained.load(build(asked, 5), changed, f"hf/{family}", "mine.safetensors")
        assert "\n" not in str(caught.value)
        assert str(caught.value).startswith("mine.safetensors: ")


def test_half_precision_files_are_loaded_as_float32(folders: dict[str, Path], tmp_path: Path) -> None:
    state = load_file(folders["vjepa2"] / "model.safetensors")
    save_file({key: tensor.half() for key, tensor in state.items()}, tmp_path / "model.safetensors", {"format": "pt"})
    (tmp_path / "config.json").write_text((folders["vjepa2"] / "config.json").read_text())
    model = loaded(options("vjepa2", tmp_path))
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}


def test_every_family_is_tested() -> None:
    from vidbench.models.transformers_config import FAMILIES as DESCRIBED

    assert set(KINDS) == set(DESCRIBED) == set(transformers_library.LIBRARY)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("as_backbone", [False, True])
def test_activation_maps_are_on_the_grid(family: str, as_backbone: bool, folders: dict[str, Path]) -> None:
    asked = options(family, folders[family], as_backbone=as_backbone)
    model, clip = loaded(asked).requires_grad_(False), clips(asked, 1)
    place = grad_cam.last_map(model, f"hf/{family}", clip)
    maps = grad_cam.activation_map(model, place, clip, target=1)
    assert maps.shape == (4 if family in ("timesformer", "videoprism") else 2, 2, 2)
    assert maps.min() >= 0
    targets = [grad_cam.activation_map(model, place, clip, target=target) for target in range(5)]
    assert max(each.max() for each in targets) > 0
