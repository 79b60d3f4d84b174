"""scripts/ is sys.path[0] of every step: a script must not hide a module that others import."""

import importlib.util
import sys

import pytest
from conftest import PROJECT

SCRIPTS = sorted(path.stem for path in (PROJECT / "scripts").glob("*.py"))


@pytest.mark.parametrize("name", [*SCRIPTS, "vidbench"])
def test_no_script_hides_a_module(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert name not in sys.stdlib_module_names
    elsewhere = [path for path in sys.path if "scripts" not in path and path != ""]
    monkeypatch.setattr(sys, "path", elsewhere)
    importlib.invalidate_caches()
    assert importlib.util.find_spec(name) is None or name in sys.modules
