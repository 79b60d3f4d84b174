"""Which environment each job gets with --sdm conda and --sdm apptainer, told by stand-ins for these programs.

They install nothing: each job runs with the Python of the tests.
"""

import os
from pathlib import Path

import pytest
import tiny

from workflow.conftest import copy_project, snakemake, write_config

pytestmark = pytest.mark.slow
TARGET = "results/motion/splits/split1.csv"
CONDA = """#!/usr/bin/env bash
case "$*" in
"info --json") echo "{\\"conda_prefix\\": \\"$(dirname "$(dirname "$0")")\\", \\"platform\\": \\"linux-64\\"}" ;;
"--version") echo conda 26.1.0 ;;
"config --get"*) echo '{"get": {"channel_priority": "strict"}}' ;;
*" create "*)
    while [ $# -gt 0 ]; do
        case $1 in --file) file=$2 ;; --prefix) prefix=$2 ;; esac
        shift
    done
    mkdir -p "$prefix" && cp "$file" "$prefix/made_from.yaml" ;;
esac
"""
ACTIVATE = 'head -1 "$1/made_from.yaml" >> activated.txt\n'
APPTAINER = """#!/usr/bin/env bash
[ "$1" = --version ] && { echo apptainer version 1.3.4; exit; }
while [ "$1" != vidbench.sif ]; do shift; done
echo "$1" >> in_container.txt
shift
exec "$@"
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A project, and the environment variables with which it finds the stand-ins."""
    folder = copy_project(tmp_path_factory.mktemp("deployment"))
    write_config(folder, tiny.config(container="vidbench.sif"))
    (folder / "vidbench.sif").touch()
    programs = folder / "programs" / "bin"
    programs.mkdir(parents=True)
    for name, text in (("conda", CONDA), ("activate", ACTIVATE), ("apptainer", APPTAINER)):
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    return folder, os.environ | {"PATH": f"{programs}:{os.environ['PATH']}"}


def test_conda_makes_an_environment_of_each_file(project) -> None:
    folder, environment = project
    snakemake(folder, "--sdm", "conda", "--conda-create-envs-only", env=environment)
    made = sorted(path.read_text() for path in folder.glob(".snakemake/conda/*/made_from.yaml"))
    assert made == sorted(path.read_text() for path in (folder / "envs").glob("*.yaml"))


def test_conda_activates_the_one_of_the_rule(project) -> None:
    folder, environment = project
    snakemake(folder, TARGET, "--sdm", "conda", env=environment)
    first_line = (folder / "envs/data.yaml").read_text().splitlines()[0]
    assert set((folder / "activated.txt").read_text().splitlines()) == {first_line}


def test_every_job_runs_in_the_container_only_where_asked(project) -> None:
    folder, environment = project
    snakemake(folder, TARGET, "--forcerun", "index_videos", env=environment)
    assert not (folder / "in_container.txt").exists()
    snakemake(folder, TARGET, "--sdm", "apptainer", "--forcerun", "index_videos", env=environment)
    assert set((folder / "in_container.txt").read_text().splitlines()) == {"vidbench.sif"}
