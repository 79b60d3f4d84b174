"""`make bench` and `make bench-scale` in small: that they run and what they write, not how fast anything is."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import PROJECT

pytestmark = pytest.mark.slow
BASELINES = {
    "extract_jpeg": {"ffmpeg-null"},
    "extract_raw": {"ffmpeg-null"},
    "extract_jpeg_720p": {"ffmpeg-null"},
    "clips_jpeg": {"pyav", "jpeg-folder", "hdf5-per-video"},
    "clips_raw": {"pyav", "jpeg-folder", "hdf5-per-video"},
    **{
        f"augment_{changes}{size}": {"clip-by-clip"}
        for changes in ("default", "crop_flip", "rand_augment")
        for size in ("_few_pixels", "")
    },
    "train_step_cnn3d": {"in-memory", "plain-loop"},
    "train_step_r3d_18": {"in-memory", "plain-loop"},
    "head_on_features": {"frozen-backbone"},
    "classify_files": {"plain-loop-pyav"},
}
INSTALLED_BY_MAKE = {"torchcodec", "decord", "plain-loop-torchcodec"}  # into .venv/benchmark, by `make bench` alone


def run(script: str, *arguments: object) -> str:
    """What a benchmark prints, called as the Makefile does."""
    peers = PROJECT / ".venv" / "benchmark"
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(
            map(str, (PROJECT / "scripts", PROJECT / "tests", PROJECT / "tests/helpers", peers))
        ),
        "LD_LIBRARY_PATH": str(peers / "ffmpeg"),
    }
    command = [sys.executable, str(PROJECT / "tests" / "benchmark" / script), "--quick", *map(str, arguments)]
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def test_the_benchmark_writes_its_table_and_its_summary(tmp_path: Path) -> None:
    text = run("bench.py", "--output", tmp_path / "summary.json")
    summary = json.loads((tmp_path / "summary.json").read_text())
    found: dict[str, set[str]] = {}
    for entry in summary:
        assert set(entry) == {"name", "value", "unit", "better", "baseline", "ratio"}
        assert entry["better"] == "higher"
        assert entry["value"] > 0
        assert entry["ratio"] > 0
        found.setdefault(entry["name"], set()).add(entry["baseline"])
        row = rf"^\| {entry['name']} \| {entry['value']:.1f} {entry['unit']} \| {entry['baseline']} \| "
        assert re.search(row, text, re.MULTILINE)
    assert {name: baselines - INSTALLED_BY_MAKE for name, baselines in found.items()} == BASELINES


def test_the_benchmark_of_large_data_sets_writes_its_table() -> None:
    text = run("scale.py")
    assert re.search(
        r"^\| 1,000 videos, 4 shards, 2 trainings \| [\d.]+ s \| [\d.]+ s \| \d+ MB \|$", text, re.MULTILINE
    )


@pytest.mark.alone
def test_augmenting_a_batch_at_once_takes_a_fraction_of_the_time(tmp_path: Path) -> None:
    """About 10 and 5 times less on a quiet machine (docs/performance.md)."""
    least = {"augment_default_few_pixels": 6, "augment_rand_augment_few_pixels": 3}
    ratios: dict[str, float] = {}
    for _ in range(3):  # what runs beside it may disturb a measurement
        run("bench.py", "--only", "augmentation", "--output", tmp_path / "summary.json")
        for entry in json.loads((tmp_path / "summary.json").read_text()):
            ratios[entry["name"]] = max(entry["ratio"], ratios.get(entry["name"], 0))
        if all(ratios[name] > ratio for name, ratio in least.items()):
            break
    assert all(ratios[name] > ratio for name, ratio in least.items()), ratios
    assert min(ratios.values()) > 0.9, ratios
