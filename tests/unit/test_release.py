"""The version stands in one place, and what is shipped for the catalogue of Snakemake's workflows is there."""

import shutil
from pathlib import Path

import describe_release
import describe_schema
import pytest
import tiny
import yaml
from conftest import PROJECT

from vidbench.config import schema
from vidbench.version import VERSION


def test_every_copy_is_the_newest_release_of_the_changes() -> None:
    assert describe_release.newest()["version"] == VERSION
    for path, text in describe_release.copies().items():
        assert path.read_text(encoding="utf-8") == text, "make docs brings it up to date"
    assert yaml.safe_load((PROJECT / "CITATION.cff").read_text())["version"] == VERSION


@pytest.fixture
def next_release(tmp_path: Path) -> Path:
    """A project whose list of changes has a release more."""
    for name in ("CHANGELOG.md", *describe_release.COPIES):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / name, tmp_path / name)
    changes = tmp_path / "CHANGELOG.md"
    text = changes.read_text(encoding="utf-8")
    changes.write_text(text.replace(f"\n## {VERSION}", f"\n## 9.10.11 (2030-01-02)\n\nMuch.\n\n## {VERSION}", 1))
    return tmp_path


def test_another_release_reaches_every_copy(next_release: Path) -> None:
    texts = {path.name: text for path, text in describe_release.copies(next_release).items()}
    citation = yaml.safe_load(texts["CITATION.cff"])
    assert (citation["version"], str(citation["date-released"])) == ("9.10.11", "2030-01-02")
    assert 'VERSION = "9.10.11"' in texts["version.py"]


def test_a_tag_has_to_be_that_of_the_newest_release(next_release: Path) -> None:
    assert describe_release.notes("v9.10.11", next_release) == "Much."
    for tag in (f"v{VERSION}", "9.10.11"):
        with pytest.raises(SystemExit, match=rf"^error: tag {tag}: the newest release .* is 9.10.11"):
            describe_release.notes(tag, next_release)


def test_a_copy_or_a_heading_that_is_gone_is_said(next_release: Path) -> None:
    (next_release / "CITATION.cff").write_text("version: 1.0.0\n")
    with pytest.raises(SystemExit, match=r"^error: CITATION.cff: has no line for the date"):
        describe_release.copies(next_release)
    (next_release / "CHANGELOG.md").write_text("# Changes\n")
    with pytest.raises(SystemExit, match=r"^error: CHANGELOG.md: no heading"):
        describe_release.newest(next_release)


def test_the_small_configuration_is_valid_and_stands_alone() -> None:
    config = yaml.safe_load((PROJECT / ".test/config/config.yaml").read_text(encoding="utf-8"))
    schema.check(config)
    schema.check(schema.merge(schema.shipped_config(), config))
    with pytest.raises(Exception, match="config: "):
        schema.check(tiny.with_changes(config, {"run__models": ["cnn9d"]}))


def test_the_catalogues_table_has_every_key_with_its_meaning() -> None:
    """It goes by `properties` alone, and shows a key's type, description and default."""
    text = describe_schema.TARGET.read_text(encoding="utf-8")
    assert text == describe_schema.text(), "make docs brings it up to date"
    assert "$ref" not in text
    rows: dict[str, dict] = {}

    def walk(node: dict, path: str) -> None:
        for key, child in node.get("properties", {}).items():
            rows[f"{path}.{key}".lstrip(".")] = child
            walk(child, f"{path}.{key}")

    walk(yaml.safe_load(text), "")
    definitions = {node["$ref"].rsplit("/", 1)[1] for node in schema.schema()["properties"].values() if "$ref" in node}
    for name in definitions:
        assert {key for key in rows if key.startswith(f"{name}.")}, name
    assert {"training.epochs", "datasets.NAME.clip.rate", "backbones.NAME.architecture", "models.NAME.head"} <= set(
        rows
    )
    assert rows["evaluation.shuffles"]["default"] == 5
    assert [key for key, row in rows.items() if not row.get("description") and "properties" not in row] == []


def test_the_catalogue_finds_what_it_asks_for() -> None:
    usage = yaml.safe_load((PROJECT / ".snakemake-workflow-catalog.yml").read_text())["usage"]
    assert set(usage) == {"mandatory-flags", "software-stack-deployment", "report"}
    assert usage["mandatory-flags"]["flags"] == "--resources gpu=1"
    assert set(usage["software-stack-deployment"]) == {"conda", "apptainer", "apptainer+conda", "report"}
    assert (PROJECT / "config/README.md").read_text(encoding="utf-8").startswith("# Configuration")
    assert "snakemake" in (PROJECT / "README.md").read_text(encoding="utf-8").lower()
    assert not (PROJECT / "workflow").exists(), "the catalogue would look for the Snakefile there"
