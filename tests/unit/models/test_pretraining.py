"""Weights come with a licence and the data that they were trained on: named, refused, and compared with the test."""

from dataclasses import replace
from pathlib import Path

import pytest
import tiny
from torchvision.models import get_model_weights

from vidbench import models
from vidbench.config import licences
from vidbench.errors import UserError
from vidbench.models import official_weights, pretraining
from vidbench.models.options import NetworkOptions


def find(architecture: str, weights: str) -> pretraining.Weights:
    found = pretraining.find_weights(NetworkOptions(architecture=architecture, weights=weights))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("architecture", "weights", "licence", "data"),
    [
        ("r3d_18", "KINETICS400_V1", "bsd-3-clause", ("Kinetics-400",)),
        ("swin3d_t", "KINETICS400_V1", "bsd-3-clause", ("ImageNet-1k", "Kinetics-400")),
        ("swin3d_b", "KINETICS400_IMAGENET22K_V1", "bsd-3-clause", ("ImageNet-22k", "Kinetics-400")),
        ("vit_b_16", "IMAGENET1K_SWAG_E2E_V1", "cc-by-nc-4.0", ("Instagram (SWAG)", "ImageNet-1k")),
        ("timm/resnet18", "a1_in1k", "apache-2.0", ("ImageNet-1k",)),
        ("timm/vit_small_patch16_dinov3", "lvd1689m", "dinov3-license", ()),
        ("timm/vit_base_patch16_clip_224", "laion2b_ft_in12k_in1k", "apache-2.0", None),
    ],
)
def test_what_weights_come_with(architecture: str, weights: str, licence: str, data: tuple[str, ...] | None) -> None:
    if architecture == "timm/vit_small_patch16_dinov3":
        [weights] = [name for name in official_weights.official(architecture) if "lvd1689m" in name][:1]
        data = ("LVD-1689M",)
    found = find(architecture, weights)
    assert (found.licence, found.data) == (licence, data or ("LAION-2B", "ImageNet-12k", "ImageNet-1k"))


def test_all_of_torchvisions_weights_say_both() -> None:
    for name in (*models.clip_names(), *models.backbone_names()):
        for weights in official_weights.official(name).values():
            assert weights.licence, weights
            assert weights.data, weights


def test_the_publisher_says_which_licence_swag_has() -> None:
    for name in models.backbone_names():
        for weights in official_weights.official(name).values():
            stated = get_model_weights(name)[weights.name].meta.get("license", "")
            assert ("SWAG" in stated) == (weights.licence == "cc-by-nc-4.0"), weights


def config(architecture: str, weights: str | None, **run: object) -> dict:
    backbone = {"architecture": architecture, "weights": weights}
    asked = {"datasets": ["motion"], "models": ["x"], "seeds": [0], **run}
    return tiny.config(run=asked, backbones__b=backbone, models__x={"backbone": "b", "head": "mean"})


@pytest.mark.parametrize(
    ("architecture", "weights"),
    [
        ("vit_b_16", "IMAGENET1K_SWAG_LINEAR_V1"),
        ("timm/convnextv2_atto", "fcmae"),
        ("timm/aimv2_1b_patch14_224", "apple_pt"),
    ],
)
def test_commercial_use_refuses_what_is_not_known_to_allow_it(architecture: str, weights: str) -> None:
    licences.check_commercial_use(config(architecture, weights), "motion", "x")
    with pytest.raises(
        UserError, match=f"run.commercial_use: model x starts from {architecture}'s .*licence"
    ) as caught:
        licences.check_commercial_use(config(architecture, weights, commercial_use=True), "motion", "x")
    assert "\n" not in str(caught.value)


def test_commercial_use_says_what_a_person_has_to_read(tmp_path: Path) -> None:
    (tmp_path / "mine.pth").touch()
    cases = {
        ("resnet18", "DEFAULT"): "trained on ImageNet-1k, whose own terms are for research",
        ("resnet18", str(tmp_path / "mine.pth")): "mine.pth states no licence",
        ("timm/vit_base_patch16_clip_224", "openai"): None,
        ("resnet18", None): None,
    }
    for (architecture, weights), words in cases.items():
        asked = config(architecture, weights, commercial_use=True)
        licences.check_commercial_use(asked, "motion", "x")
        lines = licences.commercial_warnings(asked, "motion", "x")
        assert [words in line for line in lines] == ([True] if words else []), lines
        assert licences.commercial_warnings(config(architecture, weights), "motion", "x") == []


def test_a_folder_says_its_licence(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").touch()
    cfg = '{"input_size": [3, 8, 8], "mean": [0, 0, 0], "std": [1, 1, 1], "license": "cc-by-nc-4.0", "tag": "a1_in1k"}'
    (tmp_path / "config.json").write_text(f'{{"architecture": "resnet18", "pretrained_cfg": {cfg}}}')
    assert find("timm/resnet18", str(tmp_path / "model.safetensors")).data == ("ImageNet-1k",)
    with pytest.raises(UserError, match=r"licence, cc-by-nc-4\.0, is not known to allow it"):
        licences.check_commercial_use(config("timm/resnet18", str(tmp_path), commercial_use=True), "motion", "x")


OVERLAPS = [
    ("kinetics400", "Kinetics-400", "the data set of this test itself"),
    ("kinetics400", "Kinetics-710", "into which most videos of Kinetics-400 went: they may have seen test videos"),
    ("kinetics400", "VideoMix22M", "which contains Kinetics"),
    ("kinetics400", "HowTo100M", "from YouTube as Kinetics-400 is"),
    ("kinetics400", "UCF101", ""),
    ("ucf101", "Kinetics-400", "from YouTube as UCF101 is and shares actions"),
    ("ucf101", "Kinetics-600", "from YouTube as UCF101 is and shares actions"),
    ("ucf101", "UCF101", "the data set of this test itself"),
    ("ucf101", "HMDB51", ""),
    ("hmdb51", "Kinetics-400", "shares actions, and with YouTube a source, with HMDB51"),
    ("hmdb51", "HMDB51", "the data set of this test itself"),
    ("motion", "Kinetics-400", ""),
    ("csv", "Kinetics-400", ""),
    ("folder", "UCF101", ""),
    *[(kind, name, "") for kind in pretraining.OVERLAPS for name in ("ImageNet-1k", "ImageNet-22k", "LVD-142M")],
]


@pytest.mark.parametrize(("kind", "data", "words"), OVERLAPS)
def test_a_test_that_the_weights_may_have_seen_is_told(kind: str, data: str, words: str) -> None:
    weights = replace(find("resnet18", "IMAGENET1K_V1"), data=("ImageNet-1k", data))
    told = pretraining.find_overlap(kind, weights)
    assert words in told
    assert told.startswith(f"{data}, ") if words else told == ""


def test_the_most_telling_overlap_is_told() -> None:
    weights = replace(find("r3d_18", "KINETICS400_V1"), data=("HowTo100M", "Kinetics-710", "Kinetics-400"))
    assert pretraining.find_overlap("kinetics400", weights).startswith("Kinetics-400, the data set of this test itself")
    assert pretraining.find_overlap("kinetics400", None) == ""
