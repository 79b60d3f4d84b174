"""The lock can be installed on each platform: uv finds a file of every package, without installing one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import PROJECT
from platforms import PLATFORMS, PYTHONS, Platform

pytestmark = pytest.mark.slow
LOCK = PROJECT / "envs" / "requirements.txt"
NO_NETWORK = ("Failed to fetch", "error sending request", "dns error", "Could not connect", "error trying to connect")
MACOS = "14.0"  # the oldest with files of all packages


def dry_run(platform: Platform, python: str, folder: Path, ready_made: bool = True) -> subprocess.CompletedProcess:
    """What uv would install from the lock; `ready_made`: only what needs no compiler, but for what is known to."""
    command = [sys.executable, "-m", "uv", "pip", "install", "--dry-run", "--no-deps", "--target", str(folder)]
    command += ["--python-platform", platform.name, "--python-version", python, "--requirement", str(LOCK)]
    if ready_made:
        command += ["--only-binary", ":all:", *(word for name in platform.built for word in ("--no-binary", name))]
    environment = os.environ | {"MACOSX_DEPLOYMENT_TARGET": MACOS}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode and any(words in done.stderr for words in NO_NETWORK):
        pytest.skip(f"no package index here: {done.stderr.strip()[-200:]}")
    return done


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda platform: platform.name)
def test_every_package_has_a_file_for_the_platform(platform: Platform, python: str, tmp_path: Path) -> None:
    done = dry_run(platform, python, tmp_path)
    assert done.returncode == 0, done.stderr
    for name in ("torch", "av", "simplejpeg", "unrar2-cffi", "snakemake"):
        assert f" + {name}==" in done.stderr


def test_a_platform_that_lacks_files_is_found(tmp_path: Path) -> None:
    """Macs with Intel's processors, for which PyTorch has none."""
    done = dry_run(Platform("x86_64-apple-darwin", "darwin", "x86_64"), "3.11", tmp_path)
    assert done.returncode != 0
    assert "has no usable wheels" in done.stderr
