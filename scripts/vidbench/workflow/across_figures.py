"""The figures over all data sets that a run has. Imports no Snakemake: the plan asks, too."""

from vidbench.plotting.across_catalogue import ACROSS, AcrossFigure
from vidbench.workflow.run import Run


def across_figures(run: Run) -> dict[str, AcrossFigure]:
    """Return the figures by name; none in a run over one data set."""
    data_sets, models = len(run.datasets), len(run.models) + len(run.baselines)
    return {name: figure for name, figure in ACROSS.items()
            if data_sets >= figure.data_sets and models >= figure.models}  # fmt: skip
