"""Networks are found by name, and those of timm are described as timm describes them."""

from pathlib import Path

import pytest
import tiny

from vidbench import models
from vidbench.config import checks, schema
from vidbench.errors import UserError
from vidbench.models import catalogue, official_weights

RESNET = {"architecture": "timm/resnet18", "weights": "DEFAULT"}


def options(**backbone: object) -> dict:
    """Complete options of a head on a backbone."""
    config = tiny.config(backbones__b=backbone, models__x={"backbone": "b", "head": "mean"})
    return schema.model_options(config, "motion", "x")


@pytest.mark.slow
def test_the_table_is_timms() -> None:
    from describe_timm import TARGET, text

    assert TARGET.read_text() == text(), "run `make docs`"


def test_every_family_describes_the_names_that_it_lists() -> None:
    for name in (*catalogue.clip_names(), *catalogue.frame_names()):
        network = catalogue.describe(name)
        assert network.name == name
        assert network.layout == ("CTHW" if models.takes_clips(name) else "CHW")
        assert len([weights for weights in network.weights if weights.is_default]) == bool(network.weights)


def test_a_network_of_timms() -> None:
    network = catalogue.describe("timm/vit_small_patch14_dinov2")
    assert (network.module, network.multiple, network.min_size) == ("networks.timm2d", 14, 14)
    weights = official_weights.trained_input(network.name, "DEFAULT")
    assert weights == network.default_weights
    assert (weights.name, weights.size, weights.interpolation) == ("lvd142m", [518, 518], "bicubic")
    assert weights.address.endswith("timm/vit_small_patch14_dinov2.lvd142m/resolve/main/model.safetensors")
    assert weights.link == "timm/vit_small_patch14_dinov2-lvd142m.safetensors"


def test_every_row_of_timms_is_read() -> None:
    from vidbench.models.families import timm

    for name in timm._rows():
        network = catalogue.describe(f"timm/{name}")
        assert len({weights.name for weights in network.weights}) == len(network.weights)


def test_timms_weights_bring_their_size_and_normalisation() -> None:
    complete = options(architecture="timm/vit_base_patch16_clip_224", weights="openai")
    assert complete["backbone"]["weights"] == "openai"
    assert complete["clip"]["size"] == [224, 224]
    assert complete["clip"]["mean"] == [0.48145466, 0.4578275, 0.40821073]
    assert "drop_path" not in complete["backbone"]
    assert options(architecture="cnn2d", drop_path=0.1)["backbone"]["drop_path"] == 0.1


def test_a_folder_brings_what_its_configuration_says(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "model.safetensors").touch()
    cfg = '{"input_size": [3, 96, 128], "mean": [0.1, 0.2, 0.3], "std": [1, 1, 1], "crop_pct": 0.5}'
    (folder / "config.json").write_text(f'{{"architecture": "resnet18", "pretrained_cfg": {cfg}}}')
    complete = options(architecture="timm/resnet18", weights=f"local-dir:{folder}")
    assert complete["backbone"]["weights"] == str(folder / "model.safetensors")
    assert (complete["clip"]["size"], complete["clip"]["mean"]) == ([96, 128], [0.1, 0.2, 0.3])
    config = tiny.config(
        backbones__b={"architecture": "timm/resnet18", "weights": str(folder)},
        models__x={"backbone": "b", "head": "mean"},
    )
    with pytest.raises(UserError, match="96 x 128 pixels, which its weights mine were trained on"):
        checks.check_pixels(config, "motion", "x")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"architecture": "timm/resnet81"}, ["'timm/resnet81' is not known", "did you mean 'timm/resnet18'"]),
        ({"architecture": "timm/resnet18.a1_in1k"}, ["write architecture: timm/resnet18, weights: a1_in1k"]),
        ({"architecture": "timm/"}, ["'timm/' is not known"]),
        ({"architecture": "tim/resnet18"}, ["'tim/resnet18' is not known"]),
        ({**RESNET, "weights": "a1_in2k"}, ["has no official weights 'a1_in2k'", "did you mean 'a"]),
        ({**RESNET, "weights": "x/y.safetensors"}, ["x/y.safetensors: no such file"]),
        ({**RESNET, "drop_path": 1.5}, ["drop_path"]),
        ({"architecture": "timm/test_vitt", "weights": "DEFAULT"}, ["is not known", "timm/test_vit"]),
    ],
)
def test_what_a_config_cannot_ask_for(changes: dict, words: list[str]) -> None:
    tiny.refused({"backbones__cnn2d": changes}, words)


def test_a_network_of_timms_under_models_is_told_where_it_belongs() -> None:
    words = ["backbones: {resnet18: {architecture: timm/resnet18}}", "models: {resnet18_mean: {backbone: resnet18"]
    tiny.refused({"models__cnn3d": {"architecture": "timm/resnet18"}}, words)
    tiny.refused({"models__cnn3d": {"architecture": "timm/resnet81"}}, ["'timm/resnet81' is not known"])
