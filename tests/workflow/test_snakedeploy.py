"""A release, taken from a git repository: deployed by snakedeploy into an empty folder, and twice in one workflow."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import git_hub
import pytest
import tiny
import yaml
from conftest import PROJECT

from workflow.conftest import copy_project, edited, planned, snakemake

pytestmark = pytest.mark.slow
SNAKEDEPLOY = "snakedeploy==0.17.1"
HOOKS = (PROJECT / "docs" / "module.md").read_text(encoding="utf-8").split("```\nonstart:")[1].split("```")[0]
MODULE = """
module {name}:
    snakefile: github("{repository}", path="Snakefile", tag="{tag}")
    prefix: "{name}"
    config: config["{name}"]

use rule * from {name} as {name}_*
"""
TARGET = """
rule all:
    input: "first/results/motion/videos.csv", "second/results/motion/videos.csv"
    default_target: True
"""


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory):
    """The project in a repository with a tag, at the place where Snakemake looks for GitHub."""
    repository = copy_project(tmp_path_factory.mktemp("released") / "vidbench")
    shutil.copytree(PROJECT / ".test" / "config", repository / ".test" / "config")
    shutil.copy(PROJECT / ".gitignore", repository)
    git_hub.release(repository, "v1")
    with pytest.MonkeyPatch.context() as monkeypatch:
        git_hub.publish(repository, monkeypatch, tmp_path_factory.mktemp("cache"))
        yield repository


def deploy(folder: Path, tag: str) -> None:
    """As the catalogue of Snakemake's workflows says; skipped where its package is not to be had."""
    uvx = [sys.executable, "-m", "uv", "tool", "run", "--quiet", "--python", sys.executable, "--from", SNAKEDEPLOY]
    environment = {key: value for key, value in os.environ.items() if key != "XDG_CACHE_HOME"}  # uv has a cache already
    help = subprocess.run([*uvx, "snakedeploy", "--help"], env=environment, capture_output=True, text=True, check=False)
    if help.returncode:
        pytest.skip(f"no {SNAKEDEPLOY} here: {help.stderr.strip()[-200:]}")
    command = [*uvx, "snakedeploy", "deploy-workflow", git_hub.ADDRESS, ".", "--tag", tag]
    subprocess.run(command, cwd=folder, env=environment, check=True)


def test_a_tag_is_deployed_into_an_empty_folder_and_runs_to_the_page(released: Path, tmp_path: Path) -> None:
    deploy(tmp_path, "v1")
    snakefile = tmp_path / "workflow" / "Snakefile"
    with open(snakefile, "a", encoding="utf-8") as file:
        file.write(f"\n\nonstart:{HOOKS}")
    shutil.copy(released / ".test" / "config" / "config.yaml", tmp_path / "tiny.yaml")
    text = snakemake(tmp_path).stdout
    assert "This run ended well" in text
    answers = (tmp_path / "results/answers.txt").read_text()
    assert " ".join(answers.split()) in " ".join(text.split())  # in lines as long as the terminal's
    assert 'id="motion"' in (tmp_path / "results/reports/test.html").read_text()
    assert "git commit" in (tmp_path / "results/report.html").read_text()
    assert planned(tmp_path) == {}
    moved = tmp_path.rename(tmp_path.with_name("moved"))
    assert planned(moved) == {}
    with edited(released / "scripts/plot_cost.py", (released / "scripts/plot_cost.py").read_text() + "\nCHANGED = 1\n"):
        git_hub.release(released, "v2")
    snakefile = moved / "workflow" / "Snakefile"
    snakefile.write_text(snakefile.read_text().replace('tag="v1"', 'tag="v2"'))
    assert planned(moved) == {"plot_cost": 1, "build_report": 1}


def write_two(folder: Path, first: str, second: str) -> None:
    """A workflow with two modules of these tags."""
    parts = [
        MODULE.format(name=name, repository=git_hub.NAME, tag=tag)
        for name, tag in (("first", first), ("second", second))
    ]
    (folder / "Snakefile").write_text("".join([*parts, TARGET]))
    (folder / "tiny.yaml").write_text(yaml.safe_dump({"first": tiny.config(), "second": tiny.config()}))


def test_twice_in_one_workflow_and_only_in_one_version(released: Path, tmp_path: Path) -> None:
    write_two(tmp_path, "v1", "v1")
    snakemake(tmp_path)
    assert planned(tmp_path) == {}
    git_hub.git(released, "commit", "--quiet", "--allow-empty", "--message", "another")
    git_hub.git(released, "tag", "v3")
    write_two(tmp_path, "v1", "v3")
    done = snakemake(tmp_path, "--dry-run", check=False)
    assert done.returncode != 0
    assert re.search(r"^error: module: VidBench v3 beside another version of it", done.stdout, re.MULTILINE)
    assert "Traceback" not in done.stdout
