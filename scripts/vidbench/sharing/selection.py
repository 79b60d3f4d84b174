"""Which model of a data set is shared, and which of its trainings: chosen without a look at the test."""

from dataclasses import dataclass
from pathlib import Path

from vidbench.baselines.options import ZERO_SHOT
from vidbench.errors import UserError, did_you_mean
from vidbench.evaluation.tables import ModelSummary
from vidbench.formatting import known
from vidbench.report.dataset_results import DatasetResults, Row
from vidbench.sharing.files import WEIGHTS


@dataclass(frozen=True)
class Selection:
    """A model, and the training whose weights are shared."""

    summary: ModelSummary
    training: Row  # of comparison.csv
    folder: Path  # of the training
    others: int  # sound trainings of the model beside this one

    @property
    def name(self) -> str:
        """The training in words: 'fold1, seed 0'."""
        return f"{self.training['split']}, seed {self.training['seed']}"


def select(folder: Path, results: DatasetResults, model: str | None, split: str | None, seed: int | None) -> Selection:
    """Select a model, the best that has weights by default, and one of its trainings.

    Of the trainings that did not diverge: those of `split`, the first by default; of these the one with the highest
    validation accuracy, the first among equal ones. `folder`: results/{dataset}. UserError where there is none.
    """
    summary = _select_model(results, model)
    rows = [row for row in results.runs if row["model"] == summary.model]
    sound = [row for row in rows if row["status"] == "ok"]
    if not sound:
        raise UserError(f"{folder}: {summary.model} diverged in each training; share another model")
    fitting = [row for row in sound if row["split"] == (split or sound[0]["split"])]
    fitting = [row for row in fitting if seed is None or row["seed"] == str(seed)]
    if not fitting:
        trained = ", ".join(f"{row['split']} seed {row['seed']}" for row in sound[:6])
        raise UserError(f"{folder}: {summary.model} has no sound training of that split and seed; there are {trained}")
    best = max(fitting, key=lambda row: float(row["val_top1"]) if known(row["val_top1"]) else -1.0)
    path = folder / best["split"] / summary.model / f"seed{best['seed']}"
    if not (path / WEIGHTS).exists():
        raise UserError(f"{path / WEIGHTS}: is not there any more; `snakemake {path / WEIGHTS}` trains it again")
    return Selection(summary, best, path, len(sound) - 1)


def has_weights(row: ModelSummary) -> bool:
    """Return whether a model leaves weights to be taken away; a fitted baseline does not."""
    return row.baseline in ("", ZERO_SHOT)


def _select_model(results: DatasetResults, model: str | None) -> ModelSummary:
    """Return the row of a model by its name, or that of the best one with weights."""
    with_weights = [row for row in results.sound if has_weights(row)]
    if model is None:
        if not with_weights:
            raise UserError(f"{results.name}: all models are baselines, which have no weights; add a model to the run")
        return with_weights[0]
    if model not in results.models:
        raise UserError(f"share.model: there is no '{model}' on {results.name}, {did_you_mean(model, results.models)}")
    row = next(row for row in results.summary if row.model == model)
    if not has_weights(row):
        raise UserError(
            f"share.model: {model} is a baseline ({row.baseline}), which has no weights to share;"
            f" name a trained model: {', '.join(row.model for row in with_weights) or 'there is none'}"
        )
    return row
