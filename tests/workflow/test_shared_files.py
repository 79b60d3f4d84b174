"""Frames and features that clones of the project share by the config key `shared`; and never those of other videos."""

import copy
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import tiny
from conftest import run_script

from workflow.conftest import copy_project, make_own_videos, planned, snakemake, write_config

pytestmark = pytest.mark.slow
ENTRY = {key: tiny.MOTION_ENTRY[key] for key in ("shards", "frames", "clip", "augmentation", "training")}
CONFIG = tiny.config(
    datasets={"own": {"kind": "csv", "manifest": "own.csv", "splits": {"folds": 2}, **ENTRY}},
    backbones={"frozen": {"architecture": "cnn2d", "width": 4, "trained_stages": 0}},
    models={"mean": {"backbone": "frozen", "head": "mean"}},
    run={"datasets": ["own"], "models": ["mean"], "seeds": [0]},
)
FRAMES = [f"results/own/frames/{shard}.h5" for shard in range(2)]
FEATURES = [f"results/own/features/frozen/{shard}.h5" for shard in range(2)]


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    folder = tmp_path / "shared"
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone with videos of its own, in which nothing has run."""
    folder = copy_project(tmp_path_factory.mktemp("original") / "a folder")
    make_own_videos(folder)
    return folder


def copied(original: Path, folder: Path, shared: Path) -> Path:
    shutil.copytree(original, folder)
    write_config(folder, CONFIG | {"shared": str(shared)})
    return folder


def moved(original: Path, folder: Path, shared: Path) -> Path:
    """A copy whose videos lie elsewhere and have other labels."""
    copied(original, folder, shared)
    shutil.move(folder / "own videos", folder / "elsewhere/own videos")
    (folder / "own.csv").write_text((folder / "own.csv").read_text().replace("left,g", "to the left,g"))
    config = copy.deepcopy(CONFIG) | {"shared": str(shared)}
    config["datasets"]["own"]["root"] = str(folder / "elsewhere")
    write_config(folder, config)
    return folder


def names(shared: Path) -> list[str]:
    return sorted(path.name for path in shared.glob("*/*"))


def targets_of(folder: Path, files: list[str]) -> list[str]:
    """Names of the shared files that files link to."""
    return [os.path.basename(os.readlink(folder / file)) for file in files]


def logs(folder: Path) -> list[str]:
    return [path.read_text() for path in folder.glob("logs/extract_*/**/*.log")]


def test_equal_videos_are_shared_and_others_are_not(original: Path, tmp_path: Path, shared: Path) -> None:
    first = copied(original, tmp_path / "first", shared)
    snakemake(first, *FEATURES)
    made = targets_of(first, FRAMES + FEATURES)
    assert names(shared) == sorted(made)
    assert {path.stat().st_mode & 0o777 for path in shared.glob("*/*")} == {0o444}
    assert planned(first, *FEATURES) == {}
    write_config(first, CONFIG)
    assert planned(first, *FEATURES) == {}

    second = moved(original, tmp_path / "second", shared)
    snakemake(second, *FEATURES, "--cores", "1")
    assert targets_of(second, FRAMES + FEATURES) == made
    assert [log.count("is shared already") for log in logs(second)] == [1] * 4
    assert planned(second, *FEATURES) == {}

    other = moved(original, tmp_path / "other", shared)
    videos = other / "elsewhere/own videos"
    shutil.copyfile(videos / "left/it's 1 ä.MP4", videos / "right/it's 0 ä.MP4")
    snakemake(other, *FEATURES)
    for files in (FRAMES, FEATURES):
        assert len(set(targets_of(other, files)) & set(made)) == 1  # of two shards
    assert len(names(shared)) == 6


def test_two_runs_at_once_and_a_cleaned_folder(original: Path, tmp_path: Path, shared: Path) -> None:
    folders = [copied(original, tmp_path / "first", shared), moved(original, tmp_path / "second", shared)]
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda folder: snakemake(folder, *FEATURES), folders))
    assert len(names(shared)) == 4  # and nothing half-written beside them
    for folder in folders:
        assert sorted(targets_of(folder, FRAMES + FEATURES)) == names(shared)
        assert planned(folder, *FEATURES) == {}
        snakemake(folder, "results/own/inspection.csv")
        assert planned(folder, "results/own/inspection.csv") == {}
        verify = ("--frames", "results/own/frames", "--verify")
        run_script("inspect_store.py", *verify, cwd=folder)
    for path in shared.glob("*/*"):
        path.unlink()
    assert planned(folders[0], *FEATURES) == {"extract_frames": 2, "extract_features": 2}
    snakemake(folders[0], *FEATURES)
    assert len(names(shared)) == 4
    assert all((folders[1] / name).exists() for name in FEATURES)


def test_snakemakes_own_cache_is_refused_before_any_job(original: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SNAKEMAKE_OUTPUT_CACHE", str(original))
    write_config(original, CONFIG)
    done = snakemake(original, *FRAMES, "--cache", check=False)
    assert done.returncode != 0
    assert [line for line in done.stdout.splitlines() if line.startswith("error: --cache: ")]
    assert "Traceback" not in done.stdout
