"""Command lines that Snakemake would end with a traceback for, and a home folder that cannot be written to."""

import os
from pathlib import Path

import pytest
import yaml
from conftest import PROJECT

from vidbench.config import checks
from vidbench.workflow import command_line


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder and a home."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "mine.yaml").write_text("run: {}\n")
    return tmp_path


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("--cores 1 --configfile config/mine.yaml doctor", "doctor: no such file; is it a target? Then targets come"),
        ("--configfiles config/mine.yaml plan -n", "snakemake plan --configfiles ..."),
        ("--configfile config/mnie.yaml", "config/mnie.yaml: no such file; did you mean config/mine.yaml?"),
        ("--configfile=config/mnie.yaml", "did you mean config/mine.yaml?"),
        ("--configfile elsewhere/a.yaml", "elsewhere/a.yaml: no such file; correct the path"),
        ("--config device=cpu doctor", "'doctor' is no NAME=VALUE; targets come right behind the word snakemake"),
    ],
)
def test_a_command_line_that_cannot_be_meant_so_is_one_line(line: str, words: str, here: Path) -> None:
    with pytest.raises(SystemExit) as caught:
        command_line.check(line.split())
    assert str(caught.value).startswith("error: --config")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.yaml", b"run: {models: [caf\xe9]}", "line 1 is not in UTF-8; save the file as UTF-8"),
        ("a.yaml", "run: {}".encode("utf-16"), "line 1 is not in UTF-8; save the file as UTF-8"),
        ("a.yaml", b"run:\n\tmodels: []\n", "is no YAML: line 2, column 1: a tab; indent with blanks"),
        ("a.yaml", b"run: {models: [a\n", "is no YAML: line 2, column 1: expected ',' or ']'"),
        ("a.yaml", b"# nothing\n", "is empty; write into it what differs"),
        ("a.yaml", b"- run\n", "has no keys at its top level"),
        ("a.json", b'["run"]', "has no keys at its top level"),
        ("results/x.csv", b"a,b\n1,2\n", "or: is it a target? Then targets come right behind the word snakemake"),
        ("results/x.png", b"\x89PNG", "or: is it a target?"),
        ("config", None, "is a folder; is it a target? Then targets come right behind"),
        ("results/none.csv", None, "no such file; is it a target?"),
    ],
)
def test_a_file_that_is_no_config_is_one_line(name: str, content: bytes | None, words: str, here: Path) -> None:
    if content is not None:
        (here / name).parent.mkdir(exist_ok=True)
        (here / name).write_bytes(content)
    with pytest.raises(SystemExit) as caught:
        command_line.check(["--configfile", name])
    assert str(caught.value).startswith(f"error: --configfile: {name}: ")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_json_indented_with_tabs_is_a_config(here: Path) -> None:
    (here / "a.json").write_text('{\n\t"run": {}\n}')
    command_line.check(["--configfile", "a.json"])


def test_a_run_in_another_folder_is_told_to_go_to_the_workflow(
    here: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "config" / "config.yaml").touch()
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    with pytest.raises(SystemExit, match=f"error: config/config.yaml: not in this folder, .*cd {here}, or name"):
        command_line.check(["-s", f"{here}/Snakefile"])
    for more in (["--directory", str(here)], ["--configfile", str(here / "config/mine.yaml")]):
        command_line.check(["-s", f"{here}/Snakefile", *more])
    monkeypatch.chdir(here)
    command_line.check(["-s", "./Snakefile"])


@pytest.mark.parametrize(
    "line",
    [
        "",
        "doctor --cores 1 --configfile config/mine.yaml",
        "--configfile config/mine.yaml --cores 2 doctor",
        "--configfile=config/mine.yaml doctor",
        "--resources gpu=1 --config device=cpu training={} -n",
    ],
)
def test_others_are_left_alone(line: str, here: Path) -> None:
    command_line.check(line.split())
    assert "XDG_CACHE_HOME" not in os.environ


def test_caches_lie_here_where_home_cannot_be_written_to(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/proc/none")
    command_line.check([])
    assert os.environ["XDG_CACHE_HOME"] == str(here / ".snakemake" / "cache")
    command_line.check([])
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/none")
    monkeypatch.chdir("/proc")
    with pytest.raises(SystemExit, match="error: neither the home folder nor this one can be written to"):
        command_line.check([])


@pytest.mark.parametrize("name", ["default", "slurm"])
def test_every_profile_checks_the_command_line(name: str) -> None:
    profile = yaml.safe_load((PROJECT / "profiles" / name / "config.yaml").read_text())
    assert profile["__use_yte__"]
    assert "command_line.py" in str(profile["__definitions__"])


def test_a_run_without_the_data_sets_that_a_config_adds_is_said() -> None:
    shipped = {"run": {"datasets": ["motion"]}, "datasets": {"motion": {}}}
    one = shipped | {"datasets": {"motion": {}, "mine": {}}}
    assert checks.unused_datasets(one, shipped) == [
        "datasets.mine is in no run (run.datasets: [motion]); to use it, put into your config: run: {datasets: [mine]}"
    ]
    two = shipped | {"datasets": {"motion": {}, "mine": {}, "b": {}}}
    assert checks.unused_datasets(two, shipped)[0].startswith("datasets.b, datasets.mine are in no run")
    assert checks.unused_datasets(two | {"run": {"datasets": ["mine"]}}, shipped) == []
    assert checks.unused_datasets(shipped, shipped) == []
