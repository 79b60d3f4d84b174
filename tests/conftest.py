"""What all tests share: where things are, and tiny data sets."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import warm
from hypothesis import settings

from vidbench.config import schema

settings.register_profile("patient", deadline=None)  # a slow machine is no failure
settings.load_profile("patient")

os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # as in the steps: see vidbench/cli.py
if "PYTEST_XDIST_WORKER" in os.environ:  # beside others: more threads than cores only wait for each other
    os.environ["OMP_NUM_THREADS"] = "1"

PROJECT = Path(__file__).resolve().parents[1]
SHARED = PROJECT.parent / "shared" / "data"


# pytest-xdist gives whole files to its processes, in this order: none should begin with a long one at the end.
LONGEST = (
    "test_slurm.py",
    "test_shipped.py",
    "test_reruns.py",
    "test_published.py",
    "test_trials.py",
    "test_kill_and_resume.py",
)
FOLDERS = ("workflow", "scripts", "unit")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long first; the order within a file stays."""

    order = (*LONGEST, *FOLDERS)

    def place(item: pytest.Item) -> int:
        names = (item.path.name, item.path.relative_to(PROJECT / "tests").parts[0])
        return next((order.index(name) for name in names if name in order), len(order))

    items.sort(key=place)


@pytest.fixture(scope="session", autouse=True)
def ctrl_c_is_heard() -> None:
    """Started in a script's background, tests ignore Ctrl-C, and so would all that they start."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def _environment():
    """Steps started by Snakemake find the python that runs the tests; CPU even on a GPU machine."""
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    os.environ["CUDA_VISIBLE_DEVICES"] = ""


@pytest.fixture(scope="session")
def gestures() -> Path:
    """The real videos that lie outside the project."""
    folder = SHARED / "gestures"
    if not (folder / "videos.csv").exists():
        pytest.skip(f"real videos are not here: {folder}")
    return folder


def run_script(name: str, *arguments: object, cwd: Path, check: bool = True) -> subprocess.CompletedProcess:
    """Run one of the project's scripts as a user would."""
    done = warm.script(PROJECT / "scripts" / name, list(map(str, arguments)), cwd)
    assert not check or done.returncode == 0, f"{name}: {done.stdout}\n{done.stderr}"
    return done


def make_split(cwd: Path, config: dict) -> None:
    """Make videos.csv, split1.csv and frames (0.h5) of a configuration's data set `motion`, by the steps' scripts."""
    entry = schema.dataset_options(config, "motion")
    source = ("--options", json.dumps(entry), "--folder", "resources")
    run_script("download_data.py", *source, "--output", "resources/source.json", cwd=cwd)
    run_script("index_videos.py", *source, "--output", "videos.csv", cwd=cwd)
    shard = ("--shard", 0, "--shards", 1, "--output", "0.h5")
    run_script("extract_frames.py", *source, "--frames", json.dumps(entry["frames"]), *shard, cwd=cwd)
    split = ("--options", json.dumps(entry["splits"]), "--videos", "videos.csv", "--split", "split1")
    run_script("make_splits.py", *split, "--output", "split1.csv", cwd=cwd)
