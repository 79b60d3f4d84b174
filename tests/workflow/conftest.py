"""A finished run of a tiny configuration, in a copy of the project that tests may edit."""

import fcntl
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import tiny
import warm
import yaml
from conftest import PROJECT, run_script
from slurm import cluster

PARTS = ("Snakefile", "rules", "scripts", "config", "report", "envs", "profiles")
SNAKEMAKE = (sys.executable, "-m", "snakemake", "--configfile", "tiny.yaml", "--resources", "gpu=1", "--cores", "2")


def copy_project(folder: Path, measured: bool = False) -> Path:
    """The files of the workflow, without results; unless times are `measured`, with the shortest measurements."""
    folder.mkdir(parents=True, exist_ok=True)
    for part in PARTS:
        source = PROJECT / part
        if source.is_dir():
            shutil.copytree(source, folder / part)  # with the bytecode, or else each copy would compile it again
        else:
            shutil.copy2(source, folder / part)
    if not measured:
        cost = folder / "scripts/vidbench/prediction/cost.py"
        text, changed = re.subn(r"= Effort\(.*?\)", "= Effort(0, 0.01, 3)", cost.read_text())
        assert changed == 2  # seconds per model, for one clip and for each larger batch
        cost.write_text(text)
    return folder


def write_config(folder: Path, config: dict) -> None:
    (folder / "tiny.yaml").write_text(yaml.safe_dump(config))


def snakemake(folder: Path, *arguments: str, check: bool = True, **kwargs: object) -> subprocess.CompletedProcess:
    """Run Snakemake on tiny.yaml; its output is in .stdout. With an environment of its own as a process of its own."""
    if kwargs:
        done = subprocess.run(
            [*SNAKEMAKE, *arguments], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **kwargs
        )
    else:
        done = warm.snakemake([*SNAKEMAKE[3:], *arguments], folder)
    assert not check or done.returncode == 0, done.stdout[-6000:]
    return done


def planned(folder: Path, *arguments: str) -> dict[str, int]:
    """Jobs that Snakemake would run, by rule; {} for nothing to be done."""
    text = snakemake(folder, "--dry-run", *arguments).stdout
    if "Nothing to be done" in text:
        return {}
    table = text.split("Job stats:")[-1]
    jobs = {name: int(count) for name, count in re.findall(r"^(\w+) +(\d+)$", table, re.MULTILINE)}
    return {name: count for name, count in jobs.items() if name not in ("total", "all")}


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Alone among pytest's processes."""
    with open(path, "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def edited(path: Path, content: str | bytes) -> Iterator[None]:
    """Change a file for a while; put content and time back."""
    old, stat = path.read_bytes(), path.stat()
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    try:
        yield
    finally:
        path.write_bytes(old)
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


@contextmanager
def changed(path: Path) -> Iterator[None]:
    """Add a statement to a source file, a line to another one."""
    with edited(path, path.read_text() + ("\nCHANGED = True\n" if path.suffix == ".py" else "\n# edited\n")):
        yield


def make_own_videos(folder: Path) -> None:
    """videos/ and own.csv: 24 videos of two classes in 12 groups, with awkward names."""
    options = {"kind": "motion", "motion": tiny.MOTION | {"train_scenes": 11, "test_scenes": 1}}
    run_script(
        "download_data.py", "--options", json.dumps(options), "--folder", "made", "--output", "made/s", cwd=folder
    )
    rows = ["path,label,group"]
    for label in ("left", "right"):
        (folder / "own videos" / label).mkdir(parents=True)
        for scene in range(12):
            name = f"own videos/{label}/it's {scene} ä.MP4"
            shutil.move(folder / f"made/videos/{label}/{label}_s{scene:03d}.mp4", folder / name)
            rows.append(f"{name},{label},g{scene}")
    shutil.rmtree(folder / "made")
    (folder / "own.csv").write_text("\n".join(rows) + "\n")


def own_config() -> dict:
    """motion and own videos, two models, one seed: five trainings of splits a model."""
    entry = {key: tiny.MOTION_ENTRY[key] for key in ("shards", "frames", "clip", "augmentation", "training")}
    own = {"kind": "csv", "manifest": "own.csv", "splits": {"folds": 2}, **entry}
    return tiny.config(datasets__own=own, run__datasets=["motion", "own"])


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the tiny configuration has run to its end; each of pytest's processes has its own copy."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "finished"
    with locked(shared.with_suffix(".lock")):
        if not shared.exists():
            folder = copy_project(shared.with_suffix(".made") / "a folder")
            make_own_videos(folder)
            write_config(folder, own_config())
            snakemake(folder)
            folder.parent.rename(shared)
    folder = tmp_path_factory.mktemp("workflow") / "a folder"
    return shutil.copytree(shared / "a folder", folder, symlinks=True)


@contextmanager
def running(folder: Path, *arguments: str) -> Iterator[subprocess.Popen]:
    """Snakemake in a session of its own; whatever is left of it is killed at the end."""
    process = subprocess.Popen(
        [*SNAKEMAKE, *arguments],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def processes(folder: Path, script: str, *arguments: str) -> list[int]:
    """Numbers of the python processes that run `script` in `folder`, with these words one after another behind it."""
    found, behind = [], b"\0".join([b"", *(word.encode() for word in arguments), b""])
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            line = (entry / "cmdline").read_bytes()
            here = (entry / "cwd").resolve() == folder.resolve()
        except OSError:
            continue
        words = line.split(b"\0")
        if here and b"python" in words[0] and words[1:2] and words[1].endswith(script.encode()) and behind in line:
            found.append(int(entry.name))
    return found


@pytest.fixture(scope="module")
def slurm() -> Iterator[None]:
    """The cluster, for one of pytest's processes at a time; stopped at the end unless it ran before."""
    with locked(cluster.HOME.with_suffix(".lock")):
        ran = cluster.answers()
        try:
            cluster.start()
        except cluster.Unavailable as error:
            pytest.skip(f"no Slurm on this machine: {error}")
        yield
        if not ran:
            cluster.stop()
