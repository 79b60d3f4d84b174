"""Wrong networks and weights in a configuration: one line before any job, that names the entry and what to do."""

import json
from pathlib import Path

import pytest
import tiny

from vidbench.config import checks, licences, schema
from vidbench.errors import UserError

TRAINED_ON = {"input_size": [3, 32, 32], "mean": [0.5] * 3, "std": [0.5] * 3}
RESNET = {"architecture": "resnet18", "pretrained_cfg": TRAINED_ON}
BACKBONE = "config: backbones.b.architecture: "
WEIGHTS = "config: backbones.b.weights: "


def save_folder(
    path: str, config: object = RESNET, raw: bytes | None = None, weights: str = "model.safetensors"
) -> None:
    """A folder with a configuration, None for none, and a file of weights, which no check reads."""
    folder = Path(path)
    folder.mkdir(parents=True)
    if config is not None:
        (folder / "config.json").write_bytes(json.dumps(config).encode() if raw is None else raw)
    if weights:
        (folder / weights).touch()


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files that the wrong entries name, in the current folder."""
    monkeypatch.chdir(tmp_path)
    save_folder("w/mine")
    save_folder("w/transformers", {"model_type": "videomae", "architectures": ["VideoMAEForVideoClassification"]})
    save_folder("w/latin", raw='{"architecture": "résnet18"}'.encode("latin-1"))
    save_folder("w/deep", raw=b"[" * 100_000)
    save_folder("w/list", [1])
    save_folder("w/no_config", None)
    save_folder("w/vit", RESNET | {"architecture": "vit_small_patch14_dinov2"})
    save_folder("w/pickle", weights="pytorch_model.bin")
    save_folder("w/empty", weights="")
    save_folder("w/without_input", {"architecture": "resnet18"})
    save_folder("w/without_mean", RESNET | {"pretrained_cfg": {"input_size": [3, 32, 32]}})
    save_folder("w/two_folders", weights="")
    Path("w/two_folders/model.safetensors").mkdir()
    for name in ("w/mine.pth", "w/file", "w/mine.onnx", "mine.ckpt"):
        Path(name).touch()
    Path("w/circle.pth").symlink_to("circle.pth")


def on_backbone(head: str = "mean", clip: dict | None = None, **backbone: object) -> dict:
    """Changes of tiny.CONFIG: a model x on an entry b of backbones."""
    return {"backbones__b": backbone, "models__x": {"backbone": "b", "head": head, "clip": clip or {}}}


def timm(weights: object = None, **more: object) -> dict:
    """Changes: a model on timm's resnet18."""
    return on_backbone(architecture="timm/resnet18", weights=weights, **more)


def resnet(weights: object = None, **more: object) -> dict:
    """Changes: a model on torchvision's resnet18."""
    return on_backbone(architecture="resnet18", weights=weights, **more)


def model(**entry: object) -> dict:
    """Changes: a model x."""
    return {"models__x": entry}


