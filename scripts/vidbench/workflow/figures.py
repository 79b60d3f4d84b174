"""Functions of rules/figures.smk: the figures of a data set, and the inputs of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vidbench.datasets import fractions
from vidbench.plotting.catalogue import CATALOGUE, Figure
from vidbench.workflow.run import DataSet, Run

InputFunction = Callable[[Any], list[str]]  # of wildcards


@dataclass(frozen=True)
class RunProperties:
    """Properties of a run and a data set that some figures depend on: `when` of the catalogue names a field."""

    has_sweep: bool
    has_fractions: bool
    has_activation_maps: bool
    has_motion_test: bool
    has_several_views: bool
    has_leak_check: bool
    labels: str = "single"  # "multi" where a video may have several

    @classmethod
    def of(
        cls,
        swept: Sequence[str],
        splits: Iterable[str],
        explained_videos: int,
        shuffles: int,
        clips: Iterable[Mapping[str, Any]],
        leak_check: bool,
        labels: str = "single",
    ) -> RunProperties:
        """`swept`: models with a sweep; `splits`: fractions included; `clips`: those sections of the run's models."""
        return cls(
            has_sweep=bool(swept),
            has_fractions=any(map(fractions.is_variant, splits)),
            has_activation_maps=explained_videos > 0,
            has_motion_test=shuffles > 0,
            has_several_views=any(clip["views"] * clip["crops"] > 1 for clip in clips),
            has_leak_check=leak_check,
            labels=labels,
        )

    @classmethod
    def of_data_set(cls, run: Run, data: DataSet) -> RunProperties:
        """Return the properties of a data set of a run."""
        clips = [data.options(model)["clip"] for model in run.models]
        entry = data.entry
        leak_check, labels = entry["leak_check"], entry["labels"]
        return cls.of(run.swept, data.split_names, run.explained, run.shuffles, clips, leak_check, labels)


def drawn_figures(properties: RunProperties) -> dict[str, Figure]:
    """Return the figures of the catalogue that a data set of a run has, by name."""
    return {
        name: figure
        for name, figure in CATALOGUE.items()
        if figure.labels in (properties.labels, "any") and (not figure.when or getattr(properties, figure.when))
    }


@dataclass(frozen=True)
class FigureRules:
    """Input, output and params functions; one instance per reading of the Snakefile."""

    formats: Sequence[str]  # of the files beside SVG
    swept: Sequence[str]  # models of the run with a sweep
    full_splits: Callable[[str], list[str]]  # of a data set
    properties: Callable[[str], RunProperties]  # of a data set
    runs: Callable[[str], InputFunction]  # a file of every run of the full splits
    first_runs: Callable[[str], InputFunction]  # a file of each model's first run
    shards: InputFunction  # of the frame store
    split_files: InputFunction  # of the full splits

    @classmethod
    def of(cls, run: Run, files: Any) -> FigureRules:
        """Return those of a run; `files`: its Files, not imported here, as they need Snakemake and a plan has none."""
        return cls(
            formats=run.general["report"]["formats"],
            swept=run.swept,
            full_splits=lambda name: run.data(name).full_splits,
            properties=lambda name: RunProperties.of_data_set(run, run.data(name)),
            runs=files.of_full_runs,
            first_runs=files.of_first_runs,
            shards=files.shards,
            split_files=files.splits,
        )

    def inputs(self, figure: Figure) -> dict[str, str | InputFunction]:
        """Return the named inputs of a figure's rule, as patterns or input functions."""
        files = {"frames": self.shards, "splits": self.split_files, "trials": self.trial_tables}
        named: dict[str, str | InputFunction] = {
            table: f"results/{{dataset}}/{table}.csv" for table in figure.tables
        } | {name: files[name] for name in figure.files}
        if figure.runs:
            named["runs"] = self.runs(figure.runs)
        if figure.first_runs:
            named["runs"] = self.first_runs(figure.first_runs)
        return named

    def flags(self, wildcards: Any, input: Mapping[str, str | Sequence[str]]) -> list[str]:
        """Params function: all inputs but the script, by their names, e.g. ["--class-scores", FILE]."""
        flags: list[str] = []
        for name, files in input.items():
            if name != "script":
                flags += [f"--{name.replace('_', '-')}", *([files] if isinstance(files, str) else files)]
        return flags

    def outputs(self, name: str, dataset: str = "{dataset}") -> list[str]:
        """Return the files of a figure: SVG and the formats that the config names."""
        return [f"results/{dataset}/figures/{name}.{kind}" for kind in ("svg", *self.formats)]

    def trial_tables(self, wildcards: Any) -> list[str]:
        """Tables of the trials of the run's swept models, one per split and model."""
        return [
            f"results/{wildcards.dataset}/{split}/{model}/trials.csv"
            for split in self.full_splits(wildcards.dataset)
            for model in self.swept
        ]

    def all_files(self, wildcards: Any) -> list[str]:
        """Files of all figures of a data set."""
        drawn = drawn_figures(self.properties(wildcards.dataset))
        return [path for name in drawn for path in self.outputs(name, wildcards.dataset)]

    def data_files(self, wildcards: Any) -> list[str]:
        """SVG files of a data set's figures that need no model."""
        drawn = drawn_figures(self.properties(wildcards.dataset))
        return [self.outputs(name, wildcards.dataset)[0] for name, figure in drawn.items() if figure.of_data]
