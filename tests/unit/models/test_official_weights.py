"""The catalogue of torchvision's weights is torchvision's, and a config's `weights` are resolved by it."""

from pathlib import Path

import pytest
import tiny

from vidbench import models
from vidbench.config import checks, schema
from vidbench.errors import UserError
from vidbench.models import official_weights


def test_the_catalogue_is_torchvisions() -> None:
    from describe_weights import TARGET, text

    assert TARGET.read_text() == text(), "run `make docs`"


@pytest.mark.parametrize("name", [*models.clip_names(), *models.backbone_names()])
def test_default_is_torchvisions_best(name: str) -> None:
    from torchvision.models import get_model_weights

    if name in ("cnn3d", "cnn2d"):
        assert official_weights.official(name) == {}
        return
    weights = get_model_weights(name)
    weights_by_name = official_weights.official(name)
    assert list(weights_by_name) == [each.name for each in weights]
    assert [each.name for each in weights_by_name.values() if each.is_default] == [weights.DEFAULT.name]
    assert official_weights.resolve(name, "DEFAULT") == weights.DEFAULT.name
    for each in weights_by_name.values():
        assert each.address == weights[each.name].url
        assert {*each.size} == {*weights[each.name].transforms().crop_size}


def test_a_row_says_what_its_weights_were_trained_on() -> None:
    trained_input = official_weights.trained_input("r3d_18", "KINETICS400_V1")
    assert (trained_input.mean, trained_input.std) == ([0.43216, 0.394666, 0.37645], [0.22803, 0.22145, 0.216989])
    assert (trained_input.size, trained_input.resize, trained_input.min_frames) == ([112, 112], [128, 171], 1)
    trained_input = official_weights.trained_input("mvit_v2_s", "DEFAULT")
    assert (trained_input.mean, trained_input.size, trained_input.resize, trained_input.min_frames) == (
        [0.45] * 3,
        [224, 224],
        256,
        16,
    )
    assert trained_input.address == "https://download.pytorch.org/models/mvit_v2_s-ae3be167.pth"
    assert official_weights.trained_input("efficientnet_b0", "DEFAULT").interpolation == "bicubic"
    assert official_weights.trained_input("inception_v3", "DEFAULT").mean == [0.5] * 3


def test_networks_whose_names_begin_alike_are_told_apart() -> None:
    assert [each.network for each in official_weights.official("vgg11").values()] == ["vgg11"]
    assert official_weights.official("resnet5") == {}


def options(**changes: object) -> dict:
    """Complete options of the model x on the tiny data set."""
    return schema.model_options(tiny.config(**changes), "motion", "x")


def test_weights_bring_their_size_and_normalisation() -> None:
    entry_options = options(models__x={"architecture": "s3d", "weights": "DEFAULT"})
    assert entry_options["weights"] == "KINETICS400_V1"
    assert entry_options["clip"]["size"] == [224, 224]
    assert entry_options["clip"]["frames"] == 4  # the data set's
    assert (entry_options["clip"]["mean"][0], entry_options["clip"]["std"][2]) == (0.43216, 0.216989)
    entry_options = options(
        models__x={"backbone": "r", "head": "mean"}, backbones__r={"architecture": "resnet50", "weights": "DEFAULT"}
    )
    assert entry_options["backbone"]["weights"] == "IMAGENET1K_V2"
    assert "weights" not in entry_options
    assert (entry_options["clip"]["size"], entry_options["clip"]["mean"]) == ([224, 224], [0.485, 0.456, 0.406])


def test_what_a_config_says_comes_before_the_weights() -> None:
    entry = {"architecture": "s3d", "weights": "DEFAULT"}
    clip = options(models__x=entry | {"clip": {"size": [64, 48], "mean": 0.5}})["clip"]
    assert (clip["size"], clip["mean"], clip["std"][0]) == ([64, 48], 0.5, 0.22803)
    shared = tiny.CLIP | {"mean": [0.1, 0.2, 0.3]}
    assert options(models__x=entry, datasets__motion__clip=shared)["clip"]["mean"] == [0.1, 0.2, 0.3]
    assert options(models__x=entry | {"clip": {"size": None}})["clip"]["size"] == [224, 224]
    assert options(models__x={"architecture": "s3d", "clip": {"size": None}})["clip"]["size"] == [32, 32]
    plain = options(models__x={"architecture": "s3d"}, datasets__motion__clip={})["clip"]
    assert (plain["size"], plain["mean"], plain["std"]) == ([112, 112], 0.45, 0.225)


def test_a_file_brings_the_networks_normalisation_but_no_size(tmp_path: Path) -> None:
    (tmp_path / "mine.pth").touch()
    entry_options = options(models__x={"architecture": "s3d", "weights": str(tmp_path / "mine.pth")})
    assert entry_options["weights"] == str(tmp_path / "mine.pth")
    assert (entry_options["clip"]["size"], entry_options["clip"]["mean"][0]) == ([32, 32], 0.43216)
    entry_options = options(models__x={"architecture": "cnn3d", "weights": str(tmp_path / "mine.pth")})
    assert (entry_options["clip"]["mean"], entry_options["clip"]["std"]) == (0.45, 0.225)