NETWORKS = {
    "typo": (model(architecture="r3d18"), "config: models.x.architecture: 'r3d18'", "did you mean 'r3d_18'?"),
    "typo of timm's": (on_backbone(architecture="timm/resnet81"), BACKBONE, "did you mean 'timm/resnet18'?"),
    "capital letters": (on_backbone(architecture="timm/ResNet18"), BACKBONE, "did you mean 'timm/resnet18'?"),
    "weights in the name": (
        on_backbone(architecture="timm/resnet18.a1_in1k"), BACKBONE, "timm/resnet18, weights: a1_in1k",
    ),
    "name of the Hub": (
        on_backbone(architecture="hf-hub:timm/resnet18.a1_in1k"), BACKBONE, "timm/resnet18, weights: a1_in1k",
    ),
    "another library": (on_backbone(architecture="tim/resnet18"), BACKBONE, "did you mean 'resnet18'?"),
    "of frames under models": (model(architecture="timm/resnet18"), "models.x.architecture", "add backbones: {"),
    "zero_shot as backbone": (on_backbone(architecture="zero_shot"), BACKBONE, "is a model by itself: models:"),
    "order of clips": (
        on_backbone("lstm", architecture="r3d_18"), "config: model x on motion: ",
        "only the heads mean and attentive go with it",
    ),
    "both": (model(architecture="cnn3d", backbone="cnn2d", head="mean"), "models.x: needs either `architecture`"),
    "no head": (model(backbone="cnn2d"), "models.x: needs either `architecture`, or `backbone` and `head`"),
    "no backbone": (model(head="mean"), "models.x: needs either `architecture`, or `backbone` and `head`"),
    "nothing": (model(), "models.x: needs either `architecture`, or `backbone` and `head`"),
    "unknown entry": (model(backbone="resnet", head="mean"), "models.x.backbone: no 'resnet' under backbones"),
    "key of a backbone": (model(architecture="r3d_18", cache_features=True), "models.x: unknown key 'cache_features'"),
    "shift": (on_backbone("tsm", architecture="timm/resnet18"), "model x on motion: head tsm: the backbone timm/"),
    "too few stages": (resnet(trained_stages=9), "model x on motion: trained_stages: 9, but resnet18 has 5 stages"),
    "drop path": (resnet(drop_path=0.1), "model x on motion: drop_path: resnet18 has none", "leave it out"),
    "too few frames": (
        model(architecture="s3d", clip={"size": [32, 32], "frames": 4}), "model x on motion: ", "raise clip.frames",
    ),
    "patches": (
        on_backbone(architecture="vit_b_16", clip={"size": [30, 30]}), "model x on motion: ", "set clip.size: [32, 32]",
    ),
    "patches of timm's": (
        on_backbone(architecture="timm/vit_small_patch14_dinov2", clip={"size": [32, 32]}), "set clip.size: [28, 28]",
    ),
}  # fmt: skip

PATHS = {
    "missing file": (resnet("w/mina.pth"), WEIGHTS, "w/mina.pth: no such file, did you mean 'mine.pth'?"),
    "missing folder": (timm("w/mina"), WEIGHTS, "w/mina: no such folder, did you mean 'mine'?"),
    "missing local-dir": (timm("local-dir:w/mina"), WEIGHTS, "w/mina: no such folder, did you mean 'mine'?"),
    "nothing near": (resnet("nowhere/x.pth"), WEIGHTS, "nowhere/x.pth: no such file, name a file"),
    "folder for a network without": (resnet("w/mine"), WEIGHTS, "w/mine: is a folder; name a file of weights in it"),
    "file as a folder": (timm("w/file/"), WEIGHTS, "w/file/: is a file, not a folder; write weights: w/file"),
    "file as local-dir": (timm("local-dir:w/mine.pth"), WEIGHTS, "w/mine.pth: is a file, not a folder; write"),
    "below a file": (timm("w/file/model.safetensors"), WEIGHTS, "model.safetensors: no such file"),
    "folder as a file": (timm("w/two_folders"), WEIGHTS, "model.safetensors: is a folder; name a file"),
    "no configuration": (timm("w/no_config"), WEIGHTS, "w/no_config: has no config.json; name a folder"),
    "another network": (timm("w/vit"), WEIGHTS, "of 'vit_small_patch14_dinov2', not of timm/resnet18; correct"),
    "another library": (timm("w/transformers"), WEIGHTS, "not of timm's but of transformers' (videomae); name"),
    "not UTF-8": (timm("w/latin"), WEIGHTS, "w/latin/config.json: cannot be read as JSON: 'utf-8' codec"),
    "endless nesting": (timm("w/deep"), WEIGHTS, "w/deep/config.json: cannot be read as JSON"),
    "no map": (timm("w/list"), WEIGHTS, "w/list/config.json: holds no configuration of a model"),
    "pickle": (timm("w/pickle"), WEIGHTS, "pytorch_model.bin is a pickle, which can run code; save model.safetensors"),
    "no weights": (timm("w/empty"), WEIGHTS, "w/empty: has no model.safetensors; copy the whole folder"),
    "no input": (timm("w/without_input"), "model x on motion: ", "has no pretrained_cfg with input_size, mean and std"),
    "no mean": (timm("w/without_mean"), "model x on motion: ", "lacks, or has a wrong, 'mean'; it needs input_size"),
    "file in the current folder": (timm("mine.ckpt"), WEIGHTS, "to load the file of that name, write ./mine.ckpt"),
    "another format": (resnet("w/mine.onnx"), WEIGHTS, "w/mine.onnx: is no file of PyTorch's; name a .safetensors"),
    "address": (resnet("https://a.b/resnet18-f37072fd.pth"), WEIGHTS, "is an address; fetch the file, and name"),
    "circle of links": (resnet("w/circle.pth"), WEIGHTS, "w/circle.pth: cannot be read: "),
    "long name": (resnet(f"w/{'a' * 300}.pth"), WEIGHTS, "cannot be read: File name too long; name another path"),
    "line break": (resnet("w/a\nb.pth"), WEIGHTS, "neither line breaks nor null bytes can be in its path; rename it"),
}

