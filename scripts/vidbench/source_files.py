"""Which of the project's source files a script runs, found by following its imports.

These files are inputs of the script's rule, so that an edit re-runs the rules that it concerns.
"""

import ast
from collections.abc import Iterable
from functools import cache
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parents[1]


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
def _imports(path: Path) -> list[Path]:
    files: list[Path] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
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
