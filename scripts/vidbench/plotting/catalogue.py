"""Every figure of the page: its title, its part of the page, the files it is drawn from. Imports no matplotlib.

Figure NAME is drawn by scripts/plot_NAME.py and explained by report/NAME.rst. A figure may also be one file alone,
whose line `FIGURE = {...}` has the fields of a Figure and its caption (docs/extending.md).
"""

from dataclasses import dataclass
from pathlib import Path

from vidbench.declared import declared
from vidbench.errors import UserError


@dataclass(frozen=True)
class Figure:
    """A figure of each data set. Each input is a flag of its script: --NAME for tables, --runs for files of runs."""

    title: str  # its heading on the page
    part: str  # the section of the page
    tables: tuple[str, ...] = ()  # CSV files of results/{dataset}/
    runs: str = ""  # a file of every run of the full splits
    first_runs: str = ""  # a file of each model's first run, instead of `runs`
    files: tuple[str, ...] = ()  # further inputs: frames, splits, trials
    when: str = ""  # a field of workflow.figures.RunProperties; "": in every run
    of_data: bool = False  # needs no model: drawn before any is trained, and for the target `doctor`
    label: str = ""  # in Snakemake's own report; "": the figure's name
    labels: str = "single"  # data sets that have it: "single", one label per video, "multi", several, or "any"
    caption: str = ""  # of a figure that is one file; the others have report/NAME.rst


CATALOGUE = {
    "comparison": Figure("Accuracy of each model", "comparison", ("comparison", "summary")),
    "pairwise": Figure("Differences between models", "pairs", ("summary", "pairwise")),
    "motion_use": Figure("Accuracy without the order of frames", "motion", ("motion_use",), when="has_motion_test"),
    "cost": Figure("Accuracy against cost", "cost", ("comparison", "summary")),
    "ladder": Figure(
        "Test-time views", "protocol", ("ladder",), when="has_several_views", label="protocol ladder"
    ),
    "learning_curves": Figure("Learning curves", "training", runs="history.csv", labels="any"),
    "per_class": Figure("Accuracy of each class", "errors", ("class_scores",)),
    "confusion": Figure("Confusion matrices", "errors", runs="metrics.json"),
    "calibration": Figure("Calibration", "errors", ("scores", "calibration")),
    "selective": Figure(
        "Selective accuracy (risk-coverage)", "errors", ("scores", "selective"), label="selective accuracy"
    ),
    "activations": Figure(
        "Activation maps over time", "explanations", ("summary",), first_runs="activations.h5",
        when="has_activation_maps", label="activation maps",
    ),
    "confused_pairs": Figure(
        "Confused pairs of classes", "errors", ("confused_pairs",), files=("frames",), label="confused classes"
    ),
    "confident_errors": Figure("The most confident errors", "errors", ("errors",), files=("frames",)),
    "label_issues": Figure(
        "Videos with suspicious labels", "labels", ("label_issues",), files=("frames",), label="labels to check"
    ),
    "error_overlap": Figure(
        "Errors in common, and ensembles", "errors", ("overlap", "ensembles"), label="errors in common"
    ),
    "difficulty": Figure(
        "Accuracy by duration and motion", "errors", ("accuracy_by_difficulty",), label="accuracy by difficulty"
    ),
    "accuracy_by_data": Figure(
        "Accuracy by training videos", "training", ("accuracy_by_data", "data_forecast"), when="has_fractions"
    ),
    "trials": Figure("Trials", "training", files=("trials",), when="has_sweep"),
    "label_precision": Figure(
        "Average precision of each label", "errors", ("label_scores",), labels="multi", label="average precision"
    ),
    "cooccurrence": Figure("Labels given and labels right", "errors", ("label_cooccurrence",), labels="multi"),
    "label_calibration": Figure(
        "Calibration of the labels", "errors", ("label_calibration",), labels="multi", label="calibration of labels"
    ),
    "inspection": Figure("The videos", "data", ("videos", "inspection"), of_data=True, labels="any"),
    "duplicates": Figure(
        "Near-duplicate videos", "data", ("duplicates", "videos"), files=("frames", "splits"),
        when="has_leak_check", of_data=True, labels="any",
    ),
}  # fmt: skip
SCRIPTS = Path(__file__).resolve().parents[2]


def _add_figures() -> None:
    """Add the figures of scripts that describe them, which are found by being there."""
    files = [path for path in SCRIPTS.glob("plot_*.py") if path.stem.removeprefix("plot_") not in CATALOGUE]
    for stem, fields in declared(files, "FIGURE").items():
        try:
            CATALOGUE[stem.removeprefix("plot_")] = Figure(**fields)
        except TypeError as error:
            raise UserError(f"scripts/{stem}.py: FIGURE: {error}; plotting/catalogue.py has the fields") from error


_add_figures()