NAMES = {
    "of the Hub": (timm("timm/resnet18.a1_in1k"), WEIGHTS, "go by timm's name: write weights: a1_in1k"),
    "of the Hub, typo": (timm("timm/resnet18.a1_in2k"), WEIGHTS, "did you mean 'a1_in1k'?"),
    "a repository": (
        model(architecture="hf/vjepa2", weights="facebook/vjepa2-vitl-fpc64-256"), "config: models.x.weights: ",
        "of a repository of the Hub write weights: hf-hub:facebook/vjepa2-vitl-fpc64-256@main, or a commit",
    ),
    "a repository of an image-text network": (
        model(architecture="zero_shot", weights="openai/clip-vit-base-patch32"), "config: models.x.weights: ",
        "no such folder; of a repository of the Hub name a copy: hf download openai/clip-vit-base-patch32 --local-dir",
    ),
    "the default of an image-text network": (
        model(architecture="zero_shot", weights="DEFAULT"), "config: models.x.weights: ",
        "zero_shot has no official weights, so not 'DEFAULT'; name the folder of an image-text network",
    ),
    "the default of a video transformer": (
        model(architecture="hf/vjepa2", weights="DEFAULT"), "config: models.x.weights: ",
        "no official weights, so not 'DEFAULT'; name a folder that the library saved, or hf-hub:OWNER/NAME@REVISION",
    ),
    "with the network": (timm("resnet18.a1_in1k"), WEIGHTS, "did you mean 'a1_in1k'?"),
    "of another network": (model(architecture="r3d_18", weights="IMAGENET1K_V1"), "x.weights: ", "KINETICS400_V1"),
    "typo": (resnet("IMAGENET1K"), WEIGHTS, "did you mean 'IMAGENET1K_V1'?"),
    "of none": (model(architecture="cnn3d", weights="DEFAULT"), "models.x.weights: cnn3d has no official weights"),
    "beside a backbone": (
        model(backbone="cnn2d", head="mean", weights="DEFAULT"), "models.x.weights: belongs to backbones.cnn2d",
    ),
    "empty": (timm(""), WEIGHTS, "non-empty"),
    "true": (timm(True), WEIGHTS, "has to be text or null"),
    "list": (timm(["a1_in1k"]), WEIGHTS, "has to be text or null"),
}  # fmt: skip


def check(config: dict) -> None:
    """The checks of a configuration's networks in the order of the workflow's."""
    schema.check(config)
    config = schema.expand(config)
    for function in (checks.check_pixels, checks.check_crops, checks.check_network, licences.check_commercial_use):
        function(config, "motion", "x")
    checks.check_features(config, "motion")


def refused(changes: dict, words: tuple[str, ...]) -> None:
    """The configuration ends in one line with the words."""
    with pytest.raises(UserError) as caught:
        check(tiny.config(**changes, run__models=["x"]))
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith("config: ")
    for word in words:
        assert word in message


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(("changes", "words"), [(case[0], case[1:]) for case in NETWORKS.values()], ids=[*NETWORKS])
def test_wrong_networks(changes: dict, words: tuple[str, ...]) -> None:
    refused(changes, words)


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(("changes", "words"), [(case[0], case[1:]) for case in PATHS.values()], ids=[*PATHS])
def test_wrong_files_and_folders(changes: dict, words: tuple[str, ...]) -> None:
    refused(changes, words)


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(("changes", "words"), [(case[0], case[1:]) for case in NAMES.values()], ids=[*NAMES])
def test_wrong_names_of_weights(changes: dict, words: tuple[str, ...]) -> None:
    refused(changes, words)


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("weights", ["w/mine", "local-dir:w/mine", "w/mine/model.safetensors", "a1_in1k", "w/mine.pth"])
def test_right_ones_pass(weights: str) -> None:
    check(tiny.config(**timm(weights, clip={"size": [32, 32]}), run__models=["x"]))
