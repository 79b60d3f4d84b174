"""What is shipped to be copied: the configurations of config/, and the blocks of code in README.md and docs/."""

import copy
import re
import shlex
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml
from conftest import PROJECT

from vidbench.config import schema

PAGES = [PROJECT / "README.md", *sorted((PROJECT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^( *)```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`(snakemake [^`]+|python scripts/[^`]+)`")
MESSAGES = re.compile(r"^<!-- messages of .*?^<!-- end -->", re.MULTILINE | re.DOTALL)  # made from the code
# The largest number of a key, so that a run takes a minute; it keeps the form that it is written in.
SMALL = {
    "motion": {"train_scenes": 5, "test_scenes": 3, "frames": 12, "size": 32},
    "frames": {"size": 40},
    "clip": {"frames": 4, "size": 32, "views": 2},
    "training": {"epochs": 1, "batch_size": 8, "threads": 1},
    "splits": {"folds": 2},
    "": {"shards": 2},
}


@dataclass(frozen=True)
class Block:
    """A block of code in a page."""

    page: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks() -> Iterator[Block]:
    """All blocks of all pages."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for found in BLOCK.finditer(text):
            line = text.count("\n", 0, found.start()) + 1
            yield Block(str(page.relative_to(PROJECT)), line, found[2], re.sub(f"(?m)^{found[1]}", "", found[3]))


def yaml_blocks() -> list[Block]:
    return [block for block in blocks() if block.language == "yaml"]


def commands() -> dict[str, str]:
    """Each command of a block without a language, or in the text, with a place where it stands."""
    found: dict[str, str] = {}
    for block in blocks():
        if block.language in ("", "bash", "sh", "shell"):
            for line in block.text.splitlines():
                if is_command(line):
                    found.setdefault(line.split("  #")[0].strip(), str(block))
    for page in PAGES:
        for line in INLINE.findall(MESSAGES.sub("", page.read_text(encoding="utf-8"))):
            if not line.endswith(" ..."):
                found.setdefault(line, page.name)
    return found


def is_command(line: str) -> bool:
    """Whether a line of a block is meant for a shell, and is no output or part of a file."""
    return bool(
        re.match(r"(make|snakemake|python|tail|conda|apptainer|export|mkdir|ln|tmux|pip|source|snkmt|find|rm)\b", line)
    )


def words(command: str) -> list[str]:
    """The words of a command line, without a comment."""
    return shlex.split(command, comments=True)


def embedded() -> dict:
    return yaml.safe_load((PROJECT / "config" / "config.yaml").read_text(encoding="utf-8"))


def configured(text: str) -> dict:
    """The configuration of a block or file, merged over its data set's own file or else the default."""
    found, base = yaml.safe_load(text), embedded()
    for name in found.get("datasets", {}):
        if (own := PROJECT / "config" / f"{name.split('_')[0]}.yaml").exists():
            base = schema.merge(base, yaml.safe_load(own.read_text(encoding="utf-8")))
    merged = schema.merge(base, found)
    if "run" not in found and "datasets" in found:
        merged["run"]["datasets"] = list(found["datasets"])
    if "run" not in found and "models" in found:
        merged["run"]["models"] = list(found["models"])
    return merged


def small(config: dict) -> dict:
    """A configuration with fewer and smaller things, each key in the form that it has."""
    made = copy.deepcopy(config)
    run, models = made["run"], made["models"]
    run["seeds"] = run.get("seeds", [0])[:1]
    kinds = [next((name for name in names if is_kind(models, name)), None) for names, is_kind in _kinds(run["models"])]
    run["models"] = [name for name in kinds if name]
    for name in run["datasets"]:
        _shrink(made["datasets"][name])
    for name in run["models"]:
        _shrink(models[name], names=("clip", "training"))
    _shrink(made, names=("training",))
    return made


def _kinds(names: list[str]):
    """For each kind of model the names in the order of preference, and what tells the kind."""
    ordered = sorted(names, key=lambda name: not name.startswith("cnn"))
    yield ordered, lambda models, name: "architecture" in models[name]
    yield ordered, lambda models, name: models[name].get("head") == "mean"


def _shrink(entry: dict, names: tuple[str, ...] = tuple(SMALL)) -> None:
    for part in names:
        target = entry if part == "" else entry.get(part)
        for key, value in SMALL[part].items():
            if target and key in target:
                target[key] = smaller(target[key], value)


def smaller(value: object, most: int) -> object:
    """`value`, a number, a list of numbers or none, with no number above `most`."""
    if isinstance(value, list):
        return [smaller(part, most) for part in value]
    return min(value, most) if isinstance(value, int | float) else value


def of_profile(block: Block) -> bool:
    """Whether a block belongs into the profile of a cluster."""
    return block.text.lstrip().startswith("?if")


def blocks_of_configuration() -> list[Block]:
    """The blocks that are configurations of the project as it is; tests/workflow/test_extending.py runs the others."""
    return [block for block in yaml_blocks() if not of_profile(block) and block.page != "docs/extending.md"]


def profile_with(block: Block) -> str:
    """The cluster's profile with a block where the pages say that it goes: above the lines of measure_cost."""
    text = (PROJECT / "profiles" / "slurm" / "config.yaml").read_text(encoding="utf-8")
    place = text.index('      ?if rule == "measure_cost"')
    return text[:place] + textwrap.indent(textwrap.dedent(block.text), " " * 6) + text[place:]


def config_files() -> list[Path]:
    """The configurations of config/, without the catalogue of recipes."""
    return sorted(path for path in (PROJECT / "config").glob("*.yaml") if path != schema.RECIPES_PATH)
