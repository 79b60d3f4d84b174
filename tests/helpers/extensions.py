"""The files of docs/extending.md, as they are printed."""

import re
from pathlib import Path

from conftest import PROJECT

FILE = re.compile(r"^`(scripts/\S+\.py)`\n\n```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def files() -> dict[str, str]:
    """The content of each new file, by its path in the project."""
    return dict(FILE.findall((PROJECT / "docs" / "extending.md").read_text(encoding="utf-8")))


def write(project: Path) -> None:
    """Write all of them into a copy of the project, where none of them is yet."""
    for path, text in files().items():
        assert not (project / path).exists()
        (project / path).write_text(text, encoding="utf-8")
