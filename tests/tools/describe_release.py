"""Write the version and the date of the newest release, which CHANGELOG.md names, to where programs look for them.

Example:
    python tests/tools/describe_release.py --write
    python tests/tools/describe_release.py --notes v0.2.0   # prints its changes
"""

import argparse
import re
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
HEADING = re.compile(r"^## (\d+\.\d+\.\d+) \((\d{4}-\d{2}-\d{2})\)$", re.MULTILINE)
# What stands in front of a copy, by file and by what is copied.
COPIES = {
    "CITATION.cff": {"version": r'^version: "?', "date": r'^date-released: "?'},
    "docs/citing.md": {"version": r"^ +version += \{", "year": r"^ +year += \{"},
    "scripts/vidbench/version.py": {"version": r'^VERSION = "'},
}


def newest(project: Path = PROJECT) -> dict[str, str]:
    """Version, date and year of the newest release."""
    found = HEADING.search((project / "CHANGELOG.md").read_text(encoding="utf-8"))
    if found is None:
        sys.exit("error: CHANGELOG.md: no heading such as '## 0.2.0 (2026-12-01)'")
    return {"version": found[1], "date": found[2], "year": found[2][:4]}


def copies(project: Path = PROJECT) -> dict[Path, str]:
    """Each file with a copy, and its text with the newest release in it."""
    release, texts = newest(project), {}
    for name, places in COPIES.items():
        text = (project / name).read_text(encoding="utf-8")
        for key, start in places.items():
            text, count = re.subn(rf"({start})[\w.-]+", rf"\g<1>{release[key]}", text, flags=re.MULTILINE)
            if count != 1:
                sys.exit(f"error: {name}: has no line for the {key}")
        texts[project / name] = text
    return texts


def notes(tag: str, project: Path = PROJECT) -> str:
    """The part of CHANGELOG.md on the newest release, which has to be that of the tag."""
    version = newest(project)["version"]
    if tag != f"v{version}":
        sys.exit(f"error: tag {tag}: the newest release in CHANGELOG.md is {version}; add a heading, or tag v{version}")
    text = (project / "CHANGELOG.md").read_text(encoding="utf-8")
    return HEADING.split(text)[3].strip()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--notes", metavar="TAG")
    arguments = parser.parse_args()
    if arguments.notes:
        print(notes(arguments.notes))
    for path, text in copies().items():
        if arguments.write:
            path.write_text(text, encoding="utf-8")
