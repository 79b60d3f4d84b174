"""Writes scripts/vidbench/README.md: the packages in layers, a line per file, from their docstrings.

python tests/tools/describe_tree.py --write
"""

import ast
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "scripts" / "vidbench"
TARGET = PACKAGE / "README.md"
# From the bottom up: a package imports modules on top, of its own layer and of those before it.
LAYERS = (
    ("compute", "frames", "models", "tracking"),
    ("clips", "datasets", "doctor", "evaluation", "plotting"),
    ("baselines", "download", "features", "report"),
    ("config", "prediction", "training"),
    ("inference", "sharing", "workflow"),
    ("demo", "planning", "export"),
)
HEAD = """# The library

Made from the docstrings by `make docs`. A package per stage, in layers: a module imports what stands on top, its own
package, and packages of its own layer or one above it on this page; a test keeps it so. An `__init__.py` holds names at
most, because every module of its package depends on it.

The steps that use it: [`../README.md`](../README.md).

## On top: what all use
"""


def text() -> str:
    """The whole page."""
    lines = [HEAD, *table(sorted(PACKAGE.glob("*.py")))]
    for number, layer in enumerate(LAYERS, start=1):
        for name in layer:
            files = sorted(PACKAGE.glob(f"{name}/**/*.py"))
            lines += [
                f"\n## {name}/ (layer {number})\n",
                f"{docstring(PACKAGE / name / '__init__.py')}\n",
                *table(files),
            ]
    return "\n".join(lines) + "\n"


def table(files: list[Path]) -> list[str]:
    """A row per module, those of packages within under their path."""
    modules = [path for path in files if path.name != "__init__.py"]
    depth = 2 if modules and modules[0].parent != PACKAGE else 1
    rows = [f"| `{'/'.join(path.relative_to(PACKAGE).parts[depth - 1 :])}` | {docstring(path)} |" for path in modules]
    return ["| file | |", "| --- | --- |", *rows]


def docstring(path: Path) -> str:
    """First paragraph's first line of a module's docstring."""
    found = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    return found.splitlines()[0] if found else ""


if __name__ == "__main__":
    if "--write" in sys.argv:
        TARGET.write_text(text(), encoding="utf-8")
    else:
        print(text())
