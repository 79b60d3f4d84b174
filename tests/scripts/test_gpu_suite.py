"""`make test-gpu` and `make bench-gpu`, tried on a CPU without the packages that a machine for GPU computing lacks."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from apart import Failed, run_apart
from conftest import PROJECT

CHECKS = 28  # fewer would mean that some are no longer collected


@pytest.fixture
def bare(tmp_path: Path) -> dict[str, str]:
    """An environment whose Pythons import none of tests/helpers/without_packages.py, and see no GPU."""
    shutil.copy(PROJECT / "tests" / "helpers" / "without_packages.py", tmp_path / "sitecustomize.py")
    paths = [tmp_path, PROJECT / "scripts", PROJECT / "tests", PROJECT / "tests" / "helpers"]
    return os.environ | {"PYTHONPATH": os.pathsep.join(map(str, paths)), "OMP_NUM_THREADS": "1"}


def call(*arguments: object, environment: dict[str, str]) -> str:
    """What Python prints with these arguments."""
    command = [sys.executable, *map(str, arguments)]
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-3000:]
    return done.stdout


def test_the_packages_are_missing(bare: dict[str, str]) -> None:
    code = (
        "from importlib import metadata\n"
        "for name, distribution in (('simplejpeg', 'simplejpeg'), ('ffmpeg', 'ffmpeg-python'), ('av', 'av')):\n"
        "    for ask in (lambda: __import__(name), lambda: metadata.version(distribution)):\n"
        "        try:\n"
        "            ask()\n"
        "        except (ImportError, metadata.PackageNotFoundError):\n"
        "            print('missing')\n"
    )
    assert call("-c", code, environment=bare) == "missing\n" * 6


@pytest.mark.parametrize("target", ["test-gpu", "bench-gpu"])
def test_a_python_of_ones_own_is_used_as_it_is(target: str) -> None:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS", "PYTHON"))}

    def recipe(**more: str) -> str:
        command = ["make", "-n", target]
        done = subprocess.run(command, cwd=PROJECT, env=environment | more, capture_output=True, text=True, check=True)
        return done.stdout

    assert "/opt/own/python " in recipe(PYTHON="/opt/own/python")
    assert ".venv" not in recipe(PYTHON="/opt/own/python")
    assert ".venv/bin/python " in recipe()


@pytest.mark.slow
def test_the_checks_run_on_a_cpu(bare: dict[str, str]) -> None:
    """All that a CPU can try, but for what starts torchrun or a second model's scripts."""
    checks = "not two_processes and not cnn3d-0.8"
    tried = ("-m", "gpu", "--device", "cpu", "--tiny", "-p", "no:cacheprovider", "-k", checks)
    text = call("-m", "pytest", "--confcutdir=tests/gpu", *tried, "tests/gpu", environment=bare)
    counts = {what: int(number) for number, what in re.findall(r"(\d+) (\w+)", text.splitlines()[-1])}
    assert counts["passed"] >= CHECKS, text[-3000:]
    assert not {"failed", "error", "errors"} & counts.keys()


@pytest.mark.slow
def test_without_a_gpu_the_checks_are_skipped_with_a_reason(bare: dict[str, str]) -> None:
    tried = ("-m", "gpu", "-p", "no:cacheprovider", "-rs", "tests/gpu/test_environment.py")
    text = call("-m", "pytest", "--confcutdir=tests/gpu", *tried, environment=bare | {"CUDA_VISIBLE_DEVICES": ""})
    assert "3 skipped" in text
    assert "torch finds no CUDA GPU here" in text


@pytest.mark.slow
def test_the_benchmark_writes_its_table_and_its_summary(bare: dict[str, str], tmp_path: Path) -> None:
    page = shutil.copy(PROJECT / "docs" / "performance.md", tmp_path / "page.md")
    summary = tmp_path / "gpu.json"
    arguments = ("--device", "cpu", "--tiny", "--output", summary, "--page", page)
    text = call("tests/benchmark/gpu.py", *arguments, environment=bare)
    networks = json.loads(summary.read_text())["networks"]
    assert [row["name"] for row in networks] == ["cnn3d", "cnn2d:lstm"]
    for row in networks:
        assert min(row[key] for key in ("rate", "of_memory", "of_tutorial", "of_same_precision", "allocated_mb")) > 0
        assert f"| {row['name']} (fp32) | 8 x 32 x 32, 4 | {row['rate']:.1f} |" in text
        assert f"| {row['name']} (fp32) | 8 x 32 x 32, 4 | {row['rate']:.1f} |" in page.read_text()
    assert "no GPU was at hand.\n<!-- end -->" not in page.read_text()


@pytest.mark.slow
def test_without_a_gpu_the_benchmark_is_skipped_with_a_reason(bare: dict[str, str], tmp_path: Path) -> None:
    arguments = ("tests/benchmark/gpu.py", "--output", tmp_path / "gpu.json")
    text = call(*arguments, environment=bare | {"CUDA_VISIBLE_DEVICES": ""})
    assert text.startswith("skipped: torch finds no CUDA GPU here")
    assert not (tmp_path / "gpu.json").exists()


def test_work_apart_returns_fails_or_ends_in_time(tmp_path: Path) -> None:
    assert run_apart(lambda: {"rate": 2}, 60) == {"rate": 2}
    with pytest.raises(Failed, match=r"ValueError: no such network, at all"):
        run_apart(lambda: _raise(ValueError("no such network,\n at all")), 60)
    with pytest.raises(Failed, match="exit code 7"):
        run_apart(lambda: os._exit(7), 60)
    child = tmp_path / "child"

    def never_ends() -> None:
        started = subprocess.Popen(["sleep", "60"])
        child.write_text(str(started.pid))
        time.sleep(60)

    with pytest.raises(TimeoutError):
        run_apart(never_ends, 3)
    end = time.monotonic() + 30
    while _runs(int(child.read_text())):  # a killed process may need a moment
        assert time.monotonic() < end
        time.sleep(0.1)


def _raise(error: Exception) -> None:
    raise error


def _runs(process: int) -> bool:
    """Whether a process computes or waits; one that nobody has asked for its end does not."""
    try:
        return "Z" not in Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
