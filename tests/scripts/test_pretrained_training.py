"""A training starts from the tensors of its file of pretrained weights, and says so."""

import json
import re
from pathlib import Path

import pytest
import timm
import tiny
from conftest import SHARED, make_split, run_script
from safetensors.torch import load_file, save_file

from vidbench.config import schema
from vidbench.files import file_sha256
from vidbench.models import pretrained
from vidbench.models.build import build
from vidbench.models.options import ModelOptions
from vidbench.models.weights_file import load_weights

REAL = SHARED / "weights" / "mobilenet_v2_imagenet_features_torchvision.pth"
# Too small a rate to move a number that is not tiny itself.
STILL = tiny.TRAINING | {"epochs": 1, "learning_rate": 1e-12}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Videos, frames and a split of the tiny data set."""
    cwd = tmp_path_factory.mktemp("pretrained")
    make_split(cwd, tiny.config())
    return cwd


def train(folder: Path, name: str, weights: Path, *arguments: object, check: bool = True):
    """Train the entry `pretrained`, whose backbone names `weights`, into the folder `name`."""
    config = tiny.config(
        backbones__pretrained={"architecture": "mobilenet_v2", "weights": str(weights)},
        models__pretrained={"backbone": "pretrained", "head": "mean", "training": STILL},
    )
    options = json.dumps(schema.model_options(config, "motion", "pretrained"))
    data = ("--videos", "videos.csv", "--split", "split1.csv", "--frames", "0.h5", "--device", "cpu")
    run = ("--options", options, "--seed", 0, *data, "--folder", name)
    return run_script("train_model.py", *run, *arguments, cwd=folder, check=check)


def test_a_training_starts_from_the_files_tensors(folder: Path) -> None:
    if not REAL.exists():
        pytest.skip(f"the real weights are not here: {REAL}")
    text = train(folder, "run", REAL, "--weights", REAL).stdout
    assert f"weights {REAL} ({REAL}): 312 tensors loaded\n" in text
    ours, theirs = load_file(folder / "run/weights.safetensors"), pretrained.read_state(REAL)
    for key, tensor in theirs.items():
        if not re.search("running_|num_batches", key):  # batch norm counts without a learning rate
            assert (ours[f"backbone.{key}"] - tensor).abs().max() < 1e-9
    record = json.loads((folder / "run/options.json").read_text())
    assert record["options"]["clip"]["mean"] == [0.485, 0.456, 0.406]
    assert record["weights"] == {
        "name": str(REAL), "sha256": file_sha256(REAL), "loaded": 312, "interpolated": 0, "new": 0, "unused": 0,
    }  # fmt: skip
    assert "torchvision" in record["versions"]


def test_low_rank_matrices_are_merged_into_the_weights(folder: Path) -> None:
    """The file holds the plain network, of which attention and head alone have moved."""
    network = timm.create_model("test_vit", num_classes=0, img_size=32)
    save_file(network.state_dict(), folder / "vit.safetensors")
    config = tiny.config(
        backbones__vit={"architecture": "timm/test_vit", "weights": str(folder / "vit.safetensors")},
        models__x={"backbone": "vit", "head": "mean", "training": tiny.TRAINING | {"lora": {"rank": 2}}},
    )
    options = schema.model_options(config, "motion", "x")
    data = ("--videos", "videos.csv", "--split", "split1.csv", "--frames", "0.h5", "--device", "cpu")
    run = ("--options", json.dumps(options), "--seed", 0, *data, "--weights", "vit.safetensors", "--folder", "lora")
    run_script("train_model.py", *run, cwd=folder)
    model = build(ModelOptions.from_dict(options), 6)
    load_weights(folder / "lora/weights.safetensors", model)
    moved = {key for key, old in network.state_dict().items() if not model.backbone.get_parameter(key).equal(old)}
    assert moved == {key for key in network.state_dict() if re.search(r"attn\.(qkv|proj)\.weight", key)}
    record = json.loads((folder / "lora/options.json").read_text())
    assert record["parameters"] == sum(part.numel() for part in model.parameters())
    rank, channels, blocks = 2, 64, 6
    assert record["trained_parameters"] == rank * blocks * (channels * 4 + channels * 2) + (channels + 1) * 6


@pytest.mark.slow
def test_a_damaged_file_and_half_a_request_are_one_line(folder: Path) -> None:
    (folder / "half.pth").write_bytes(REAL.read_bytes()[:100_000] if REAL.exists() else b"PK\x03\x04")
    for arguments, words in (
        (
            ("--weights", "half.pth"),
            "half.pth: damaged, or not a file of weights (cut short, its list of contents is missing",
        ),
        ((), "give both (--weights FILE)"),
    ):
        done = train(folder, "refused", folder / "half.pth", *arguments, check=False)
        assert done.returncode == 1
        assert [line for line in done.stderr.splitlines() if line.startswith("error: ") and words in line]
        assert "Traceback" not in done.stderr
        assert not (folder / "refused/weights.safetensors").exists()
