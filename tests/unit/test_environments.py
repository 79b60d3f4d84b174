"""Lock, conda files and container recipes name the same versions, and each conda file holds what its rules import."""

import ast
import re
import shutil
import sys
from pathlib import Path

import pin_conda
import pytest
import yaml
from conftest import PROJECT

from vidbench.plotting.across_catalogue import ACROSS
from vidbench.plotting.catalogue import CATALOGUE
from vidbench.workflow.source_files import source_files

ENVS = PROJECT / "envs"
RECIPES = ("Containerfile", "apptainer.def")
# Where a package is imported by another name than its own on PyPI.
MODULES = {"ffmpeg-python": "ffmpeg", "pyyaml": "yaml", "scikit-learn": "sklearn", "unrar2-cffi": "unrar"}
# What comes with another package.
BROUGHT = {
    "threadpoolctl": "sklearn",
    "markupsafe": "jinja2",
    "matplotlib": "seaborn",
    "PIL": "matplotlib",
    "urllib3": "requests",
    "httpx2": "huggingface_hub",
    "tokenizers": "transformers",
}
# vidbench.models imports torch for types and in functions that steps without a model do not call.
WITHOUT_TORCH = ("data.yaml", "report.yaml")
WITHOUT_AV = ("share_model",)  # it reads how frames are made; only what opens a video imports av, in functions


def disagreements(folder: Path) -> list[str]:
    """Lines that say where files of an envs/ folder differ from its lock and Makefile."""
    python = pin_conda.python_version(folder)
    found = [f"{path.name}: other versions than the lock" for path in pin_conda.outdated(folder)]
    for name in RECIPES:
        text = (folder / name).read_text()
        if not re.search(rf"^(FROM|From:) python:{re.escape(python)}-slim", text, re.MULTILINE):
            found.append(f"{name}: not Python {python}")
        if not re.search(r"apt-get install .*\bgcc g\+\+ libc6-dev\b", text):
            found.append(f"{name}: no compiler for torch.compile")
        if "requirements.txt" not in text or "install_in_image.sh" not in text:
            found.append(f"{name}: does not install the lock")
        if re.search(r"pip\s+install|==", text):
            found.append(f"{name}: installs something beside the lock")
    for line in (folder / "install_in_image.sh").read_text().splitlines():
        if re.search(r"^[^#]*\b(install|sync)\b", line) and "$lock" not in line:
            found.append(f"install_in_image.sh: installs something beside the lock: {line}")
    return found


def test_all_agree() -> None:
    assert disagreements(ENVS) == []


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        ("train.yaml", r"pytorch==[\d.]+", "pytorch==2.11.0", "train.yaml: other versions"),
        ("data.yaml", r"unrar2-cffi==[\d.]+", "unrar2-cffi==0.0.1", "data.yaml: other versions"),
        ("report.yaml", r"pandas==[\d.]+", "pandas", "report.yaml: other versions"),
        ("report.yaml", r"python=[\d.]+", "python=3.12", "report.yaml: other versions"),
        ("requirements.txt", r"(?m)^h5py==[\d.]+", "h5py==3.0.0", "data.yaml: other versions"),
        ("Containerfile", r"python:[\d.]+", "python:3.12", "Containerfile: not Python"),
        ("Containerfile", r"(?m)^ENV", "RUN pip  install torch\nENV", "Containerfile: installs something"),
        ("install_in_image.sh", r"\Z", "pip install torch\n", "install_in_image.sh: installs something"),
        ("apptainer.def", "gcc g", "g", "apptainer.def: no compiler"),
        ("apptainer.def", r"(?m)^    bash .*$", "    pip install torch==2.11.0", "apptainer.def: installs something"),
    ],
)
def test_a_mismatch_is_found(tmp_path: Path, name: str, old: str, new: str, expected: str) -> None:
    folder = shutil.copytree(ENVS, tmp_path / "envs")
    shutil.copy(PROJECT / "Makefile", tmp_path)
    path = folder / name
    text = path.read_text()
    assert re.search(old, text)
    path.write_text(re.sub(old, new, text))
    assert any(line.startswith(expected) for line in disagreements(folder))


@pytest.mark.parametrize("line", ["numpy==1.26  # why", '"numpy==1.26"', "numpy=1.26=py311_0", "python>=3.9"])
def test_what_is_no_exact_version_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="not a package, or a package and a version"):
        pin_conda.pinned(f"dependencies:\n  - {line}\n", pin_conda.locked(), "3.11")


def test_a_package_that_the_lock_lacks_is_refused() -> None:
    with pytest.raises(KeyError):
        pin_conda.pinned("dependencies:\n  - numpie\n", pin_conda.locked(), "3.11")


def packages(path: Path) -> set[str]:
    """PyPI names of what a conda file asks for."""
    listed = yaml.safe_load(path.read_text())["dependencies"]
    lines = [line for entry in listed for line in (entry["pip"] if isinstance(entry, dict) else [entry])]
    names = {re.split("=", line)[0] for line in lines} - {"python", "pip"}
    return {pin_conda.PYPI_NAMES.get(name, name) for name in names}


def rules() -> dict[str, tuple[str, str]]:
    """Script and conda file of each rule that has a script."""
    found = {}
    for path in (PROJECT / "rules").glob("*.smk"):
        for name, body in re.findall(r"^rule (\w+):\n((?:(?:    .*)?\n)+)", path.read_text(), re.MULTILINE):
            script = re.search(r'script=(?:ancient\()?f"\{paths\.scripts\}/(\w+\.py)"', body)
            if script:
                found[name] = script.group(1), re.search(r'"\.\./envs/(\w+\.yaml)"', body).group(1)
    [environment] = re.findall(r'"\.\./envs/(\w+\.yaml)"', (PROJECT / "rules/figures.smk").read_text())  # of a loop
    return found | {f"plot_{name}": (f"plot_{name}.py", environment) for name in (*CATALOGUE, *ACROSS)}


def imported(files: list[Path]) -> set[str]:
    """Top-level modules from elsewhere that files import."""
    found = set()
    for node in (node for path in files for node in ast.walk(ast.parse(path.read_text()))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    scripts = {path.stem for path in (PROJECT / "scripts").glob("*.py")}
    return found - set(sys.stdlib_module_names) - scripts - {"vidbench"}


def test_every_rule_with_an_environment_is_looked_at() -> None:
    texts = [path.read_text() for path in (PROJECT / "rules").glob("*.smk")]
    named = sum(text.count("/envs/") for text in texts)
    assert len(rules()) == named - 2 + len(CATALOGUE) + len(ACROSS)  # those of loops: often


@pytest.mark.parametrize("rule", sorted(rules()))
def test_an_environment_holds_what_its_rules_import(rule: str) -> None:
    script, environment = rules()[rule]
    there = {MODULES.get(name, name.replace("-", "_")) for name in packages(ENVS / environment)}
    there |= {module for module, package in BROUGHT.items() if {package, BROUGHT.get(package)} & there}
    there |= {"torch", "torchvision"} if environment in WITHOUT_TORCH else set()
    there |= {"av"} if rule in WITHOUT_AV else set()
    assert imported(source_files(script)) <= there
