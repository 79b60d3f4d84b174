"""The workflow as a module of another one: with a prefix, twice beside each other, and without a prefix."""

import copy
import csv
import shutil
from pathlib import Path

import pytest
import tiny
import tiny_transformers
import yaml
from conftest import PROJECT

from workflow.conftest import copy_project, make_own_videos, planned, snakemake

pytestmark = pytest.mark.slow
ENTRY = {key: tiny.MOTION_ENTRY[key] for key in ("shards", "frames", "clip", "augmentation", "training")}
CONFIG = tiny.config(
    datasets__own={"kind": "csv", "manifest": "own.csv", "splits": {"folds": 2}, **ENTRY},
    datasets__own__training=tiny.TRAINING | {"epochs": 1},
    run={"datasets": ["own"], "models": ["mean", "tcn"], "seeds": [0], "splits": ["fold1"]},
    backbones={"frozen": {"architecture": "cnn2d", "width": 4, "trained_stages": 0}},
    models={
        "mean": {"backbone": "frozen", "head": "mean", "training": {}},
        "tcn": {"backbone": "frozen", "head": "tcn", "hidden": 8},
    },
)
RULES = """
rule winner:
    input:
        "{prefix}results/own/summary.csv",
    output:
        "winner.txt",
    default_target: True
    shell:
        "sed -n 2p {{input}} | cut -d , -f 1-3 > {{output}}"
"""
MODULE = """
module {name}:
    snakefile: "../a project/Snakefile"
    {prefix}
    config: config["{name}"]

use rule * from {name} as {name}_*
"""


@pytest.fixture(scope="module")
def analysis(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of another workflow, beside a clone of the project; it has videos of its own."""
    folder = tmp_path_factory.mktemp("module")
    copy_project(folder / "a project")
    (folder / "analysis").mkdir()
    make_own_videos(folder / "analysis")
    return folder / "analysis"


def write_workflow(folder: Path, modules: dict[str, str | None]) -> None:
    """A workflow that uses the project under each name with a prefix or none, and the first one's comparison itself."""
    parts = [
        MODULE.format(name=name, prefix=f'prefix: "{prefix}"' if prefix else "") for name, prefix in modules.items()
    ]
    first = next(iter(modules.values()))
    (folder / "Snakefile").write_text("".join([*parts, RULES.format(prefix=f"{first}/" if first else "")]))
    config = {name: copy.deepcopy(CONFIG) for name in modules}
    for number, name in enumerate(modules):
        config[name]["models"]["mean"]["training"] = {"learning_rate": 0.001 * (number + 1)}
    (folder / "tiny.yaml").write_text(yaml.safe_dump(config))


def test_with_a_prefix_and_beside_another(analysis: Path) -> None:
    write_workflow(analysis, {"vidbench": "video", "again": "other/video"})
    snakemake(analysis)
    with open(analysis / "video/results/own/summary.csv", newline="") as file:
        best = max(csv.DictReader(file), key=lambda row: float(row["top1"]))
    assert (analysis / "winner.txt").read_text() == f"{best['model']},{best['top1']},{best['top1_low']}\n"
    assert planned(analysis) == {}
    made = {path.name for path in analysis.iterdir()}
    assert made == {".snakemake", "Snakefile", "tiny.yaml", "own.csv", "own videos", "winner.txt", "video", "other"}
    assert {path.name for path in (analysis / "video").iterdir()} == {"results", "resources", "logs"}
    assert not list(analysis.glob("other/video/results/*"))  # nobody asked for these
    jobs = planned(analysis, "other/video/results/own/comparison.csv")
    assert jobs["again_train_model"] == 2
    assert not any(name.startswith("vidbench_") for name in jobs)
    assert planned(analysis, "vidbench_report", "again_report")["vidbench_build_report"] == 1
    assert planned(analysis, "vidbench_share")["vidbench_share_model"] == 1
    write_workflow(analysis, {"vidbench": "video"})
    assert planned(analysis) == {}


def test_a_model_of_the_hub_is_looked_for_below_the_prefix(analysis: Path) -> None:
    write_workflow(analysis, {"vidbench": "video"})
    config = yaml.safe_load((analysis / "tiny.yaml").read_text())
    weights = "hf-hub:someone/tiny@main"
    config["vidbench"]["models"] = {"mean": {"architecture": "hf/videomae", "weights": weights}}
    config["vidbench"]["run"]["models"] = ["mean"]
    (analysis / "tiny.yaml").write_text(yaml.safe_dump(config))
    folder = analysis / "video/resources/weights/incoming/someone--tiny@main"
    tiny_transformers.save("videomae", folder)
    jobs = planned(analysis, "vidbench_models")
    assert jobs["vidbench_fetch_weights"] == jobs["vidbench_train_model"] == 1
    assert not (analysis / "resources").exists()
    snakemake(analysis, "video/resources/weights/hf/videomae-someone--tiny@main.safetensors")
    text = snakemake(analysis, "--dry-run", "--printshellcmds", "vidbench_models").stdout
    assert f"{weights} in video/resources/weights" in text
    shutil.rmtree(folder.parent)


def test_without_a_prefix(analysis: Path) -> None:
    write_workflow(analysis, {"vidbench": None})
    jobs = planned(analysis)
    assert jobs["vidbench_train_model"] == 2
    snakemake(analysis, "results/own/frames/0.h5")
    assert planned(analysis, "results/own/frames/0.h5") == {}


def test_the_page_shows_this_rule() -> None:
    """docs/module.md: its prefix and name of a data set are others."""
    page = (PROJECT / "docs/module.md").read_text(encoding="utf-8")
    for line in RULES.replace("{{", "{").replace("}}", "}").strip().splitlines():
        assert line.replace("{prefix}results/own", "video/results/mine") in page


def test_a_bad_config_is_one_line(analysis: Path) -> None:
    write_workflow(analysis, {"vidbench": "video"})
    config = yaml.safe_load((analysis / "tiny.yaml").read_text())
    config["vidbench"]["models"]["mean"]["haed"] = "mean"
    (analysis / "tiny.yaml").write_text(yaml.safe_dump(config))
    done = snakemake(analysis, "--dry-run", check=False)
    assert done.returncode != 0
    assert "error: config" in done.stdout
    assert "haed" in done.stdout
    assert "Traceback" not in done.stdout
