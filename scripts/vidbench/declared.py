"""What a source file declares of itself as a literal, read without running the file, which may need torch."""

import ast
from pathlib import Path

from vidbench.errors import UserError


def declared(files: list[Path], name: str) -> dict[str, dict]:
    """Return the dictionary that each file assigns to `name` at its top, by the file's name without .py.

    Files without such a line are left out. UserError where a dictionary has more in it than plain values.
    """
    found = {path.stem: _declared_in(path, name) for path in sorted(files)}
    return {stem: value for stem, value in found.items() if value is not None}


def _declared_in(path: Path, name: str) -> dict | None:
    text = path.read_text(encoding="utf-8")
    if f"\n{name} = {{" not in text:
        return None
    for node in ast.parse(text, filename=str(path)).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            try:
                return ast.literal_eval(node.value)
            except ValueError as error:
                raise UserError(f"{path}: {name} holds more than plain values; write text, numbers, lists") from error
    return None
