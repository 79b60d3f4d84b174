"""UCF101, HMDB51 and Kinetics-400 in small, from archives to the page: true names, lists, kinds of archives."""

import csv
import json
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest
import tiny
import yaml
from conftest import PROJECT, SHARED
from hub_server import COMMIT, Hub, hmdb51_files
from miniatures import MAKERS, filtered_hmdb_lists, mirror

from vidbench.files import file_sha256
from vidbench.frames import ffmpeg
from workflow.conftest import copy_project, planned, snakemake, write_config

pytestmark = pytest.mark.slow
KINDS = ("ucf101", "hmdb51", "kinetics400")


def make_video(number: int, folder: Path) -> bytes:
    """A small MPEG-4 video in AVI, another one for each number; of some the real clips."""
    real = sorted((SHARED / "real_clips").glob("*.avi"))
    if number < len(real):
        return real[number].read_bytes()
    path = folder / "made.avi"
    source = f"mandelbrot=size=64x48:rate=10:start_scale={3 / (number + 1)}"
    command = [ffmpeg.executable(), "-v", "error", "-y", "-f", "lavfi", "-i", source, "-t", "1.2", str(path)]
    subprocess.run(command, check=True)
    return path.read_bytes()


def entry(kind: str, address: str) -> dict:
    """A data set that asks a mirror alone, small enough for a test."""
    shipped = yaml.safe_load((PROJECT / "config" / f"{kind}.yaml").read_text())["datasets"][kind]
    own = {key: tiny.MOTION_ENTRY[key] for key in ("frames", "clip", "augmentation", "training")}
    download = {"mirrors": [address], "mirrors_first": True, "attempts": 2}
    return {"kind": kind, "splits": shipped["splits"] | {"validation": 0.2}, "keep": shipped["keep"], "shards": 2,
            "download": download, **own}  # fmt: skip


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory):
    """A project in which the three have run, the requests that came, and the names of their videos."""
    if not (SHARED / "lists").exists():
        pytest.skip(f"the official lists are not here: {SHARED / 'lists'}")
    folder = copy_project(tmp_path_factory.mktemp("published") / "project")
    archives = tmp_path_factory.mktemp("archives")
    names = {}
    for kind in KINDS:
        (archives / kind).mkdir()
        names[kind] = MAKERS[kind](archives / kind, SHARED / "lists" / kind, lambda n: make_video(n, archives))
    with mirror(archives) as (address, requests):
        config = tiny.config(run={"datasets": list(KINDS), "models": ["cnn2d_mean"], "splits": ["split1"]})
        config["datasets"] |= {kind: entry(kind, f"{address}/{kind}") for kind in KINDS}
        lists = "UCF101TrainTestSplits-RecognitionTask.zip"  # not the published file, whose hash is known
        config["datasets"]["ucf101"]["download"]["sha256"] = {lists: file_sha256(archives / "ucf101" / lists)}
        # HMDB51 without the network: its archives lie in a folder of the user's.
        config["datasets"]["hmdb51"] |= {"archive": str(archives / "hmdb51"), "download": {}}
        write_config(folder, config)
        snakemake(folder, "--keep-going")
        yield folder, requests, names, config


def rows(path: Path) -> list[dict[str, str]]:
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("kind", KINDS)
def test_every_listed_video_is_there_or_named(kind: str, world) -> None:
    folder, _, names, _ = world
    results = folder / "results" / kind
    videos = rows(results / "videos.csv")
    assert sorted(row["video"] for row in videos) == sorted(names[kind])
    states = Counter(row["status"] for row in rows(results / "inspection.csv"))
    assert states == ({"ok": len(videos) - 1, "failed": 1} if kind == "kinetics400" else {"ok": len(videos)})
    assert ("subset3" in videos[0]) == (kind != "kinetics400")
    source = folder / "resources" / kind / "source.json"
    if kind == "kinetics400":
        assert not source.exists()
    else:
        assert all(len(archive["sha256"]) == 64 for archive in json.loads(source.read_text())["archives"])


@pytest.mark.parametrize("kind", KINDS)
def test_validation_comes_out_of_training(kind: str, world) -> None:
    folder, _, _, _ = world
    videos = {row["video"]: row for row in rows(folder / "results" / kind / "videos.csv")}
    split = {row["video"]: row["subset"] for row in rows(folder / "results" / kind / "splits/split1.csv")}
    assert Counter(split.values())["val"]
    groups = {
        subset: {videos[video]["group"] for video, name in split.items() if name == subset}
        for subset in ("train", "val", "test")
    }
    assert not groups["val"] & (groups["train"] | groups["test"])
    for video, subset in split.items():
        official = videos[video]["subset"]
        assert official == ("test" if subset == "test" else "train")


