"""Functions of rules/report.smk: tables and the page."""

import json
import subprocess
from dataclasses import dataclass
from typing import Any

from vidbench.datasets import fractions
from vidbench.workflow.files import Files
from vidbench.workflow.run import Run, used_part

# Of results/{dataset}/, shown on the page.
TABLES = (
    "videos.csv", "inspection.csv", "diagnosis.json", "comparison.csv", "summary.csv", "pairwise.csv",
    "resolution.json", "scores.csv", "class_scores.csv", "ladder.csv", "errors.csv", "confused_pairs.csv",
    "overlap.csv", "ensembles.csv",
)  # fmt: skip
PAPER_TABLES = [f"{name}.{kind}" for name in ("comparison", "pairwise", "classes") for kind in ("csv", "tex")]


@dataclass(frozen=True)
class ReportRules:
    """Input and params functions; an instance for each time that the Snakefile is read."""

    run: Run
    files: Files

    def page_tables(self, wildcards: Any) -> list[str]:
        """Tables of a data set that the page shows."""
        names = [*TABLES, *(["motion_use.csv"] if self.run.shuffles else [])]
        return [f"results/{wildcards.dataset}/{name}" for name in names]

    def result_tables(self, wildcards: Any) -> list[str]:
        """Return a data set's tables that a finished run has: one that was deleted is made again.

        Not videos.csv, from which everything is made: everything would be trained again.
        """
        return [path for path in self.page_tables(wildcards) if not path.endswith("/videos.csv")]

    def paper_tables(self, wildcards: Any) -> list[str]:
        """A data set's tables for papers."""
        return [f"results/{wildcards.dataset}/tables/{name}" for name in PAPER_TABLES]

    def options(self, wildcards: Any) -> str:
        """The `report` section, in JSON."""
        return json.dumps(self.run.general["report"])

    def settings(self, wildcards: Any) -> str:
        """What the page says of the configuration, in JSON; a function, as {braces} in a text would be filled in."""
        used, general = used_part(self.run.config), self.run.general
        chosen = {kind: used[kind] for kind in ("datasets", "models", "backbones")}
        shown = {"run": general["run"], "device": general["device"], "training": used.get("training", {}), **chosen}
        return json.dumps(shown)

    def folders(self, wildcards: Any) -> list[str]:
        """Where the results of the run's data sets lie."""
        return self.files.for_datasets(f"{self.files.paths.results}/{{dataset}}")

    def available_splits(self, wildcards: Any) -> str:
        """The full splits that each data set has, run or not, in JSON."""
        names = {
            data.name: [split for split in data.available_splits if not fractions.is_variant(split)]
            for data in self.run.datasets
        }
        return json.dumps(names)

    def commit_argument(self, wildcards: Any, threads: int) -> list[str]:
        """The git commit of the workflow, where it lies in a repository of its own; a commit makes no page again."""
        git = ["git", "-C", str(self.files.paths.project)]
        try:
            above, commit = _output([*git, "rev-parse", "--show-cdup", "HEAD"]).splitlines()
            dirty = _output([*git, "status", "--porcelain", "--untracked-files=no"])
        except (OSError, ValueError, subprocess.CalledProcessError):
            return []
        return ["--commit", f"{commit[:12]}{', with changes' if dirty else ''}"] if not above else []


def _output(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
