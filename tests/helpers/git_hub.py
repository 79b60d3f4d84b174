"""A git repository of the project that Snakemake and snakedeploy take for one on GitHub, without a network."""

import os
import subprocess
from pathlib import Path

import pytest

NAME = "example/vidbench"
ADDRESS = f"https://github.com/{NAME}"
AUTHOR = {"NAME": "Test", "EMAIL": "test@example.org", "DATE": "2026-01-01T00:00:00Z"}


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder, without the settings of the machine; return what it prints."""
    people = {f"GIT_{who}_{key}": value for who in ("AUTHOR", "COMMITTER") for key, value in AUTHOR.items()}
    environment = os.environ | people | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    done = subprocess.run(["git", *arguments], cwd=folder, env=environment, check=True, stdout=subprocess.PIPE)
    return done.stdout.decode().strip()


def release(folder: Path, tag: str) -> None:
    """Commit all files of a folder, and tag the commit."""
    if not (folder / ".git").exists():
        git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", tag)
    git(folder, "tag", tag)


def publish(repository: Path, monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    """Let git find the repository at ADDRESS, and let Snakemake keep its clone in a cache of the test's own."""
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.{repository.as_uri()}.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", ADDRESS)
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
