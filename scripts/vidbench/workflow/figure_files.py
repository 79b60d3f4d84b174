"""Functions of rules/figures.smk, and its names of what stands in files.py: figures of data sets, and their files."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from vidbench.workflow.files import Files, InputFunction
from vidbench.workflow.run import DataSet, Run

FIGURES = (
    "comparison", "pairwise", "cost", "learning_curves", "per_class", "confusion", "calibration", "selective",
    "confused_pairs", "confident_errors", "error_overlap", "difficulty",
)  # fmt: skip


@dataclass(frozen=True)
class FigureFiles:
    """Input functions; an instance for each time that the Snakefile is read."""

    run: Run
    files: Files

    def names(self) -> dict[str, Callable]:
        """The functions by the names that rules/figures.smk calls them by."""
        return {
            "figure_files": self.outputs,
            "all_figures": self.all_files,
            "trial_tables": self.trial_tables,
            "run_files": self._of_runs,
            "full_splits": self._full_splits,
            "first_run_files": self.files.of_first_runs,
            "split_files": self.files.splits,
            "shards": self.files.shards,
        }

    def outputs(self, figure: str, dataset: str = "{dataset}") -> list[str]:
        """Files of a figure: SVG and the formats that the config names."""
        kinds = ("svg", *self.run.general["report"]["formats"])
        return [f"results/{dataset}/figures/{figure}.{kind}" for kind in kinds]

    def all_files(self, wildcards: Any) -> list[str]:
        """Files of all figures of a data set."""
        data = self.run.data(wildcards.dataset)
        figures = [*FIGURES, *self._of_run(data), *self._of_data(data)]
        return [path for figure in figures for path in self.outputs(figure, data.name)]

    def data_files(self, wildcards: Any) -> list[str]:
        """Files of the figures that need no model."""
        figures = self._of_data(self.run.data(wildcards.dataset))
        return [f"results/{wildcards.dataset}/figures/{figure}.svg" for figure in figures]

    def trial_tables(self, wildcards: Any) -> list[str]:
        """The trials of the run's swept models, a table per split."""
        splits = self.run.data(wildcards.dataset).full_splits
        return [
            f"results/{wildcards.dataset}/{split}/{model}/trials.csv" for split in splits for model in self.run.swept
        ]

    @staticmethod
    def _of_data(data: DataSet) -> list[str]:
        return ["inspection", *(["duplicates"] if data.entry["leak_check"] else [])]

    def _of_run(self, data: DataSet) -> list[str]:
        only_where = {
            "trials": bool(self.run.swept),
            "accuracy_by_data": data.split_names != data.full_splits,
            "activations": self.run.explained > 0,
            "motion_use": self.run.shuffles > 0,
            "ladder": data.has_several_views,
        }
        return [figure for figure, wanted in only_where.items() if wanted]

    def _of_runs(self, name: str, of_splits: Callable) -> InputFunction:
        return self.files.of_full_runs(name)

    def _full_splits(self, name: str) -> list[str]:
        return self.run.data(name).full_splits
