"""docs/extending.md: network, head, kind of data set, score and figure, each one new file, run to the page."""

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import extensions
import pytest
import shipped
import tiny
import yaml
from conftest import PROJECT, run_script

from vidbench.config import schema
from workflow.conftest import copy_project, planned, snakemake, write_config

pytestmark = pytest.mark.slow
TESTS = [
    "tests/unit/test_layers.py",
    "tests/unit/plotting/test_catalogue.py",
    "tests/unit/models/test_heads.py",
    "tests/unit/config/test_schema.py::test_schema_and_code_name_the_same_models",
    "tests/unit/models/test_catalogue.py",
]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with videos of two classes, whose names say class and group."""
    folder = copy_project(tmp_path_factory.mktemp("extended") / "project")
    options = {"kind": "motion", "motion": tiny.MOTION}
    made = ("--folder", "made", "--output", "made/source.json")
    run_script("download_data.py", "--options", json.dumps(options), *made, cwd=folder)
    (folder / "my_videos").mkdir()
    for label in ("left", "right"):
        for path in (folder / "made" / "videos" / label).iterdir():
            shutil.move(path, folder / "my_videos" / path.name)
    shutil.rmtree(folder / "made")
    return folder


def config() -> dict:
    """The blocks of the page together, made small."""
    blocks = [yaml.safe_load(block.text) for block in shipped.yaml_blocks() if block.page == "docs/extending.md"]
    assert len(blocks) == 3
    made = tiny.config(evaluation={"explained_videos": 0})
    for block in blocks:
        made = schema.merge(made, block)
    small = {key: tiny.MOTION_ENTRY[key] for key in ("shards", "frames", "clip", "augmentation")}
    training = tiny.TRAINING | {"epochs": 1}
    made["datasets"]["mine"] |= small | {"training": training, "splits": {"kind": "holdout"}}
    made["run"] = {"datasets": ["mine"], "models": ["small", "cnn2d_halves"], "seeds": [0]}
    return made


def test_all_five_are_run_to_the_page(project: Path) -> None:
    write_config(project, config() | {"datasets": {"mine": tiny.MOTION_ENTRY}} | {"models": tiny.CONFIG["models"]})
    before = snakemake(project, "--dry-run", check=False).stdout
    assert "'small'" in before  # it is not there yet
    extensions.write(project)
    write_config(project, config())
    snakemake(project)
    folder = project / "results" / "mine"
    with open(folder / "scores.csv", newline="") as file:
        top2 = {row["model"]: row for row in csv.DictReader(file) if row["metric"] == "top2"}
    assert {model: float(row["value"]) for model, row in top2.items()} == {"small": 1.0, "cnn2d_halves": 1.0}
    page = (project / "results" / "report.html").read_text(encoding="utf-8")
    for words in ("top2", "Time of one training", "on the machine of this run", ">small<"):
        assert words in page.replace("<wbr>", "")
    assert (folder / "figures" / "training_time.svg").exists()
    assert planned(project) == {}
    score = project / "scripts/vidbench/evaluation/scores/top2.py"
    score.write_text(score.read_text().replace("in_top_k(result, 2)", "in_top_k(result, 1)"))
    jobs = planned(project)
    assert jobs["compare_scores"] == 1
    assert "train_model" not in jobs
    figure = project / "scripts/plot_training_time.py"
    figure.write_text(figure.read_text().replace("on the machine of this run", "here"))
    assert planned(project)["plot_training_time"] == 1
    snakemake(project)
    assert "Mean over splits and seeds, here." in (project / "results" / "report.html").read_text(encoding="utf-8")
    snakemake(project, "--report", "snakemake.html")


def test_the_tests_of_an_extended_copy_pass(tmp_path: Path) -> None:
    for part in ("docs", "tests", "mkdocs.yml", "pyproject.toml", "README.md", "Makefile", "CITATION.cff"):
        source = PROJECT / part
        (shutil.copytree if source.is_dir() else shutil.copy2)(source, tmp_path / part)
    copy_project(tmp_path)
    extensions.write(tmp_path)
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    options = {"cwd": tmp_path, "env": environment, "capture_output": True, "text": True, "check": False}
    subprocess.run([sys.executable, "tests/tools/describe_tree.py", "--write"], **options)
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS], **options)
    assert done.returncode == 0, done.stdout[-6000:]
