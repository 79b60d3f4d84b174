"""Functions of rules/report.smk: tables and the page."""

import json
import subprocess
from dataclasses import dataclass
from typing import Any

from vidbench.datasets import fractions
from vidbench.workflow import source_tree
from vidbench.workflow.files import Files
from vidbench.workflow.run import Run, used_part
from vidbench.workflow.run_name import RunName

# Tables in results/{dataset}/ that the page shows.
TABLES = (
    "videos.csv", "inspection.csv", "diagnosis.json", "comparison.csv", "summary.csv", "pairwise.csv",
    "resolution.json", "scores.csv", "class_scores.csv", "ladder.csv", "errors.csv", "confused_pairs.csv",
    "overlap.csv", "ensembles.csv", "explanations.json", "label_issues.csv", "label_issues.json",
)  # fmt: skip
OF_DATA = ("videos.csv", "inspection.csv", "diagnosis.json")
LABEL_TABLES = (  # where a video may have several labels
    "label_summary.csv", "label_pairs.csv", "label_scores.csv", "label_calibration.csv", "label_cooccurrence.csv",
    "label_runs.csv", "label_resolution.json",
)  # fmt: skip
PAPER_TABLES = [f"{name}.{kind}" for name in ("comparison", "pairwise", "classes") for kind in ("csv", "tex")]


@dataclass(frozen=True)
class ReportRules:
    """Input and params functions; one instance per reading of the Snakefile."""

    run: Run
    files: Files
    name: RunName

    def page_tables(self, wildcards: Any) -> list[str]:
        """Return the tables of a data set that the page shows."""
        names = [*TABLES, *(["motion_use.csv"] if self.run.shuffles else [])]
        if self.run.data(wildcards.dataset).multi:
            names = [*OF_DATA, *LABEL_TABLES]
        return [f"results/{wildcards.dataset}/{name}" for name in names]

    def result_tables(self, wildcards: Any) -> list[str]:
        """Return a data set's tables that a finished run has: one that was deleted is made again.

        Not videos.csv, from which everything is made: everything would be trained again.
        """
        return [path for path in self.page_tables(wildcards) if not path.endswith("/videos.csv")]

    def paper_tables(self, wildcards: Any) -> list[str]:
        """Return a data set's tables for papers."""
        names = [] if self.run.data(wildcards.dataset).multi else PAPER_TABLES
        return [f"results/{wildcards.dataset}/tables/{name}" for name in names]

    def kind(self, wildcards: Any) -> str:
        """Return the kind of a data set."""
        return self.run.data(wildcards.dataset).kind

    def options(self, wildcards: Any) -> str:
        """Return the `report` section, in JSON, without what changes no page."""
        return json.dumps({key: value for key, value in self.run.general["report"].items() if key != "refresh_seconds"})

    def settings(self, wildcards: Any) -> str:
        """Return what the page says of the configuration, in JSON; not a text, whose {braces} Snakemake would fill."""
        used, general = used_part(self.run.config), self.run.general
        catalogues = {kind: used[kind] for kind in ("datasets", "models", "backbones")}
        named = {"name": self.name.name, **{key: value for key, value in general["run"].items() if key != "name"}}
        shown = {"run": named, "device": general["device"], "training": used.get("training", {}), **catalogues}
        return json.dumps(shown)

    def folders(self, wildcards: Any) -> list[str]:
        """Return the folders of the results of the run's data sets."""
        return self.files.for_datasets(f"{self.files.paths.results}/{{dataset}}")

    def available_splits(self, wildcards: Any) -> str:
        """Return the full splits that each data set has, run or not, in JSON."""
        names = {
            data.name: [split for split in data.available_splits if not fractions.is_variant(split)]
            for data in self.run.datasets
        }
        return json.dumps(names)

    def record_arguments(self, wildcards: Any, threads: int) -> list[str]:
        """Return what the index says of the run beside its results; a renamed config file makes no page again."""
        return ["--configuration", self.name.configuration, "--config-files", *self.name.config_files]

    def commit_argument(self, wildcards: Any, threads: int) -> list[str]:
        """Argument with the git commit of the workflow, if its folder is a repository; a commit reruns nothing."""
        project = self.files.paths.project
        if (commit := source_tree.commit_of(project)) is not None:
            return ["--commit", commit[:12]]
        git = ["git", "-C", str(project)]
        try:
            path_to_top, commit = _output([*git, "rev-parse", "--show-cdup", "HEAD"]).splitlines()
            dirty = _output([*git, "status", "--porcelain", "--untracked-files=no"])
        except (OSError, ValueError, subprocess.CalledProcessError):
            return []
        return ["--commit", f"{commit[:12]}{', with changes' if dirty else ''}"] if not path_to_top else []


def _output(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
