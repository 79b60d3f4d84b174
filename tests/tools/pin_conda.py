"""Write the versions of the lock (envs/requirements.txt) into the conda files beside it.

Example:
    python tests/tools/pin_conda.py --write
"""

import re
import sys
from pathlib import Path

from packaging.markers import default_environment
from packaging.requirements import Requirement

PROJECT = Path(__file__).resolve().parents[2]
ENVS = PROJECT / "envs"
# What is called otherwise on conda-forge than on PyPI.
PYPI_NAMES = {"pytorch": "torch", "huggingface_hub": "huggingface-hub"}
DEPENDENCY = re.compile(r"^( +- )([\w.-]+)(?:={1,2}[\w.*]+)?$")
OTHER = re.compile(r"^ +- (?!pip:$)")


def python_version(folder: Path = ENVS) -> str:
    """The Python that the lock was made for, e.g. 3.11: that of the Makefile beside the folder."""
    found = re.search(r"^PYTHON \?= python(\d+\.\d+)$", (folder.parent / "Makefile").read_text(), re.MULTILINE)
    return found.group(1)


def locked(folder: Path = ENVS) -> dict[str, str]:
    """Version of each package in the lock, on Linux with that Python."""
    python = python_version(folder)
    machine = {"sys_platform": "linux", "platform_system": "Linux", "platform_machine": "x86_64"}
    environment = default_environment() | machine | {"python_version": python, "python_full_version": f"{python}.0"}
    found = {}
    for line in re.findall(r"^([\w.-]+==[^\\\n]+)", (folder / "requirements.txt").read_text(), re.MULTILINE):
        requirement = Requirement(line.strip())
        if requirement.marker is None or requirement.marker.evaluate(environment):
            found[requirement.name] = str(requirement.specifier).removeprefix("==")
    return found


def conda_files(folder: Path = ENVS) -> list[Path]:
    """The conda files, one a concern."""
    return sorted(folder.glob("*.yaml"))


def pinned(text: str, versions: dict[str, str], python: str) -> str:
    """A conda file's text with the versions of the lock; KeyError where it lacks one, ValueError for a pattern."""
    return "\n".join(_pinned_line(line, versions, python) for line in text.split("\n"))


def _pinned_line(line: str, versions: dict[str, str], python: str) -> str:
    found = DEPENDENCY.match(line)
    if not found and OTHER.match(line):
        raise ValueError(f"not a package, or a package and a version: {line.strip()}")
    if not found or found.group(2) == "pip":
        return line
    start, name = found.groups()
    if name == "python":
        return f"{start}python={python}"
    return f"{start}{name}=={versions[PYPI_NAMES.get(name, name)]}"


def outdated(folder: Path = ENVS) -> dict[Path, str]:
    """Conda files whose versions are not the lock's, with the text that they ought to have."""
    versions, python = locked(folder), python_version(folder)
    wanted = {path: pinned(path.read_text(), versions, python) for path in conda_files(folder)}
    return {path: text for path, text in wanted.items() if path.read_text() != text}


if __name__ == "__main__":
    late = outdated()
    for path, text in late.items():
        if sys.argv[1:] == ["--write"]:
            path.write_text(text)
        print(f"{path.relative_to(PROJECT)}: {'written' if sys.argv[1:] == ['--write'] else 'out of date'}")
    sys.exit(bool(late) and sys.argv[1:] != ["--write"])
