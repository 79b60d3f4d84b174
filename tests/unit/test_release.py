"""The version stands in one place, and what is shipped for the catalogue of Snakemake's workflows is there."""

import re
import shlex
import shutil
from pathlib import Path

import describe_release
import describe_schema
import pytest
import shipped
import tiny
import yaml
from conftest import PROJECT
from snakemake.cli import get_argument_parser

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


PAGES = [PROJECT / name for name in ("CONTRIBUTING.md", "CHANGELOG.md", "config/README.md")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_these_pages_name_is_there(page: Path) -> None:
    """Links, configurations, and the options and targets of Snakemake and make."""
    text = page.read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)#]+)", text):
        assert link.startswith("https://") or (page.parent / link).exists(), link
    rules = "".join(path.read_text() for path in [PROJECT / "Snakefile", *(PROJECT / "rules").glob("*.smk")])
    for line in re.findall(r"^`{0,3}(snakemake --?[^`\n]+|snakemake [a-z][^`\n]+)", text, re.MULTILINE):
        for target in get_argument_parser().parse_args(shlex.split(line)[1:]).targets:
            assert f"rule {target}:" in rules
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"`make ([a-z-]+)", text):
        assert f"\n{target}:" in makefile
    for found in shipped.BLOCK.finditer(text):
        if found[2] == "yaml":
            schema.check(shipped.configured(found[3]))


def test_github_runs_what_ci_runs() -> None:
    steps = yaml.safe_load((PROJECT / ".github/workflows/ci.yml").read_text())["jobs"]
    run = [line for line in (PROJECT / ".ci/run").read_text().splitlines() if line.startswith("make ")]
    targets = steps["check"]["strategy"]["matrix"]["target"]
    assert [f"make {target}" for target in targets] == run
    commands = [step.get("run", "") for step in steps["check"]["steps"]]
    assert any(command.startswith("make ${{ matrix.target }}") for command in commands)
    assert "bash tests/tools/install_chromium.sh" in commands
    for path in [*(PROJECT / ".github").rglob("*.yml"), PROJECT / ".pre-commit-config.yaml"]:
        assert isinstance(yaml.safe_load(path.read_text(encoding="utf-8")), dict)


def test_pre_commit_takes_the_locks_own_programs() -> None:
    (repository,) = yaml.safe_load((PROJECT / ".pre-commit-config.yaml").read_text())["repos"]
    assert repository["repo"] == "local"
    lock = (PROJECT / "envs/requirements.txt").read_text(encoding="utf-8")
    for hook in repository["hooks"]:
        program = hook["entry"].split()[0].removeprefix(".venv/bin/")
        assert f"\n{program}==" in lock
