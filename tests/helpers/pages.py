"""The pages of the documentation: their links, and the places in them that links lead to."""

import re
from pathlib import Path

from conftest import PROJECT

FENCED = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)
ELSEWHERE = ("http://", "https://", "mailto:")


def documentation() -> list[Path]:
    """All pages that are kept in the project."""
    folders = ("", "docs", "config", "scripts", "scripts/vidbench", "tests", "profiles", "report")
    return [path for folder in folders for path in sorted((PROJECT / folder).glob("*.md"))]


def broken_links(page: Path) -> list[str]:
    """Each link of a page that leads to no file, or to no heading of that file."""
    text = without_code(page.read_text(encoding="utf-8"))
    return [link for link in LINK.findall(text) if not link.startswith(ELSEWHERE) and not is_there(page, link)]


def is_there(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    if not target.exists():
        return False
    return not anchor or (target.suffix == ".md" and anchor in anchors(target.read_text(encoding="utf-8")))


def anchors(text: str) -> set[str]:
    """What a link can name behind `#`: each heading, as GitHub and MkDocs write it; repeated ones are numbered."""
    found: list[str] = []
    for heading in HEADING.findall(FENCED.sub("", text)):
        plain = LINK_TEXT.sub(r"\1", heading).replace("`", "").lower()
        name = re.sub(r"[^\w\- ]", "", plain).strip().replace(" ", "-")
        found.append(f"{name}-{found.count(name)}" if name in found else name)
    return set(found)


LINK_TEXT = re.compile(r"\[([^\]]*)\]\([^)]*\)")


def without_code(text: str) -> str:
    """A page without what stands in blocks of code and between backquotes."""
    return re.sub(r"`[^`\n]*`", "", FENCED.sub("", text))
