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
    return hashlib.sha256(repr(_content(_tree(path))).encode()).hexdigest()[:16]


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def _content(node: object) -> object:
    """A node as nested lists. Empty fields are left out: other versions of Python have others of them."""
    if isinstance(node, list):
        return [_content(part) for part in node]
    if not isinstance(node, ast.AST):
        return node
    fields = [(name, getattr(node, name, None)) for name in node._fields]
    return [
        type(node).__name__,
        *((name, _content(value)) for name, value in _without_docstring(node, fields) if value not in (None, [])),
    ]


def _without_docstring(node: ast.AST, fields: list[tuple[str, object]]) -> list[tuple[str, object]]:
    documented = isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    if not documented or ast.get_docstring(node, clean=False) is None:
        return fields
    return [(name, value[1:] if name == "body" else value) for name, value in fields]


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