def test_a_file_of_vidbench_says_how_it_was_trained(tmp_path: Path) -> None:
    import torch

    from vidbench.models.weights_file import save_weights

    path = tmp_path / "weights.safetensors"
    trained = {"options": {"clip": {"mean": 0.4, "std": [0.1, 0.2, 0.3], "size": [64, 64]}}}
    save_weights(path, {"fc.weight": torch.zeros(2, 2)}, trained)
    clip = options(models__x={"architecture": "r3d_18", "weights": str(path)})["clip"]
    assert (clip["mean"], clip["std"], clip["size"]) == (0.4, [0.1, 0.2, 0.3], [32, 32])
    clip = options(models__x={"architecture": "r3d_18", "weights": str(path), "clip": {"mean": 0.5}})["clip"]
    assert (clip["mean"], clip["std"]) == (0.5, [0.1, 0.2, 0.3])
    for damaged in (b"", path.read_bytes()[:40], b"\xff" * 30):
        path.write_bytes(damaged)
        clip = options(models__x={"architecture": "r3d_18", "weights": str(path)})["clip"]
        assert clip["mean"] == [0.43216, 0.394666, 0.37645]


def test_only_the_models_concerned_get_other_options() -> None:
    before, after = tiny.config(), tiny.config(models__r3d_18__weights="DEFAULT")
    for name in ("cnn3d", "cnn2d_lstm", "r3d_18"):
        same = schema.model_options(before, "motion", name) == schema.model_options(after, "motion", name)
        assert same == (name != "r3d_18")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"models__cnn3d__weights": "DEFAULT"}, ["models.cnn3d.weights", "cnn3d has no official weights", "your own"]),
        ({"models__cnn3d": {"architecture": "r3d_18", "weights": "KINETICS_V1"}}, ["did you mean 'KINETICS400_V1'?"]),
        ({"models__cnn3d": {"architecture": "r3d_18", "weights": "IMAGENET1K_V1"}}, ["r3d_18", "KINETICS400_V1"]),
        ({"models__cnn3d": {"architecture": "r3d_18", "weights": "default"}}, ["'default'", "DEFAULT, KINETICS400_V1"]),
        ({"models__cnn3d": {"architecture": "r3d_18", "weights": True}}, ["models.cnn3d.weights", "has to be text"]),
        ({"models__cnn3d": {"architecture": "r3d_18", "weights": "x/r3d.pth"}}, ["x/r3d.pth: no such file", "name a"]),
        ({"models__cnn2d_mean__weights": "DEFAULT"}, ["models.cnn2d_mean.weights", "belongs to backbones.cnn2d"]),
        (
            {"backbones__cnn2d": {"architecture": "resnet50", "weights": "IMAGENET1K_V3"}},
            ["backbones.cnn2d.weights", "resnet50", "did you mean 'IMAGENET1K_V"],
        ),
        ({"datasets__motion__clip__std": 0}, ["datasets.motion.clip.std"]),
        ({"datasets__motion__clip__mean": [0.4, 0.4]}, ["datasets.motion.clip.mean"]),
        ({"weights_download": {"mirror": []}}, ["weights_download", "did you mean 'mirrors'?"]),
    ],
)
def test_what_a_config_cannot_ask_for(changes: dict, words: list[str]) -> None:
    tiny.refused(changes, words)


def test_the_nearest_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "mobilenet.pth").touch()
    with pytest.raises(UserError, match=r"no such file, did you mean 'mobilenet\.pth'\?"):
        official_weights.resolve("mobilenet_v2", str(tmp_path / "mobilnet.pth"))


@pytest.mark.parametrize("name", ["a\rb.pth", "a\nb.pth", "\0.pth"])
def test_a_path_that_no_list_can_hold_is_refused(name: str, tmp_path: Path) -> None:
    if "\0" not in name:
        (tmp_path / name).touch()
    with pytest.raises(UserError, match="rename it") as caught:
        official_weights.resolve("resnet18", str(tmp_path / name))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["b{c}.pth", "{.pth", "-a %s.pth", "t\tab #'\".pth"])
def test_other_characters_in_its_path_are_taken(name: str, tmp_path: Path) -> None:
    (tmp_path / name).touch()
    assert official_weights.resolve("resnet18", str(tmp_path / name)) == str(tmp_path / name)


def test_a_folder_is_no_file_of_weights(tmp_path: Path) -> None:
    (tmp_path / "mine.pth").mkdir()
    with pytest.raises(UserError, match=r"mine\.pth: is a folder"):
        official_weights.resolve("resnet18", str(tmp_path / "mine.pth"))


def test_weights_that_need_more_pixels_than_are_stored_are_refused_with_the_way_out() -> None:
    config = tiny.config(models__x={"architecture": "s3d", "weights": "DEFAULT"})
    with pytest.raises(UserError) as caught:
        checks.check_pixels(config, "motion", "x")
    message = str(caught.value)
    assert "224 x 224 pixels, which its weights KINETICS400_V1 were trained on, but datasets.motion.frames" in message
    assert message.endswith("raise frames.size, or set models.x.clip.size")
    config["models"]["x"]["clip"] = {"size": [32, 32]}
    checks.check_pixels(config, "motion", "x")


def test_fewer_frames_than_the_weights_are_made_for_get_a_warning() -> None:
    config = tiny.config(models__x={"architecture": "s3d", "weights": "DEFAULT", "clip": {"frames": 8}})
    assert checks.weights_warnings(config, "motion", "x") == [
        "model x on motion: s3d's weights KINETICS400_V1 are made for clips of at least 14 frames and get 8;"
        " set clip.frames: 14"
    ]
    config["models"]["x"]["clip"]["frames"] = 14
    assert checks.weights_warnings(config, "motion", "x") == []
    assert checks.weights_warnings(config, "motion", "cnn3d") == []
