"""The pages of the documentation: links lead somewhere, the site has each page once, the README stays short."""

import re
from pathlib import Path

import pages
import pytest
import yaml
from conftest import PROJECT

MAX_LINES_OF_README = 100  # two screens


@pytest.mark.parametrize("page", pages.documentation(), ids=lambda page: str(page.relative_to(PROJECT)))
def test_links_lead_somewhere(page: Path) -> None:
    assert pages.broken_links(page) == []


def test_broken_links_are_found(tmp_path: Path) -> None:
    (tmp_path / "other.md").write_text("# A heading: of `two` parts\n\n```\n# no heading\n```\n## Twice\n## Twice\n")
    right = ["other.md", "other.md#a-heading-of-two-parts", "other.md#twice-1", "https://example.org/x"]
    wrong = ["none.md", "other.md#no-heading", "other.md#twice-2", "#nowhere", "../none.py"]
    page = tmp_path / "page.md"
    page.write_text("\n".join(f"[text]({link})" for link in [*right, *wrong]) + "\n`[code](none.md)`\n")
    assert pages.broken_links(page) == wrong


def named(nav: list | dict | str) -> list[str]:
    """The files of mkdocs.yml's `nav`, in its order."""
    if isinstance(nav, str):
        return [nav]
    parts = nav.values() if isinstance(nav, dict) else nav
    return [name for part in parts for name in named(part)]


def test_the_site_has_each_page_once() -> None:
    site = yaml.safe_load((PROJECT / "mkdocs.yml").read_text(encoding="utf-8"))
    in_folder = [path.name for path in (PROJECT / "docs").glob("*.md")]
    assert sorted(named(site["nav"])) == sorted(in_folder), "add the page to `nav` in mkdocs.yml"


def test_the_readme_is_two_screens_with_one_picture() -> None:
    text = (PROJECT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MAX_LINES_OF_README
    assert text.count("![") == 1


def test_pictures_are_small() -> None:
    large = [path.name for path in (PROJECT / "docs").rglob("*.[pj][np]g") if path.stat().st_size > 300_000]
    assert large == []


def test_keys_in_the_glossary_are_those_of_the_configuration() -> None:
    text = (PROJECT / "docs" / "glossary.md").read_text(encoding="utf-8")
    where = " ".join(line.split("|")[3] for line in text.splitlines() if line.startswith("| ") and "---" not in line)
    keys = set(re.findall(r"`(?:[a-z]+(?:\.NAME)?\.)*([a-z_]{4,})(?:: [a-z0-9_]+)?`", where))
    keys -= {"json", "safetensors", "start"}  # of files, and a column
    schema = (PROJECT / "config" / "schemas" / "config.schema.yaml").read_text(encoding="utf-8")
    assert len(keys) >= 25
    assert [key for key in sorted(keys) if not re.search(rf"\b{key}: ", schema)] == []
