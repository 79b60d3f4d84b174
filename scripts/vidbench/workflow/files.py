"""Paths of a run's files, as input functions of the rules, which map wildcards to files."""

import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from snakemake.io import contains_wildcard, local

from vidbench.workflow.run import DataSet, Run

InputFunction = Callable[[Any], list[str]]  # of wildcards

RUN_FOLDER = "results/{dataset}/{split}/{model}/seed{seed}"
RUNG_FOLDER = "results/{dataset}/{split}/{model}/rung{rung}/{place}/seed{seed}"
LEADING = re.compile(r"\A(?:\./+)+(?=.)")  # ./
OF_TRAININGS = ("weights.safetensors", "history.csv")  # a baseline has none


@dataclass(frozen=True)
class Paths:
    """The workflow's folder, its scripts, and the folders of a run.

    The folders of a run have the prefix of a module, and are for params and checks only: to inputs, outputs and logs
    Snakemake adds the prefix itself. With the prefix "video/", `results` is "video/results".
    """

    project: Path
    scripts: str
    results: str = "results"
    resources: str = "resources"
    logs: str = "logs"

    @classmethod
    def of(cls, workflow: Any) -> "Paths":
        """Return the paths of the Snakefile that Snakemake reads, which may be a module of another one."""
        project = Path(workflow.current_basedir, "..").resolve()
        is_main = Path(workflow.main_snakefile).resolve() == project / "Snakefile"
        # Relative where possible, so that a finished project can be moved without running anything again. Absolute in a
        # module, because Snakemake would put the module's prefix before a relative path.
        scripts = "scripts" if is_main and Path.cwd() == project else str(project / "scripts")
        prefixed = workflow.modifier.path_modifier.replace_prefix
        folders = (prefixed(f"{folder}/").rstrip("/") for folder in ("results", "resources", "logs"))
        return cls(project, scripts, *folders)

    def script(self, name: str) -> str:
        """Return the path of a script of the workflow."""
        return f"{self.scripts}/{name}"

    @property
    def page_files(self) -> list[str]:
        """Files that the page is made from: templates, style, script and captions."""
        files = (path for path in (self.project / "report").rglob("*") if path.is_file())
        return sorted(f"{self.scripts}/../report/{path.relative_to(self.project / 'report')}" for path in files)


def user_files(paths: Iterable[str]) -> list[str]:
    """Return the user's files as inputs; local: Snakemake puts no module's prefix before them.

    A leading ./ is taken off, of which Snakemake warns. Paths with, e.g., {word} are left out, because Snakemake always
    reads that as a wildcard: params have the digests of such files.
    """
    return [cast(str, local(LEADING.sub("", path))) for path in paths if not contains_wildcard(path)]


def one_of(names: Iterable[str]) -> str:
    """Return a regular expression that matches one of the names; without names it never matches."""
    return "|".join(map(re.escape, names)) or "(?!)"


