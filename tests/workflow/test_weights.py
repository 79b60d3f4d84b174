"""Pretrained weights in a workflow: what is fetched, what trains again, and what is refused before any job."""

import json
import os
import shutil
from pathlib import Path

import pytest
import tiny
from miniatures import mirror

from vidbench.files import file_sha256
from workflow.conftest import changed, copy_project, planned, snakemake, write_config
from workflow.test_reruns import chain, config_with


def test_only_models_with_weights_train_again(finished: Path) -> None:
    """The weights of a finished run are those that another one starts from."""
    shutil.copy(finished / "results/motion/split1/cnn3d/seed0/weights.safetensors", finished / "start.safetensors")
    with config_with(finished, models__cnn3d__weights="start.safetensors"):
        assert planned(finished) == chain(3, 2, costs=2)
    resnet = {"architecture": "resnet18", "weights": "DEFAULT"}
    clip = {"clip": {"size": [32, 32]}}
    changes = {"backbones__resnet": resnet, "models__resnet": {"backbone": "resnet", "head": "mean", **clip}}
    with config_with(finished, **changes, run__models=["cnn3d", "cnn2d_mean", "resnet"]):
        assert planned(finished) == {"fetch_weights": 1, **chain(3, 2, costs=2)}


def test_one_line_before_any_job(finished: Path) -> None:
    for weights, words in (
        ("DEFAULT", "models.cnn3d.weights: cnn3d has no official weights"),
        ("nowhere/x.pth", "models.cnn3d.weights: nowhere/x.pth: no such file"),
        ("results/motion/split1/cnn3d/seed0/weights.safetensors", "models.cnn3d.weights: results/motion/split1"),
    ):
        with config_with(finished, models__cnn3d__weights=weights):
            text = snakemake(finished, "--dry-run", check=False).stdout
            errors = [line for line in text.splitlines() if line.startswith("error:")]
            assert len(errors) == 1
            assert errors[0].startswith(f"error: config: {words}")
            assert "Traceback" not in text


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory):
    """A finished run of two models: one starts from a file of one's own, one from an "official" file of a mirror.

    The official one is made here: the project's catalogue names it instead of torchvision's.
    """
    import torch
    from torchvision.models import resnet18

    base = tmp_path_factory.mktemp("weights")
    (base / "served").mkdir()
    torch.manual_seed(0)
    torch.save(resnet18().state_dict(), base / "made.pth")
    file = f"resnet18-{file_sha256(base / 'made.pth')[:8]}.pth"
    shutil.move(base / "made.pth", base / "served" / file)
    folder = copy_project(base / "project")
    catalogue = folder / "scripts/vidbench/models/tables/official_weights.py"
    catalogue.write_text(catalogue.read_text().replace("resnet18-f37072fd.pth", file))
    with mirror(base / "served") as (address, requests):
        config = tiny.config(
            run={"datasets": ["motion"], "models": ["resnet", "cnn3d"], "seeds": [0]},
            backbones__resnet={"architecture": "resnet18", "weights": "DEFAULT"},
            models__resnet={"backbone": "resnet", "head": "mean", "clip": {"size": [32, 32]}},
            models__cnn3d={"architecture": "cnn3d", "width": 4, "weights": "own/start.pth"},
            weights_download={"mirrors": [address], "mirrors_first": True, "attempts": 1},
            datasets__motion__training=tiny.TRAINING | {"epochs": 1},
        )
        make_start(folder, 0)
        write_config(folder, config)
        snakemake(folder)
        yield folder, config, requests, file


def make_start(folder: Path, seed: int) -> None:
    """own/start.pth, weights for cnn3d."""
    import torch

    from vidbench.models.build import build
    from vidbench.models.options import ModelOptions

    torch.manual_seed(seed)
    options = ModelOptions.from_dict({"architecture": "cnn3d", "width": 4})
    (folder / "own").mkdir(exist_ok=True)
    torch.save(build(options, 6).state_dict(), folder / "own/start.pth")


@pytest.mark.slow
def test_both_started_from_their_files(world) -> None:
    folder, _, requests, file = world
    records = {
        model: json.loads((folder / f"results/motion/split1/{model}/seed0/options.json").read_text())
        for model in ("resnet", "cnn3d")
    }
    assert records["resnet"]["weights"]["name"] == "IMAGENET1K_V1"
    assert records["resnet"]["weights"]["sha256"].startswith(file[9:17])
    assert records["resnet"]["options"]["clip"]["std"] == [0.229, 0.224, 0.225]
    assert records["cnn3d"]["weights"]["sha256"] == file_sha256(folder / "own/start.pth")
    assert records["cnn3d"]["weights"]["new"] == 0
    assert records["cnn3d"]["options"]["clip"]["mean"] == 0.45
    assert [path for _, path in requests] == [f"/{file}"]
    assert (folder / f"resources/weights/fetched/{file}").samefile(
        folder / "resources/weights/resnet18-IMAGENET1K_V1.pth"
    )


@pytest.mark.slow
def test_a_changed_file_trains_again_and_a_touched_one_does_not(world) -> None:
    folder, _, _, _ = world
    assert planned(folder) == {}
    os.utime(folder / "own/start.pth")
    os.utime(folder / "resources/weights/resnet18-IMAGENET1K_V1.pth")
    assert planned(folder) == {}
    before = (folder / "own/start.pth").read_bytes()
    make_start(folder, 1)
    assert planned(folder) == chain(1, 1, costs=1, across=False)
    (folder / "own/start.pth").write_bytes(before)
    assert planned(folder) == {}


@pytest.mark.slow
def test_edits_and_mirrors_fetch_nothing_again(world) -> None:
    folder, config, requests, _ = world
    for name in ("fetch_weights.py", "vidbench/download/weights.py", "vidbench/models/official_weights.py"):
        with changed(folder / "scripts" / name):
            assert planned(folder) == {}
    write_config(folder, config | {"weights_download": {}})
    assert planned(folder) == {}
    write_config(folder, config)
    with changed(folder / "scripts/vidbench/models/pretrained.py"):
        assert planned(folder) == chain(2, 1, costs=2, across=False)
    requests.clear()
    link = "resources/weights/resnet18-IMAGENET1K_V1.pth"
    (folder / link).unlink()
    assert planned(folder) == {}  # trained already
    assert planned(folder, link) == {"fetch_weights": 1}
    snakemake(folder, link)
    assert not requests
    shutil.move(folder / "results", folder / "aside")
    assert "fetch_weights" not in planned(folder)
    shutil.move(folder / "aside", folder / "results")
