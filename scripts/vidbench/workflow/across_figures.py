"""The figures over all data sets that a run has. Imports no Snakemake: the plan asks, too."""

from vidbench.plotting.across_catalogue import ACROSS, AcrossFigure
from vidbench.workflow.run import DataSet, Run


def compared_datasets(run: Run) -> list[DataSet]:
    """Return the data sets that are compared with each other: accuracies are of one label per video."""
    return [data for data in run.datasets if not data.multi]


def across_figures(run: Run) -> dict[str, AcrossFigure]:
    """Return the figures by name; none in a run over one data set."""
    data_sets, models = len(compared_datasets(run)), len(run.models) + len(run.baselines)
    return {name: figure for name, figure in ACROSS.items()
            if data_sets >= figure.data_sets and models >= figure.models}  # fmt: skip
