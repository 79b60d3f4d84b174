"""What a run has to fetch of pretrained weights is said before its first job."""

from pathlib import Path
from types import SimpleNamespace

import pytest
import tiny

from vidbench.files import write_json
from vidbench.models import official_weights
from vidbench.workflow.files import Paths
from vidbench.workflow.needed_weights import describe_missing, report_needed, report_planned
from vidbench.workflow.run import Run

MOBILENET = "mobilenet_v2-7ebf99e0.pth"
DINO = "vit_small_patch14_dinov2.lvd142m.safetensors"
HUB = "https://huggingface.co/timm/vit_small_patch14_dinov2.lvd142m/resolve/main/model.safetensors"


def run(*models: str, **changes: object) -> Run:
    """A run of some of five models: two start from one file, one from another, two from none."""
    entries = {
        "run": {"datasets": ["motion"], "models": list(models), "seeds": [0]},
        "backbones__mobilenet": {"architecture": "mobilenet_v2", "weights": "DEFAULT", "trained_stages": 0},
        "backbones__dino": {"architecture": "timm/vit_small_patch14_dinov2", "weights": "lvd142m"},
        "models__mean": {"backbone": "mobilenet", "head": "mean"},
        "models__max": {"backbone": "mobilenet", "head": "max"},
        "models__dino": {"backbone": "dino", "head": "mean", "clip": {"size": [28, 28]}},
    }
    return Run(tiny.config(**entries | changes))


def test_each_file_is_named_once_with_its_size_and_address(tmp_path: Path) -> None:
    lines = describe_missing(run("mean", "max", "dino", "cnn3d", "cnn2d_mean"), tmp_path)
    assert lines == [
        f"Weights to fetch first: 102 MB in 2 files. Without a network, put into {tmp_path}/incoming/:",
        f"  {MOBILENET} (14 MB) from https://download.pytorch.org/models/{MOBILENET}",
        f"  {DINO} (88 MB) from {HUB}",
        "  Without any of them: add --config 'run={models: [cnn3d, cnn2d_mean]}', the models that need none",
    ]


@pytest.mark.parametrize("place", ["incoming/{file}", "fetched/{file}", "{link}"])
def test_a_file_that_is_there_is_not_named(place: str, tmp_path: Path) -> None:
    weights = official_weights.official("mobilenet_v2")["IMAGENET1K_V2"]
    path = tmp_path / place.format(file=weights.file, link=weights.link)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    lines = describe_missing(run("mean", "dino"), tmp_path)
    assert lines[0].startswith("Weights to fetch first: 88 MB in 1 file. Without")
    assert [DINO in line for line in lines[:-1]] == [False, True]
    assert "'run={models: [mean]}'" in lines[-1]
    assert describe_missing(run("mean", "cnn3d"), tmp_path) == []


def test_nothing_is_said_where_nothing_is_fetched(tmp_path: Path) -> None:
    assert describe_missing(run("cnn3d"), tmp_path) == []
    (tmp_path / "mine.pth").touch()
    own = {"architecture": "mobilenet_v2", "weights": str(tmp_path / "mine.pth")}
    assert describe_missing(run("mean", backbones__mobilenet=own), tmp_path) == []


def test_weights_of_the_hub_are_named_by_their_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    name = f"own--tiny@{'a' * 40}"
    cfg = {"mean": [0.5] * 3, "std": [0.5] * 3, "input_size": [3, 32, 32]}
    write_json(
        Path(f"resources/weights/fetched/{name}/config.json"), {"architecture": "test_vit", "pretrained_cfg": cfg}
    )
    backbone = {"architecture": "timm/test_vit", "weights": f"hf-hub:own/tiny@{'a' * 40}"}
    asked = run("mean", "cnn3d", backbones__mobilenet=backbone)
    folder = Path("resources/weights")
    address = f"https://huggingface.co/own/tiny/resolve/{'a' * 40}/model.safetensors"
    assert describe_missing(asked, folder)[:2] == [
        "Weights to fetch first: 1 MB in 1 file. Without a network, put into resources/weights/incoming/:",
        f"  {name}/model.safetensors (1 MB) from {address}",
    ]
    (folder / "fetched" / name / "model.safetensors").touch()
    assert describe_missing(asked, folder) == []


def test_a_mirror_that_is_asked_first_is_named(tmp_path: Path) -> None:
    mirror = {"mirrors": ["https://mirror.example/weights/"], "mirrors_first": True}
    lines = describe_missing(run("mean", "dino", weights_download=mirror), tmp_path)
    assert lines[1].endswith(f" from https://mirror.example/weights/{MOBILENET}")
    assert lines[2].endswith(HUB)
    assert describe_missing(run("mean", weights_download=mirror | {"mirrors_first": False}), tmp_path)[1].endswith(
        f"https://download.pytorch.org/models/{MOBILENET}"
    )


def test_a_swept_model_that_needs_none_is_named(tmp_path: Path) -> None:
    swept = {"architecture": "cnn3d", "sweep": {"training.learning_rate": [0.1, 0.01]}}
    lines = describe_missing(run("mean", "cnn3d", models__cnn3d=swept), tmp_path)
    assert lines[-1].startswith("  Without any of them: add --config 'run={models: [cnn3d]}'")


def workflow(rules: list[str], is_dry: bool) -> SimpleNamespace:
    """What is looked at of Snakemake's workflow."""
    jobs = [SimpleNamespace(rule=SimpleNamespace(name=name)) for name in rules]
    return SimpleNamespace(
        output_settings=SimpleNamespace(dryrun=is_dry), dag=SimpleNamespace(needrun_jobs=lambda: jobs)
    )


def test_it_is_said_before_jobs_that_fetch_and_in_a_dry_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = Paths(tmp_path, "scripts", resources=str(tmp_path / "resources"))
    report_planned(run("mean"), paths, workflow([], is_dry=False))
    report_needed(run("mean"), paths, workflow(["train_model"], is_dry=False))
    assert capsys.readouterr().err == ""
    report_needed(run("mean"), paths, workflow(["fetch_weights", "train_model"], is_dry=False))
    said = capsys.readouterr().err
    assert said.startswith("Weights to fetch first: 14 MB in 1 file")
    report_planned(run("mean"), paths, workflow([], is_dry=True))
    assert capsys.readouterr().err == said
