"""Frames and features shared between clones of the project by Snakemake's --cache; and never those of other videos."""

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
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    folder.mkdir()
    monkeypatch.setenv("SNAKEMAKE_OUTPUT_CACHE", str(folder))
    return folder


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone with videos of its own, in which nothing has run."""
    folder = copy_project(tmp_path_factory.mktemp("original") / "a folder")
    make_own_videos(folder)
    write_config(folder, CONFIG)
    return folder


def clone(original: Path, folder: Path) -> Path:
    """A copy whose videos lie elsewhere and have other labels."""
    shutil.copytree(original, folder)
    shutil.move(folder / "own videos", folder / "elsewhere/own videos")
    (folder / "own.csv").write_text((folder / "own.csv").read_text().replace("left,g", "to the left,g"))
    config = copy.deepcopy(CONFIG)
    config["datasets"]["own"]["root"] = str(folder / "elsewhere")
    write_config(folder, config)
    return folder


def entries(cache: Path) -> list[str]:
    return sorted(path.name for path in cache.iterdir())


def targets_of(folder: Path, names: list[str]) -> list[str]:
    """Entries of the cache that files link to."""
    return [os.path.basename(os.readlink(folder / name)) for name in names]


def test_equal_videos_are_shared_and_others_are_not(original: Path, tmp_path: Path, cache: Path) -> None:
    first = shutil.copytree(original, tmp_path / "first")
    snakemake(first, *FEATURES, "--cache")
    made = targets_of(first, FRAMES + FEATURES)
    assert entries(cache) == sorted(made)
    assert {path.stat().st_mode & 0o777 for path in cache.iterdir()} == {0o444}
    assert planned(first, *FEATURES) == planned(first, *FEATURES, "--cache") == {}

    second = clone(original, tmp_path / "second")
    snakemake(second, *FEATURES, "--cache", "--cores", "1")
    assert targets_of(second, FRAMES + FEATURES) == made
    logs = list(second.glob("logs/extract_*/**/*.log"))
    assert not any(log.stat().st_size for log in logs)  # nothing was computed
    assert planned(second, *FEATURES) == {}

    other = clone(original, tmp_path / "other")
    videos = other / "elsewhere/own videos"
    shutil.copyfile(videos / "left/it's 1 ä.MP4", videos / "right/it's 0 ä.MP4")
    snakemake(other, *FEATURES, "--cache")
    for names in (FRAMES, FEATURES):
        assert len(set(targets_of(other, names)) & set(made)) == 1  # of two shards
    assert len(entries(cache)) == 6


def test_two_runs_at_once_and_a_cleaned_cache(original: Path, tmp_path: Path, cache: Path) -> None:
    folders = [shutil.copytree(original, tmp_path / "first"), clone(original, tmp_path / "second")]
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda folder: snakemake(folder, *FEATURES, "--cache", env=os.environ), folders))
    assert len(entries(cache)) == 4  # and nothing half-written beside them
    for folder in folders:
        assert sorted(targets_of(folder, FRAMES + FEATURES)) == entries(cache)
        assert planned(folder, *FEATURES) == {}
        snakemake(folder, "results/own/inspection.csv", "--cache")
        assert planned(folder, "results/own/inspection.csv") == {}
        verify = ("--frames", "results/own/frames", "--verify")
        run_script("show_frames.py", *verify, cwd=folder)
    for path in cache.iterdir():
        path.unlink()
    assert planned(folders[0], *FEATURES) == {"extract_frames": 2, "extract_features": 2}
    snakemake(folders[0], *FEATURES, "--cache")
    assert len(entries(cache)) == 4
    assert all((folders[1] / name).exists() for name in FEATURES)


def test_features_of_frames_that_an_earlier_run_has_made(original: Path, tmp_path: Path, cache: Path) -> None:
    first = shutil.copytree(original, tmp_path / "first")
    snakemake(first, *FRAMES, "--cache")
    snakemake(first, *FEATURES, "--cache")
    made = targets_of(first, FRAMES + FEATURES)
    assert entries(cache) == sorted(made)
    second = clone(original, tmp_path / "second")
    snakemake(second, *FEATURES, "--cache")  # both steps at once: the same keys
    assert targets_of(second, FRAMES + FEATURES) == made
    assert not any(log.stat().st_size for log in second.glob("logs/extract_*/**/*.log"))


def test_clusters_jobs_share_as_well(original: Path, tmp_path: Path, cache: Path) -> None:
    job = ("--mode", "remote", "--allowed-rules", "extract_frames", "--nolock", "--force")
    job += ("--target-jobs", "extract_frames:dataset=own,shard=0", "--cache", "extract_frames", "extract_features")
    found = []
    for folder in (shutil.copytree(original, tmp_path / "first"), clone(original, tmp_path / "second")):
        snakemake(folder, "resources/own/source.json")
        snakemake(folder, *job)
        found += targets_of(folder, FRAMES[:1])
    assert found[0] == found[1]
    assert entries(cache) == found[:1]


def test_a_cache_that_is_nowhere_is_refused_before_any_job(original: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SNAKEMAKE_OUTPUT_CACHE", raising=False)
    done = snakemake(original, *FRAMES, "--cache", check=False)
    assert done.returncode != 0
    lines = [line for line in done.stdout.splitlines() if "SNAKEMAKE_OUTPUT_CACHE" in line]
    assert [line.startswith("error: ") for line in lines] == [True]
    assert "Traceback" not in done.stdout
