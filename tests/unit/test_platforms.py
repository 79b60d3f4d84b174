"""The lock holds one version of everything for each platform; tests/scripts/test_lock.py asks for their files."""

import re
from collections import defaultdict

import pytest
from conftest import PROJECT
from packaging.requirements import Requirement
from platforms import PLATFORMS, PYTHONS, Platform

ENVS = PROJECT / "envs"
LINE = re.compile(r"^([A-Za-z0-9][\w.-]*==[^\\\n]+)", re.MULTILINE)


def versions(file: str, platform: Platform, python: str) -> dict[str, list[str]]:
    """The versions of each package that are installed from a lock on a platform."""
    found = defaultdict(list)
    for line in LINE.findall((ENVS / file).read_text(encoding="utf-8")):
        requirement = Requirement(line.strip())
        if requirement.marker is None or requirement.marker.evaluate(platform.markers(python)):
            found[requirement.name].append(str(requirement.specifier))
    return found


def wanted(file: str) -> set[str]:
    """The packages that a list of requirements names."""
    lines = (line.partition("#")[0].strip() for line in (ENVS / file).read_text(encoding="utf-8").splitlines())
    return {Requirement(line).name.replace("_", "-") for line in lines if line}


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda platform: platform.name)
def test_a_platform_gets_one_version_of_everything(platform: Platform, python: str) -> None:
    found = versions("requirements.txt", platform, python)
    assert wanted("requirements.in") <= {name.replace("_", "-") for name in found}
    assert {name: several for name, several in found.items() if len(several) > 1} == {}
    assert platform.built <= set(found)
    is_linux = platform.sys_platform == "linux"
    assert any(name.startswith("nvidia-") for name in found) == is_linux
    assert {name.replace("_", "-") for name in versions("demo.txt", platform, python)} >= wanted("demo.in")


def test_the_platforms_are_those_of_the_table() -> None:
    page = (PROJECT / "docs" / "environments.md").read_text(encoding="utf-8")
    assert f"Python {PYTHONS[0]} to {PYTHONS[-1]}" in page
    for name in ("Linux, x86-64", "Linux, arm64", "macOS, Apple silicon", "Windows"):
        assert f"| {name} |" in page
    assert "unrar2-cffi" in page
