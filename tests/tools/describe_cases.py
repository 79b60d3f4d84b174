"""Write docs/manifest_cases.md: what becomes of odd manifests and folders, as the tests find it.

Example:
    python tests/tools/describe_cases.py --write

Each module of MODULES has TITLE, TEXT (a paragraph), COLUMNS and `rows()`, the cells of a table.
"""

import sys
from importlib import import_module
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(PROJECT / "scripts"), str(PROJECT / "tests/helpers")]

TARGET = PROJECT / "docs" / "manifest_cases.md"
MODULES = ("manifest_cases", "folder_cases")
HEAD = """# Manifests and folders: cases and their outcome

Made by `make docs` from the cases of the tests, which hold each outcome against what is right.
[datasets.md](datasets.md) says how data are listed.
"""


def text() -> str:
    """The whole page."""
    parts = [HEAD]
    for module in map(import_module, MODULES):
        parts += [f"\n## {module.TITLE}\n\n{module.TEXT}\n\n", row(module.COLUMNS), row(["---"] * len(module.COLUMNS))]
        parts += [row(cells) for cells in module.rows()]
    return "".join(f"{part}\n" if part.startswith("|") else part for part in parts)


def row(cells: list[str] | tuple[str, ...]) -> str:
    """A line of a table."""
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


if __name__ == "__main__":
    if "--write" in sys.argv:
        TARGET.write_text(text())
    else:
        print(text())
