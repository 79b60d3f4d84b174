"""A finished training, from the files in its folder: its history, its scores on the test videos, what it took."""

from pathlib import Path

from vidbench.files import read_csv, read_json
from vidbench.tracking.tracked_run import Table, Values

SCORES = (
    *("top1", "top5", "mean_class_accuracy", "macro_f1", "mean_average_precision", "log_loss", "brier", "ece"),
    *("micro_f1", "exact_match", "num_videos"),  # the first two where a video may have several labels
)
OF_CLASSES = {"class_accuracy": "accuracy", "average_precision": "average precision"}  # the second of several labels
TIMES = ("train_seconds", "train_gpu_joules", "train_cpu_joules")


def read_history(folder: Path) -> list[dict[str, float]]:
    """Return the rows of history.csv, one per epoch."""
    return [{key: float(value) for key, value in row.items()} for row in read_csv(folder / "history.csv")]


def read_scores(folder: Path) -> tuple[Values, Table]:
    """Return scores and times by name, and the final table: these, and the score of each class."""
    metrics, time = read_json(folder / "metrics.json"), read_json(folder / "training_time.json")
    found = {f"test_{name}": metrics.get(name) for name in SCORES} | {name: time.get(name) for name in TIMES}
    scores = {name: float(value) for name, value in found.items() if isinstance(value, int | float)}
    classes = [
        (f"test {words} of {label}", value)
        for name, words in OF_CLASSES.items()
        for label, value in metrics.get(name, {}).items()
    ]
    return scores, [*scores.items(), *((name, float(value)) for name, value in classes if value is not None)]


def run_path(folder: Path, record: dict) -> Path:
    """Return dataset/split/model/seed; of a swept model the run is that of its selected trial.

    A trial that goes on in a later rung of successive halving has a run in each.
    """
    parts = folder.absolute().parts
    if parts[-3].startswith("rung"):
        dataset, split, model, rung, place, seed = parts[-6:]
        return Path(dataset, split, f"{model} {rung} place {place}", seed)
    dataset, split, model, seed = parts[-4:]
    return Path(dataset, split, record.get("trial") or model, seed)