def test_the_page_has_all_three(world) -> None:
    folder, _, _, _ = world
    page = (folder / "results/report.html").read_text()
    for kind in KINDS:
        assert f'<section id="{kind}" ' in page
    assert "no such file" in page


def test_nothing_runs_or_is_fetched_twice_and_mirrors_change_nothing(world) -> None:
    folder, requests, _, config = world
    assert planned(folder) == {}
    changed = yaml.safe_load(yaml.safe_dump(config))
    for kind in ("ucf101", "kinetics400"):
        changed["datasets"][kind]["download"] = {"mirrors": ["https://elsewhere.example"], "parallel": 2}
        changed["datasets"][kind]["keep"] = {"archives": False, "videos": False}
    write_config(folder, changed)
    jobs = planned(folder)
    write_config(folder, config)
    assert jobs == {"build_report": 1}  # it shows the settings
    shutil.move(folder / "results", folder / "aside")
    requests.clear()
    try:
        assert "download_data" in planned(folder)  # of Kinetics, whose videos were not kept
        snakemake(folder, "results/ucf101/videos.csv", "results/hmdb51/videos.csv")
        assert not requests
    finally:
        shutil.rmtree(folder / "results")
        shutil.move(folder / "aside", folder / "results")


def test_videos_that_are_not_kept_are_fetched_for_another_recipe(world) -> None:
    folder, requests, _, config = world
    assert not (folder / "resources/kinetics400/videos").exists()
    assert not list((folder / "resources/kinetics400").rglob("*.gz"))
    changed = yaml.safe_load(yaml.safe_dump(config))
    changed["datasets"]["kinetics400"]["frames"] = {"size": [40, 40]}
    changed["run"]["datasets"] = ["kinetics400"]
    write_config(folder, changed)
    requests.clear()
    try:
        snakemake(folder, "frames")
        assert ("GET", "/kinetics400/train/part_0.tar.gz") in requests
        assert not (folder / "resources/kinetics400/videos").exists()
        assert Counter(row["status"] for row in rows(folder / "results/kinetics400/inspection.csv"))["failed"] == 1
    finally:
        write_config(folder, config)


def test_hmdb51_from_the_hub_is_that_of_its_archives(world, monkeypatch) -> None:
    folder, _, names, config = world
    changed = yaml.safe_load(yaml.safe_dump(config))
    changed["datasets"]["hub"] = changed["datasets"]["hmdb51"] | {"archive": None}
    changed["run"]["datasets"] = ["hub"]
    texts = filtered_hmdb_lists(SHARED / "lists" / "hmdb51")
    videos = {path.stem: path.read_bytes() for path in (folder / "resources/hmdb51/videos").rglob("*.avi")}
    write_config(folder, changed)
    try:
        with Hub({COMMIT: hmdb51_files(texts, lambda name: videos[name])}) as hub:
            monkeypatch.setenv("HF_ENDPOINT", hub.address)
            snakemake(folder, "results/hub/videos.csv", "results/hub/inspection.csv")
            assert sorted(Path(path).stem for path in hub.fetched()) == sorted(names["hmdb51"])
            hub.requests.clear()
            shutil.rmtree(folder / "results/hub")
            snakemake(folder, "results/hub/videos.csv", "results/hub/inspection.csv")
            assert not hub.requests
        same = [{key: row[key] for key in row if key != "path"} for row in rows(folder / "results/hub/videos.csv")]
        other = [{key: row[key] for key in row if key != "path"} for row in rows(folder / "results/hmdb51/videos.csv")]
        assert same == other
        source = json.loads((folder / "resources/hub/source.json").read_text())
        assert {archive["revision"] for archive in source["archives"]} == {COMMIT}
    finally:
        write_config(folder, config)


def test_two_entries_share_one_download(world) -> None:
    folder, requests, _, config = world
    changed = yaml.safe_load(yaml.safe_dump(config))
    changed["datasets"]["small"] = changed["datasets"]["ucf101"] | {"source": "ucf101", "frames": {"size": [36, 36]}}
    changed["run"]["datasets"] = ["ucf101", "small"]
    write_config(folder, changed)
    requests.clear()
    try:
        snakemake(folder, "results/small/inspection.csv")
        assert not requests
        assert not (folder / "resources/small").exists()
        changed["datasets"]["small"]["download"] = {}
        write_config(folder, changed)
        text = snakemake(folder, check=False).stdout
        assert "datasets.small and datasets.ucf101 share the source 'ucf101', but differ in `download`" in text
    finally:
        write_config(folder, config)
