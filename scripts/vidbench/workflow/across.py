"""Functions of rules/across.smk: the comparison of all models over several data sets."""

from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from vidbench.errors import UserError
from vidbench.plotting.across_catalogue import FOLDER, AcrossFigure
from vidbench.workflow.across_figures import across_figures, compared_datasets
from vidbench.workflow.evaluate import EvaluateRules
from vidbench.workflow.files import Files, InputFunction
from vidbench.workflow.run import Run

TABLES = ("models.csv", "pairs.csv", "accuracies.csv", "summary.json")


@dataclass(frozen=True)
class AcrossRules:
    """Input, params and resource functions; one instance per reading of the Snakefile."""

    run: Run
    files: Files
    evaluate: EvaluateRules

    @classmethod
    def of(cls, run: Run, files: Files, evaluate: EvaluateRules) -> "AcrossRules":
        """Return those of a run; UserError where a data set's folder would be that of these tables."""
        if len(run.datasets) > 1 and FOLDER in [data.name for data in run.datasets]:
            raise UserError(
                f"config: datasets.{FOLDER}: results/{FOLDER}/ holds what compares data sets; choose another name"
            )
        return cls(run, files, evaluate)

    def of_each(self, files: str | InputFunction) -> list[str]:
        """Return a pattern with {dataset}, or the files of an input function, for every data set that is compared."""
        return self.files.for_datasets(files, compared_datasets(self.run))

    @property
    def all_tables(self) -> list[str]:
        """The tables that compare_data_sets writes."""
        return [f"results/{FOLDER}/{name}" for name in TABLES]

    @property
    def tables(self) -> list[str]:
        """The same of this run: none where it has one data set, or one with one label per video."""
        return self.all_tables if len(compared_datasets(self.run)) > 1 else []

    @property
    def figures(self) -> list[str]:
        """Files of the figures of this run."""
        return [path for name in across_figures(self.run) for path in self.figure_files(name)]

    def figure_files(self, name: str) -> list[str]:
        """Files of a figure: SVG and the formats that the config names."""
        return [f"results/{FOLDER}/figures/{name}.{kind}" for kind in ("svg", *self.run.general["report"]["formats"])]

    def figure_inputs(self, figure: AcrossFigure) -> dict[str, str]:
        """Return the named inputs of a figure's rule."""
        return {name.partition(".")[0]: f"results/{FOLDER}/{name}" for name in figure.tables}

    def flags(self, wildcards: Any, input: Any) -> list[str]:
        """Params function of a figure: all inputs but the script, by their names, e.g. ["--models", FILE]."""
        return [part for name, path in input.items() if name != "script" for part in (f"--{name}", path)]

    def folders(self, wildcards: Any) -> list[str]:
        """Folders of the results of the run's data sets."""
        return self.of_each(f"{self.files.paths.results}/{{dataset}}")

    def folder(self, wildcards: Any) -> str:
        """Folder of the tables."""
        return f"{self.files.paths.results}/{FOLDER}"

    def page_argument(self, wildcards: Any) -> list[str]:
        """Argument with the folder of the tables, for the page of a run that has them."""
        return ["--across", self.folder(wildcards)] if self.tables else []

    def megabytes(self, wildcards: Any, attempt: int) -> int:
        """Memory of the comparison, which reads one data set after another."""
        needed: Sequence[int] = [
            self.evaluate.comparing_megabytes(SimpleNamespace(dataset=data.name), attempt)
            for data in compared_datasets(self.run)
        ]
        return max(needed)
