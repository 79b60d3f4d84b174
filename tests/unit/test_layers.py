"""Which package may import which, and what may import torch: the tree of scripts/vidbench/README.md."""

import ast
from pathlib import Path

import pytest
from describe_tree import LAYERS, PACKAGE, TARGET, docstring, text

RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}
WITH_TORCH = {
    *("compute", "clips", "models", "features", "training", "prediction", "planning", "inference", "export", "demo"),
}
FILES = sorted(path for path in PACKAGE.rglob("*.py") if "__pycache__" not in path.parts)


def package(path: Path) -> str:
    """The package of the library that a file lies in; "" on top."""
    parts = path.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else ""


def imported_modules(path: Path) -> list[str]:
    """Dotted names of all that a file imports: of `from a import b`, a.b."""
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return names


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_no_layer_above_its_own(path: Path) -> None:
    rank = RANK[package(path)] if package(path) else -1
    for name in imported_modules(path):
        parts = name.split(".")
        if parts[0] == "vidbench" and len(parts) > 1 and parts[1] in RANK:
            assert RANK[parts[1]] <= rank, name
        assert parts[0] not in ("torch", "torchvision") or package(path) in WITH_TORCH, name


def test_every_package_has_a_layer_and_no_code_of_its_own() -> None:
    assert {package(path) for path in FILES} - {""} == set(RANK)
    for path in FILES:
        assert docstring(path), f"{path}: no docstring"


def test_packages_of_a_layer_are_in_no_cycle() -> None:
    names = {(path, name) for path in FILES for name in imported_modules(path) if name.startswith("vidbench.")}
    edges = {(package(path), name.split(".")[1]) for path, name in names}
    reached = {(a, b) for a, b in edges if a in RANK and b in RANK and a != b}
    while more := {(a, d) for a, b in reached for c, d in reached if b == c} - reached:
        reached |= more
    assert not [a for a, b in reached if a == b]


def test_the_page_is_up_to_date() -> None:
    assert TARGET.read_text(encoding="utf-8") == text(), "run: make docs"
