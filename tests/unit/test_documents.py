"""What README and docs say to type: valid configurations, options and targets that are there, scripts that answer."""

import json
import re
import sys
from pathlib import Path

import image_text_folders
import pytest
import shipped
import yaml
import yte
from conftest import PROJECT
from snakemake.cli import get_argument_parser

from vidbench.config import schema
from vidbench.models import hub_name, official_weights

# What cannot be run or checked here.
NOT_TRIED = {
    "make": "a target of the Makefile; see test_targets_of_make_are_there",
    "tail": "shows a log",
    "tmux": "a terminal",
    "source": "the environment that the tests run in",
    "mkdir": "folders of a shared disk",
    "ln": "links to a shared disk",
    "conda": "no conda here; tests/workflow/test_deployment.py has a stand-in",
    "apptainer": "no container here; likewise",
    "pip": "packages that are not in the lock",
    "python tests/benchmark/terminal.py": "a whole run",
    "snkmt": "a package that is not in the lock",
}
NOT_IN_THE_LOCK = ("--logger-snkmt-db",)
MINE = "config/mine.yaml"  # the user's own
TARGETS = {
    "run", "test", "test-slow", "test-gpu", "bench", "bench-scale", "bench-gpu", "demo", "site", "lint", "docs", "lock",
    "clean",
}  # fmt: skip


def snakemake_lines() -> list[str]:
    lines = [line for line in shipped.commands() if line.startswith("snakemake")]
    return [line for line in lines if not any(word in line for word in NOT_IN_THE_LOCK)]


def test_there_is_something_to_test() -> None:
    assert len(shipped.yaml_blocks()) >= 10
    assert len(snakemake_lines()) >= 12
    assert "snakemake doctor --cores all --configfile config/mine.yaml" in snakemake_lines()


@pytest.mark.parametrize("line", snakemake_lines())
def test_a_snakemake_line_has_known_options_targets_and_files(line: str) -> None:
    found = get_argument_parser().parse_args(shipped.words(line)[1:])
    rules = "".join(path.read_text() for path in [PROJECT / "Snakefile", *(PROJECT / "rules").glob("*.smk")])
    for target in found.targets:
        assert re.search(rf"^rule {target}:", rules, re.MULTILINE), target
    for path in found.configfile or []:
        assert str(path) == MINE or (PROJECT / path).exists(), path
    if found.workflow_profile:
        assert (PROJECT / found.workflow_profile / "config.yaml").exists()
    assert not found.report or found.cores, "Snakemake wants a number of cores"


def test_every_other_command_is_tried_or_listed_with_a_reason() -> None:
    others = [line for line in shipped.commands() if not line.startswith(("snakemake", "python scripts/"))]
    unknown = [line for line in others if not any(line.startswith(known) for known in NOT_TRIED)]
    assert unknown == []
    assert all(any(line.startswith(known) for line in others) for known in NOT_TRIED)


def test_targets_of_make_are_there() -> None:
    makefile = (PROJECT / "Makefile").read_text()
    named = set(re.findall(r"`?make ([a-z][\w-]*)", "".join(page.read_text() for page in shipped.PAGES)))
    for target in named & TARGETS:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)
    assert {"run", "test", "bench", "test-gpu", "bench-gpu"} <= named


@pytest.mark.parametrize(
    "script", sorted({shipped.words(line)[1] for line in shipped.commands() if line.startswith("python scripts/")})
)
def test_a_script_that_is_named_is_there(script: str) -> None:
    """tests/scripts/test_scripts.py runs the --help of each."""
    assert (PROJECT / script).parent == PROJECT / "scripts"
    assert (PROJECT / script).is_file()


@pytest.mark.parametrize("block", shipped.blocks_of_configuration(), ids=str)
def test_a_block_of_configuration_is_valid(
    block: shipped.Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    config = shipped.configured(block.text)
    for backbone in config["backbones"].values():
        if hub_name.is_hub(str(backbone.get("weights"))):  # needs its configuration
            folder = Path("resources/weights/incoming", hub_name.HubName.parse(backbone["weights"]).folder_name)
            folder.mkdir(parents=True)
            (folder / "config.json").write_text(json.dumps({"model_type": backbone["architecture"][3:]}))
    for model in config["models"].values():
        if model.get("architecture") == "zero_shot":  # needs a folder
            model["weights"] = str(image_text_folders.save_configuration(tmp_path / "network"))
        elif official_weights.is_file(str(model.get("weights"))):
            del model["weights"]  # a file of the user's
    schema.check(config)


@pytest.mark.parametrize("block", [b for b in shipped.yaml_blocks() if shipped.of_profile(b)], ids=str)
def test_a_block_of_the_profile_takes_its_place(block: shipped.Block, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["snakemake"])  # which the profile looks at
    made = yte.process_yaml(shipped.profile_with(block), require_use_yte=True)
    added = yaml.safe_load(block.text.split(":", 1)[1].lstrip("\n"))
    assert made["set-resources"]["train_model"].items() >= added.items()
    assert "slurm_extra" in made["set-resources"]["measure_cost"]


def test_yaml_blocks_of_pages_are_marked_as_such() -> None:
    """Else they would not be tried."""
    unmarked = [
        str(b) for b in shipped.blocks() if not b.language and re.match(r"(run|datasets|models|training):", b.text)
    ]
    assert unmarked == []


def test_smaller_settings_keep_their_form() -> None:
    made = shipped.small(shipped.configured((PROJECT / "config" / "ucf101.yaml").read_text()))
    entry = made["datasets"]["ucf101"]
    assert entry["frames"] == {"size": 40, "fps": None}
    assert entry["clip"] == {"frames": 4, "sampling": "dense", "step": 2, "size": [32, 32], "views": 2}
    assert made["run"] == {"datasets": ["ucf101"], "models": ["cnn3d", "cnn2d_mean"], "seeds": [0], "splits": None}


def test_bibtex_is_what_the_citation_file_says() -> None:
    cited = yaml.safe_load((PROJECT / "CITATION.cff").read_text(encoding="utf-8"))
    bibtex = (PROJECT / "docs/citing.md").read_text(encoding="utf-8")
    for value in (cited["title"], cited["version"], cited["authors"][0]["name"], str(cited["date-released"].year)):
        assert f"{{{value}}}" in bibtex


@pytest.mark.parametrize("block", [b for b in shipped.blocks() if b.language == "python"], ids=str)
def test_a_block_of_python_is_python(block: shipped.Block) -> None:
    compile(block.text, str(block), "exec")


def test_blocks_are_in_languages_that_are_tried() -> None:
    """Of text that nobody types nothing can be tried."""
    assert {block.language for block in shipped.blocks()} <= {"", "bash", "yaml", "python", "bibtex", "text"}


def test_the_list_of_the_tutorial_is_written_as_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my_videos" / "left").mkdir(parents=True)
    (tmp_path / "my_videos" / "left" / "left_s003.mp4").touch()
    (code,) = [b.text for b in shipped.blocks() if b.page == "docs/tutorial.md" and b.language == "python"]
    exec(code)
    assert (tmp_path / "my_videos" / "videos.csv").read_text().split() == [
        "path,label,group",
        "left/left_s003.mp4,left,s003",
    ]
