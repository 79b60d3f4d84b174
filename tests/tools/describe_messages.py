"""Write the tables of docs/troubleshooting.md: every error message, and every other line that names a remedy.

Example:
    python tests/tools/describe_messages.py --write

A table stands below a line `<!-- messages of PATTERN, PATTERN ... -->`: those of the files that a pattern fits (paths
below scripts/, the longest pattern counts). So a new file falls into the section of its package. `…` stands for what is
put in.
"""

import ast
import re
import sys
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
SCRIPTS = PROJECT / "scripts"
TARGET = PROJECT / "docs" / "troubleshooting.md"
TABLE = re.compile(r"(<!-- messages of (.*?) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
ERRORS = {
    "UserError", "Damaged", "Failure", "VideoError", "Untrusted", "Unreachable", "ArgumentTypeError",
}  # fmt: skip
SHORTEST = 12  # letters of a message; shorter strings are parts of one
VERBS = (
    "add bring choose close convert copy correct create delete export fetch fix free get give go indent install keep "
    "leave load look lower make mount move name number predict put raise remove rename repair replace run save see "
    "send set share shorten start sweep take train try unset update use write"
)
REMEDIES = [re.compile(rf"{mark} (?:or |then )?(?:{'|'.join(VERBS.split())}) ") for mark in ";:"]
NO_MESSAGES = ("vidbench/report/*", "vidbench/sharing/card*", "vidbench/plotting/*", "vidbench/demo/page.py")


def text() -> str:
    """The page, with its tables made anew."""
    page = TARGET.read_text(encoding="utf-8")
    patterns = [pattern for table in TABLE.finditer(page) for pattern in split(table[2])]
    found = messages()
    return TABLE.sub(lambda table: f"{table[1]}\n{rows(found, split(table[2]), patterns)}\n\n{table[4]}", page)


def split(patterns: str) -> list[str]:
    """The patterns of a line, which are separated by commas."""
    return [" ".join(pattern.split()) for pattern in patterns.split(",")]


def rows(found: dict[str, set[str]], own: list[str], patterns: list[str]) -> str:
    """A table of the messages of the files that belong to the patterns `own`."""
    texts = {message for path, each in found.items() if best_pattern(path, patterns) in own for message in each}
    # The whole message decides between equal ones, as the order of a set differs from run to run.
    cells = [cut(message) for message in sorted(texts, key=lambda text: (text.lstrip("….,:; '").lower(), text))]
    lines = [f"| {code(said)} | {remedy.replace('|', chr(92) + '|')} |" for said, remedy in cells]
    return "\n".join(["| the line says | what to do |", "| --- | --- |", *lines])


def best_pattern(path: str, patterns: list[str]) -> str | None:
    """The longest pattern that fits a file; None where none does."""
    return max((pattern for pattern in patterns if fnmatch(path, pattern)), key=len, default=None)


def cut(message: str) -> tuple[str, str]:
    """What is wrong, and the remedy that a message names; "" where it names none."""
    message = message.lstrip(";,: ")
    if place := remedy_in(message):
        return message[: place.start()], code(message[place.start() + 2 :])
    said, _, remedy = message.rpartition("; ")
    return (said, code(remedy)) if said and remedy.strip("… .") else (message, "")


def remedy_in(message: str) -> re.Match[str] | None:
    """Where a message begins to say what to do: at a verb, rather behind a semicolon than behind a colon."""
    return next((place for remedy in REMEDIES if (place := remedy.search(message))), None)


def code(words: str) -> str:
    """Words as code, in which nothing is a mark; backquotes are possible, too."""
    fence = "``" if "`" in words else "`"
    blank = " " if words.startswith("`") or words.endswith("`") else ""
    return f"{fence}{blank}{words}{blank}{fence}".replace("|", "\\|")


@cache
def messages() -> dict[str, set[str]]:
    """The messages of each file, by its path below scripts/."""
    found = {path.relative_to(SCRIPTS).as_posix(): messages_of(path) for path in sorted(SCRIPTS.rglob("*.py"))}
    return {path: each for path, each in found.items() if each}


def messages_of(path: Path) -> set[str]:
    """What a file says in its errors, and all other text of it that names a remedy."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    left_out = {id(node) for node in ast.walk(tree) for node in inner_text(node)}
    raised = {id(part) for node in ast.walk(tree) for argument in raised_text(node) for part in ast.walk(argument)}
    is_prose = any(fnmatch(path.relative_to(SCRIPTS).as_posix(), pattern) for pattern in NO_MESSAGES)
    found = set()
    for node in ast.walk(tree):
        words = "" if id(node) in left_out else written(node)
        is_message = id(node) in raised or (remedy_in(words) and not is_prose)
        if is_message and len(words.replace("…", "")) >= SHORTEST:
            found.add(words)
    return found


def raised_text(node: ast.AST) -> list[ast.expr]:
    """The text of an error that is made here, with its class or by a class that stands for one."""
    if not isinstance(node, ast.Call):
        return []
    name = ast.unparse(node.func).rpartition(".")[2]
    return node.args[:1] if name in ERRORS else []


def inner_text(node: ast.AST) -> list[ast.AST]:
    """Text that is no message by itself: docstrings, parts of other text, the help of options, comparisons."""
    if isinstance(node, ast.JoinedStr):
        return [part for part in ast.walk(node) if part is not node]
    if isinstance(node, ast.keyword) and node.arg in ("help", "description"):
        return [*ast.walk(node)]
    if isinstance(node, ast.Expr):
        return [node.value]
    return [*ast.walk(node)] if isinstance(node, ast.Compare | ast.Subscript) else []


def written(node: ast.AST) -> str:
    """A string as it is written, in one line, with … for what is put in; "" for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return " ".join(node.value.split())
    if isinstance(node, ast.JoinedStr):
        parts = [str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values]
        return " ".join("".join(parts).split())
    return ""


if __name__ == "__main__":
    if "--write" in sys.argv:
        TARGET.write_text(text(), encoding="utf-8")
    else:
        print(text())
