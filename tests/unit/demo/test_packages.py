"""Where the page's packages are found."""

import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from vidbench.demo.packages import find_packages
from vidbench.errors import UserError


def test_those_that_make_demo_installed_are_found_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "demo" / "gradio" / "__init__.py"
    package.parent.mkdir(parents=True)
    package.touch()
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(sys, "path", list(sys.path))
    find_packages()
    found = find_spec("gradio")
    assert found is not None
    assert found.origin == str(package)


def test_without_them_a_line_says_how_to_install_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(UserError, match="run `make demo`, which installs it first"):
        find_packages()
