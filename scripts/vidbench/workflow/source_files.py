"""Which of the project's source files a script runs, found by following its imports, and digests of what they do.

The digests are params of the script's rule, so that a changed statement runs again what it concerns, and a comment,
a docstring or another layout runs nothing.
"""

import ast
import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parents[2]


@cache
def code_digests(script: str, *modules: str) -> list[str]:
    """One line per source file that `script` and `modules` run: its path below scripts/ and the digest of its code."""
    return [f"{path.relative_to(SCRIPTS).as_posix()} {code_digest(path)}" for path in source_files(script, modules)]


def source_files(script: str, modules: Iterable[str] = ()) -> list[Path]:
    """Files that `script` (a name in scripts/) and `modules` (dotted names) import, themselves included.

    Imports by name at run time cannot be seen: such modules are handed over in `modules`.
    """
    pending = [SCRIPTS / script, *(path for module in modules for path in _files_of(module))]
    found: set[Path] = set()
    while pending:
        path = pending.pop()
        if path not in found:
            found.add(path)
            pending.extend(_imports(path))
    return sorted(found)


@cache
def code_digest(path: Path) -> str:
    """Digest of a file's syntax tree without docstrings: comments and layout are not in it."""
    parts: list[str] = []
    _write(_tree(path), parts)
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:16]


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def _write(node: ast.AST, parts: list[str]) -> None:
    """Append a node and all below it. Empty fields are left out: other versions of Python have others of them."""
    parts.append(f"{type(node).__name__}(")
    for name in node._fields:
        value = getattr(node, name, None)
        if value is not None and name == "body" and _is_documented(node):
            value = value[1:]
        if value is not None and value != []:
            parts.append(f"{name}=")
            for item in value if isinstance(value, list) else [value]:
                _write(item, parts) if isinstance(item, ast.AST) else parts.append(repr(item))
    parts.append(")")


def _is_documented(node: ast.AST) -> bool:
    """Whether a node's body begins with a docstring."""
    match node:
        case ast.Module() | ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
            return ast.get_docstring(node, clean=False) is not None
    return False


@cache
def _imports(path: Path) -> list[Path]:
    files: list[Path] = []
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            files += [file for alias in node.names for file in _files_of(alias.name)]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            files += _files_of(node.module)
            files += [file for alias in node.names for file in _files_of(f"{node.module}.{alias.name}")]
    return files


def _files_of(module: str) -> list[Path]:
    """The module's file and those of the packages around it; none for a module from elsewhere."""
    parts = module.split(".")
    files = []
    for end in range(1, len(parts) + 1):
        base = SCRIPTS.joinpath(*parts[:end])
        files += [file for file in (base.with_suffix(".py"), base / "__init__.py") if file.exists()]
    return files
