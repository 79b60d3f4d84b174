"""Figures over all data sets of a run: their titles, and from which number of data sets on there is one.

Figure NAME is drawn by scripts/plot_NAME.py and explained by report/NAME.rst. Imports no matplotlib.
"""

from dataclasses import dataclass

from vidbench.evaluation.across_limits import MIN_DATA_SETS


@dataclass(frozen=True)
class AcrossFigure:
    """A figure of results/across/. Each table is a flag of its script: --NAME for NAME.csv or NAME.json there."""

    title: str
    tables: tuple[str, ...]
    data_sets: int = 2  # with fewer a run does not have it
    models: int = 1


FOLDER = "across"  # in results/, so no data set's name
ACROSS = {
    "across_accuracy": AcrossFigure("Accuracy on each data set", ("models.csv", "accuracies.csv")),
    "across_ranks": AcrossFigure(
        "Mean ranks and critical difference",
        ("models.csv", "accuracies.csv", "summary.json"),
        data_sets=MIN_DATA_SETS,
        models=2,
    ),
}