@dataclass(frozen=True)
class Files:
    """Input functions that several rules use."""

    run: Run
    paths: Paths

    def wildcard_constraints(self) -> dict[str, str]:
        """Return the regular expression of each wildcard of the rules."""
        config = self.run.config
        return {
            "dataset": one_of(config["datasets"]),
            "source": one_of(self.run.sources),
            "model": one_of([*config["models"], *self.run.baselines]),
            "backbone": one_of(self.run.general["backbones"]),
            "split": r"(?:split|fold)\d+(?:-train\d+(?:\.\d+)?)?",
            "seed": r"\d+",
            "shard": r"\d+",
            "architecture": r"(?:timm/|hf/)?\w+",
            "weights": r"\w+|[\w.-]+@[\w.-]+",  # a name, or OWNER--NAME@REVISION of the Hub
        }

    def source_folder(self, wildcards: Any) -> str:
        """Folder of a data set's download."""
        return self.run.data(wildcards.dataset).folder

    def shards(self, wildcards: Any) -> list[str]:
        """All shards of a data set's frame store."""
        number = self.run.data(wildcards.dataset).shards
        return [f"results/{wildcards.dataset}/frames/{shard}.h5" for shard in range(number)]

    def cached_features(self, wildcards: Any) -> list[str]:
        """Shards of the cached features that a model's head is trained on, if they are cached."""
        data = self.run.data(wildcards.dataset)
        if not data.typed_options(wildcards.model).caches_features:
            return []
        return self.feature_shards(data.name, self.run.config["models"][wildcards.model]["backbone"])

    def feature_shards(self, dataset: str, backbone: str) -> list[str]:
        """All shards of a frozen backbone's cached features of a data set."""
        return [f"results/{dataset}/features/{backbone}/{shard}.h5" for shard in range(self.run.data(dataset).shards)]

    def of_runs(self, name: str) -> InputFunction:
        """Input function: a file of every run (split x model x seed) of a data set, and of its baselines."""
        return lambda wildcards: self._of_runs(wildcards, name, self.run.data(wildcards.dataset).split_names)

    def of_full_runs(self, name: str) -> InputFunction:
        """Input function: a file of every run of a data set on a full split."""
        return lambda wildcards: self._of_runs(wildcards, name, self.run.data(wildcards.dataset).full_splits)

    def of_full_trainings(self, name: str) -> InputFunction:
        """Input function: a file of every training of a data set on a full split, without the baselines."""

        def files(wildcards: Any) -> list[str]:
            full = self._of_runs(wildcards, name, self.run.data(wildcards.dataset).full_splits)
            return [path for path in full if path.split("/")[-3] not in self.run.baselines]

        return files

    def _of_runs(self, wildcards: Any, name: str, splits: Iterable[str]) -> list[str]:
        return [
            f"results/{wildcards.dataset}/{split}/{model}/seed{seed}/{name}"
            for split in splits
            for model, seed in self.run.tested
            if model not in self.run.baselines or name not in OF_TRAININGS
        ]

    def of_first_run(self, name: str) -> Callable[[Any], str]:
        """Input function: a file of the first run of the wildcards' model, that of the first full split and seed."""
        return lambda wildcards: self._of_first_run(wildcards.dataset, wildcards.model, name)

    def of_first_runs(self, name: str) -> InputFunction:
        """Input function: a file of each model's first run, that of the first full split and seed."""
        return lambda wildcards: [self._of_first_run(wildcards.dataset, model, name) for model in self.run.models]

    def _of_first_run(self, dataset: str, model: str, name: str) -> str:
        return f"results/{dataset}/{self.run.data(dataset).full_splits[0]}/{model}/seed{self.run.seeds[0]}/{name}"

    def costs(self, wildcards: Any) -> list[str]:
        """Files of each model's cost on a data set."""
        return [f"results/{wildcards.dataset}/costs/{model}.json" for model in self.run.models]

    def of_trials(self, name: str) -> InputFunction:
        """Input function: a file of every trial of a swept model, for the seed of the wildcards or for all.

        With successive halving a trial has one in each rung that it has come into.
        """

        def files(wildcards: Any) -> list[str]:
            folder = f"results/{wildcards.dataset}/{wildcards.split}"
            trials = [*self.run.trials(wildcards.model), *self.run.later_rungs(wildcards.model)]
            seed = getattr(wildcards, "seed", None)
            seeds = self.run.seeds if seed is None else [seed]
            return [f"{folder}/{trial}/seed{seed}/{name}" for trial in trials for seed in seeds]

        return files

    def splits(self, wildcards: Any) -> list[str]:
        """CSV files of a data set's full splits."""
        return self._splits(wildcards, self.run.data(wildcards.dataset).full_splits)

    def all_splits(self, wildcards: Any) -> list[str]:
        """CSV files of a data set's splits, fractions included."""
        return self._splits(wildcards, self.run.data(wildcards.dataset).split_names)

    def _splits(self, wildcards: Any, names: Iterable[str]) -> list[str]:
        return [f"results/{wildcards.dataset}/splits/{split}.csv" for split in names]

    def for_datasets(self, files: str | InputFunction) -> list[str]:
        """Return a pattern with {dataset}, or the files of an input function, for every data set of the run."""
        names = [data.name for data in self.run.datasets]
        if isinstance(files, str):
            return [files.replace("{dataset}", name) for name in names]
        return [path for name in names for path in files(SimpleNamespace(dataset=name))]

    def stored_shards(self, data: DataSet) -> list[str]:
        """Return the shards of a data set with a module's prefix: for checks, not as inputs."""
        return [f"{self.paths.results}/{data.name}/frames/{shard}.h5" for shard in range(data.shards)]

    def has_frames(self, data: DataSet) -> bool:
        """Return whether the list and all shards of a data set exist."""
        return all(map(os.path.exists, [*self.stored_shards(data), f"{self.paths.results}/{data.name}/videos.csv"]))
