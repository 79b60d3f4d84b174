"""The documentation as a site, built with every warning as an error, and its spelling."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from conftest import PROJECT

SITE = Path(sys.prefix) / "site"
INSTALLED = find_spec("mkdocs") is not None or (SITE / "mkdocs").is_dir()
pytestmark = pytest.mark.skipif(not INSTALLED, reason="mkdocs is not installed: make lint or make site installs it")


def run(*arguments: str) -> subprocess.CompletedProcess:
    """Run a module of the site's packages in the project's folder."""
    path = os.pathsep.join(filter(None, [str(SITE), os.environ.get("PYTHONPATH")]))
    environment = os.environ | {"PYTHONPATH": path, "NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(
        [sys.executable, "-m", *arguments], cwd=PROJECT, env=environment, capture_output=True, text=True, check=False
    )


def test_the_site_is_built_and_its_links_lead_somewhere(tmp_path: Path) -> None:
    done = run("mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path / "site"))
    assert done.returncode == 0, done.stderr
    pages = {path.stem for path in (PROJECT / "docs").glob("*.md")}
    made = {path.stem: path.read_text(encoding="utf-8") for path in (tmp_path / "site").glob("*.html")}
    assert set(made) == pages | {"404"}
    for name, text in made.items():
        assert 'src="http' not in text, f"{name}: something is fetched from elsewhere"
        assert 'href="../scripts' not in text, f"{name}: a link leads out of the site"


def test_words_are_spelled_right(tmp_path: Path) -> None:
    done = run("codespell_lib")
    assert done.returncode == 0, done.stdout
    wrong = tmp_path / "wrong.md"
    wrong.write_text("It depends on teh videos.\n")
    assert run("codespell_lib", str(wrong)).returncode != 0
