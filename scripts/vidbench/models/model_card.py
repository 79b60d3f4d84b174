"""The card of a repository of the Hugging Face Hub, its README.md: which licence it names. Imports no torch."""

import re
from pathlib import Path

CARD = "README.md"
HEAD = re.compile(r"\A---\s*\n(.*?\n)---", re.DOTALL)  # YAML between two lines of three dashes
LICENCE = re.compile(r"^license: *['\"]?([\w.+ -]+)", re.MULTILINE)


def read_licence(folder: Path) -> str:
    """Return the licence that the card in a folder names, as the Hub spells it; "" for none, and for one of its own."""
    try:
        head = HEAD.match((folder / CARD).read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        return ""
    found = LICENCE.search(head[1]) if head else None
    licence = spell_as_on_the_hub(found[1]) if found else ""
    return "" if licence == "other" else licence


def spell_as_on_the_hub(licence: str) -> str:
    """Return the name of a licence in small letters, its words joined by hyphens: `CC BY-NC 4.0` -> `cc-by-nc-4.0`."""
    return re.sub(r"[\s_]+", "-", licence.strip().lower())
