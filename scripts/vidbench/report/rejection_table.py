"""The table of bounds beyond which a video counts as of no known class, and what they cost."""

from pathlib import Path
from statistics import mean

from vidbench.evaluation.rejection import read_bounds
from vidbench.files import read_json
from vidbench.formatting import percent
from vidbench.report.dataset_results import DatasetResults
from vidbench.report.table import NONE, Cell, Column, Table, filled, percents


def rejection(results: DatasetResults, folder: Path) -> Table | None:
    """Return one row per model, of means over its trainings; None where all were scored before there were bounds."""
    by_model: dict[str, list[dict]] = {model: [] for model in results.models}
    for run in results.runs:
        metrics = read_json(folder / run["split"] / run["model"] / f"seed{run['seed']}" / "metrics.json")
        if run["model"] in by_model and "max_entropy" in (scores := metrics.get("rejection") or {}):
            by_model[run["model"]].append(scores)
    scored = [scores for rows in by_model.values() for scores in rows]
    if not scored:
        return None
    columns = [
        (Column("model", "text"), [Cell(model) for model in by_model]),
        (Column("entropy up to (nats)", help="of the calibrated probabilities"), _mean_entropies(by_model)),
        (Column("answered (%)", help="share of the test videos up to it"), _means(by_model, "answered")),
        (Column("top-1 of those (%)"), _means(by_model, "accuracy")),
    ]
    notes = [
        "A video whose probabilities have a higher entropy counts as of none of the classes"
        f" (scripts/classify_videos.py --unknown). By the validation videos, {percent(scored[0]['kept'], 0)} of new"
        " videos of the classes are kept; the test videos had no part in it."
    ]
    if any(scores["warning"] and _has_bound(scores) for scores in scored):
        notes.append("Some bounds are from few validation videos, so they may keep more or fewer others.")
    if not all(map(_has_bound, scored)):
        notes.append("A training with too few validation videos has no bound; it is left out of the means.")
    return filled("rejection", f"Answering only where the model is sure on {results.name}", columns, notes=notes)


def _mean_entropies(by_model: dict[str, list[dict]]) -> list[Cell]:
    cells = []
    for rows in by_model.values():
        numbers = [scores["max_entropy"] for scores in rows if _has_bound(scores)]
        without = "none" if rows else NONE
        cells.append(Cell(f"{mean(numbers):.3f}", mean(numbers)) if numbers else Cell(without))
    return cells


def _means(by_model: dict[str, list[dict]], key: str) -> list[Cell]:
    values = [
        [scores[key] for scores in rows if _has_bound(scores) and scores[key] is not None] for rows in by_model.values()
    ]
    return [percents(mean(numbers)) if numbers else Cell(NONE) for numbers in values]


def _has_bound(scores: dict) -> bool:
    return read_bounds(scores)[0] is not None
