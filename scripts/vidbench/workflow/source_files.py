"""The project's source files that a script runs, found by following its imports, and digests of their code.

The digests are params of the script's rule, so that a changed statement reruns the jobs that depend on it, and a
changed comment, docstring or layout reruns nothing.
"""

import ast
import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parents[2]


@cache
def code_digests(script: str, *modules: str) -> list[str]:
    """Return one line per source file that `script` and `modules` run: path below scripts/, and digest of the code."""
    return [f"{path.relative_to(SCRIPTS).as_posix()} {code_digest(path)}" for path in source_files(script, modules)]


def source_files(script: str, modules: Iterable[str] = ()) -> list[Path]:
    """Return the files that `script` (a name in scripts/) and `modules` (dotted names) import, themselves included.

    Imports by name at run time cannot be seen: the caller names such modules in `modules`.
    """
    pending = [SCRIPTS / script, *(path for module in modules for path in _files_of(module))]
    files: set[Path] = set()
    while pending:
        path = pending.pop()
        if path not in files:
            files.add(path)
            pending.extend(_find_imports(path))
    return sorted(files)


@cache
def code_digest(path: Path) -> str:
    """Return a digest of a file's syntax tree without docstrings: comments and layout are not in it."""
    parts: list[str] = []
    _append_node(_parse(path), parts)
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:16]


@cache
def _parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def _append_node(node: ast.AST, parts: list[str]) -> None:
    """Append a node and all below it, without empty fields, which differ between versions of Python."""
    parts.append(f"{type(node).__name__}(")
    for name in node._fields:
        value = getattr(node, name, None)
        if value is not None and name == "body" and _is_documented(node):
            value = value[1:]
        if value is not None and value != []:
            parts.append(f"{name}=")
            for item in value if isinstance(value, list) else [value]:
                _append_node(item, parts) if isinstance(item, ast.AST) else parts.append(repr(item))
    parts.append(")")


def _is_documented(node: ast.AST) -> bool:
    """Return whether a node's body begins with a docstring."""
    match node:
        case ast.Module() | ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
            return ast.get_docstring(node, clean=False) is not None
    return False


@cache
def _find_imports(path: Path) -> list[Path]:
    files: list[Path] = []
    for node in ast.walk(_parse(path)):
        if isinstance(node, ast.Import):
            files += [file for alias in node.names for file in _files_of(alias.name)]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            files += _files_of(node.module)
            files += [file for alias in node.names for file in _files_of(f"{node.module}.{alias.name}")]
    return files


@cache
def _files_of(module: str) -> list[Path]:
    """Return the module's file and the __init__.py of its packages; [] for a module that is not the project's."""
    package, _, _ = module.rpartition(".")
    above = _files_of(package) if package else []
    if package and not above:
        return []
    base = SCRIPTS.joinpath(*module.split("."))
    return above + [file for file in (base.with_suffix(".py"), base / "__init__.py") if file.exists()]
