"""Functions of rules/share.smk: what a model's card is made from, and what the configuration wishes."""

from dataclasses import dataclass
from typing import Any

from vidbench.errors import UserError, did_you_mean
from vidbench.sharing.files import FILES
from vidbench.workflow.report import ReportRules
from vidbench.workflow.run import DataSet, Run

TABLES = ("calibration.csv",)  # beside those of the page


@dataclass(frozen=True)
class ShareRules:
    """Input and params functions; one instance per reading of the Snakefile."""

    run: Run
    report: ReportRules

    @classmethod
    def of(cls, run: Run, report: ReportRules) -> "ShareRules":
        """Return those of a run; UserError where `share` names what the run does not have."""
        wishes = run.general["share"]
        if wishes["model"] is not None and wishes["model"] not in (*run.models, *run.baselines):
            hint = did_you_mean(wishes["model"], run.models)
            raise UserError(f"config: share.model: '{wishes['model']}' is not among run.models, {hint}")
        if wishes["model"] in run.baselines:
            raise UserError(f"config: share.model: {wishes['model']} is a baseline, which has no weights; name a model")
        for name in wishes["data_licenses"]:
            if name not in run.config["datasets"]:
                hint = did_you_mean(name, run.config["datasets"])
                raise UserError(f"config: share.data_licenses: there is no data set '{name}', {hint}")
        return cls(run, report)

    @property
    def data_sets(self) -> list[DataSet]:
        """Data sets whose models are shared: those with one label per video, or all where there is none, to say so."""
        return [data for data in self.run.datasets if not data.multi] or self.run.datasets

    def tables(self, wildcards: Any) -> list[str]:
        """Return the tables of a data set that its card is made from, without the list of videos."""
        if self.run.data(wildcards.dataset).multi:
            raise UserError(
                f"share: {wildcards.dataset} has several labels per video, of which there is no card yet;"
                " docs/multi_label.md says what works"
            )
        return [*self.report.result_tables(wildcards), *(f"results/{wildcards.dataset}/{name}" for name in TABLES)]

    def outputs(self, wildcards: Any) -> list[str]:
        """Return the files of a data set's shared model."""
        return [f"results/{wildcards.dataset}/share/{name}" for name in FILES]

    def wishes(self, wildcards: Any) -> list[str]:
        """Return the arguments for what the configuration says of the model, and of its data set."""
        share = self.run.general["share"]
        values = {
            "--kind": self.run.data(wildcards.dataset).kind,
            "--model": share["model"],
            "--license": share["license"],
            "--data-license": share["data_licenses"].get(wildcards.dataset),
        }
        return [word for flag, value in values.items() if value for word in (flag, value)]
