"""The licence that a card of the Hub names, in whatever spelling."""

from pathlib import Path

import pytest

from vidbench.models.model_card import read_licence


@pytest.mark.parametrize(
    ("line", "licence"),
    [
        ("license: mit", "mit"),
        ("license: CC BY-NC 4.0", "cc-by-nc-4.0"),
        ("license: 'cc_by_nc_4.0'", "cc-by-nc-4.0"),
        ('license: "Apache-2.0"  # as the code', "apache-2.0"),
        ("license: openrail++", "openrail++"),
        ("license: other", ""),
        ("license:", ""),
        ("tags: [video]", ""),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_licence_is_read_in_any_spelling(line: str, licence: str, encoding: str, tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(f"---\n{line}\nlibrary: x\n---\n# A card\n", encoding=encoding)
    assert read_licence(tmp_path) == licence


def test_a_card_in_another_encoding_names_none(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_bytes("---\nlicense: mit\ntags: [\xfc]\n---\n".encode("latin-1"))
    assert read_licence(tmp_path) == ""
