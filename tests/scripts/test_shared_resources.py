"""One folder of downloads for several projects: each file fetched once, also at once; nobody's videos deleted."""

import dataclasses
import hashlib
import json
import subprocess
import sys
from collections import Counter
from multiprocessing import get_context
from pathlib import Path

import pytest
import tiny
from conftest import PROJECT, SHARED, run_script
from fault_server import FaultServer
from miniatures import MAKERS, mirror

from vidbench.config import schema
from vidbench.datasets import source_folder
from vidbench.download.weights import link_weights
from vidbench.errors import UserError
from vidbench.files import file_sha256
from vidbench.models import official_weights

CONTENT = bytes(range(256)) * 240  # of a file of weights
FILE = f"resnet18-{hashlib.sha256(CONTENT).hexdigest()[:8]}.pth"
WEIGHTS = dataclasses.replace(
    official_weights.trained_input("resnet18", "DEFAULT"), file=FILE, base="http://127.0.0.1:9/"
)
MOTION = {"kind": "motion", "motion": tiny.MOTION | {"train_scenes": 2, "test_scenes": 1}}


@pytest.fixture
def projects(tmp_path: Path) -> list[Path]:
    """Two folders whose resources/x leads to one."""
    (tmp_path / "shared").mkdir()
    for name in ("first", "second"):
        (tmp_path / name / "resources").mkdir(parents=True)
        (tmp_path / name / "resources/x").symlink_to(tmp_path / "shared")
    return [tmp_path / "first", tmp_path / "second"]


def start_download(project: Path, options: dict) -> subprocess.Popen:
    command = [sys.executable, str(PROJECT / "scripts/download_data.py"), "--options", json.dumps(options)]
    command += ["--folder", "resources/x", "--output", "source.json"]
    return subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def download_at_once(projects: list[Path], options: dict) -> None:
    """Two processes; both must end well and say the same."""
    running = [start_download(project, options) for project in projects]
    ended = [(process.communicate()[0], process.returncode) for process in running]
    assert [code for _, code in ended] == [0, 0], ended
    assert len({(project / "source.json").read_text() for project in projects}) == 1


def test_two_projects_fetch_an_archive_once(projects: list[Path], tmp_path: Path) -> None:
    if not (SHARED / "lists").exists():
        pytest.skip(f"the official lists are not here: {SHARED / 'lists'}")
    (tmp_path / "published").mkdir()
    MAKERS["ucf101"](tmp_path / "published", SHARED / "lists/ucf101", lambda number: f"video {number}".encode() * 100)
    with mirror(tmp_path / "published") as (address, requests):
        lists = "UCF101TrainTestSplits-RecognitionTask.zip"
        known = {lists: file_sha256(tmp_path / "published" / lists)}
        download = {"sha256": known, "mirrors": [address], "mirrors_first": True, "attempts": 1, "timeout": 30}
        entry = schema.dataset_options(tiny.config(datasets__x={"kind": "ucf101", "download": download}), "x")
        download_at_once(projects, entry)
        there = {path for _, path in requests if (tmp_path / "published" / path.strip("/")).exists()}
        fetched = Counter(path for method, path in requests if method == "GET" and path in there)
    assert fetched
    assert set(fetched.values()) == {1}, fetched
    assert (projects[1] / "resources/x/videos/UCF101/UCF-101").is_dir()


def test_two_projects_make_the_same_videos(projects: list[Path]) -> None:
    download_at_once(projects, MOTION)
    assert len(list((projects[0] / "resources/x/videos").rglob("*.mp4"))) == 18


def test_other_settings_under_one_name_are_refused(projects: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(projects[0])
    folder = Path("resources/x")
    arguments = ("--options", json.dumps(MOTION), "--folder", folder, "--output", folder / "source.json")
    run_script("download_data.py", *arguments, cwd=projects[0])
    source_folder.check(folder, MOTION)
    others = (MOTION | {"motion": MOTION["motion"] | {"seed": 1}}, {"kind": "csv"})
    for other in others:
        with pytest.raises(UserError, match="is shared with a project"):
            source_folder.check(folder, other)
    process = start_download(projects[1], others[0])
    assert "is shared with a project" in process.communicate()[0]
    assert process.returncode == 1


def test_videos_behind_a_link_are_never_deleted(projects: list[Path], monkeypatch, capsys) -> None:
    monkeypatch.chdir(projects[0])
    own = Path("resources/own")
    for folder in (Path("resources/x"), own):
        (folder / "videos").mkdir(parents=True)
        source_folder.remove_videos(folder)
    assert Path("resources/x/videos").is_dir()
    assert not (own / "videos").exists()
    assert "resources/x/videos: kept, because other projects may share them" in capsys.readouterr().err


def test_resources_on_another_disk_are_not_shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("scratch/x/videos").mkdir(parents=True)
    Path("resources").symlink_to("scratch")
    folder = Path("resources/x")
    (folder / "source.json").write_text('{"kind": "motion"}')
    (folder / "recipe.json").write_text(json.dumps({"recipe": MOTION["motion"]}))
    source_folder.check(folder, MOTION | {"motion": MOTION["motion"] | {"seed": 1}})
    source_folder.remove_videos(folder)
    assert not (folder / "videos").exists()


def test_linked_videos_alone_are_shared(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "x").mkdir()
    (tmp_path / "x/videos").symlink_to(tmp_path / "shared")
    source_folder.remove_videos(tmp_path / "x")
    assert (tmp_path / "x/videos").is_dir()


def test_a_folder_that_is_not_mounted_is_named(tmp_path: Path) -> None:
    (tmp_path / "x").symlink_to(tmp_path / "missing")
    with pytest.raises(UserError, match=r"x: leads to .*missing, which is not there"):
        source_folder.check(tmp_path / "x", MOTION)


def _provide(output: Path, options: dict) -> None:
    link_weights(WEIGHTS, output, options)


def test_two_projects_fetch_weights_once(projects: list[Path]) -> None:
    with FaultServer({FILE: CONTENT}) as server:
        given = {"mirrors": [server.url("")], "mirrors_first": True, "attempts": 3, "timeout": 5}
        options = schema.fill_defaults("weights_download", given)
        outputs = [project / "resources/x/resnet18-IMAGENET1K_V1.pth" for project in projects]
        running = [get_context("fork").Process(target=_provide, args=(output, options)) for output in outputs]
        for process in running:
            process.start()
        for process in running:
            process.join()
        assert [process.exitcode for process in running] == [0, 0]
        assert len(server.requests) == 1
    assert [output.read_bytes() == CONTENT for output in outputs] == [True, True]
