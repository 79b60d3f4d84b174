"""The model that the page shows where none is named, and the window of its timeline. Imports no torch."""

from pathlib import Path
from statistics import median

from vidbench.errors import UserError
from vidbench.files import read_csv
from vidbench.inference.model_file import WEIGHTS

SUMMARY = "summary.csv"  # of a data set: its models, the most accurate first
INSPECTION = "inspection.csv"  # of a data set: its videos, with their durations
WINDOW = 3.0  # seconds, where the durations of the videos are not known
MIN_WINDOW = 0.5  # seconds


def find_best_model(results: Path) -> Path:
    """Return the weights of the best model that the newest summary below `results` names and that is there.

    Where no model has been compared yet, the weights that were written last; UserError where there are none.
    """
    summaries = sorted(results.glob(f"*/{SUMMARY}"), key=_age)
    for summary in summaries:
        for row in read_csv(summary):
            weights = sorted(summary.parent.glob(f"*/{row.get('model', '')}/seed*/{WEIGHTS}"))
            if weights:  # a baseline has none
                return weights[0]
    weights = sorted(results.glob(f"*/*/*/seed*/{WEIGHTS}"), key=_age)
    if not weights:
        raise UserError(f"{results}: holds no trained model; name one (--model FILE), or train some (make run)")
    return weights[0]


def choose_window(weights: Path) -> float:
    """Return the seconds of a window: half of the videos that the model learned from the like of are no longer.

    By inspection.csv of the data set's results that the weights lie in, in the folder of a training or in `share`;
    WINDOW where they have been taken away from it.
    """
    parents = weights.resolve().parents
    inspection = next((path for parent in parents[1:4:2] if (path := parent / INSPECTION).is_file()), None)
    if inspection is None:
        return WINDOW
    durations = [float(row["duration"]) for row in read_csv(inspection) if row.get("duration")]
    middle = median([seconds for seconds in durations if seconds > 0] or [WINDOW])
    return max(MIN_WINDOW, round(middle, 1))


def _age(path: Path) -> tuple[float, Path]:
    return -path.stat().st_mtime, path
