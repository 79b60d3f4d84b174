"""The trials of a swept model: what each reaches on the validation videos, and which one is chosen."""

import json
import math
import statistics
from collections.abc import Mapping
from pathlib import Path

from vidbench.errors import UserError
from vidbench.evaluation.runs import Run

DIGITS = 12  # means of equal numbers in another order may differ behind these


def trial_rows(folder: Path, trials: Mapping[str, dict], seeds: list[int]) -> list[dict[str, object]]:
    """One row per trial, with its settings; exactly one is `chosen`. UserError where none can be."""
    rows = [{"trial": trial, **as_text(settings), **score(folder / trial, seeds)} for trial, settings in trials.items()]
    best = max(rows, key=lambda row: (row["status"] == "ok", row["val_top1"], -row["val_loss"]))
    if best["status"] == "ok" and not math.isfinite(best["val_loss"]):
        raise UserError(f"{folder}: no trial has finished an epoch with a finite loss; sweep other settings")
    return [row | {"chosen": row is best} for row in rows]


def score(folder: Path, seeds: list[int]) -> dict[str, object]:
    """Mean and spread over seeds of one trial's accuracy, and means of its loss and of the epochs it was trained."""
    runs = [Run(folder / f"seed{seed}") for seed in seeds]
    histories, states = [run.history() for run in runs], {run.json("options.json").get("status", "ok") for run in runs}
    top1, losses = zip(*map(best_epoch, histories), strict=True)
    return {
        "val_top1": round(statistics.fmean(top1), DIGITS),
        "val_top1_sd": round(statistics.stdev(top1), DIGITS) if len(top1) > 1 else "",
        "val_top1_low": min(top1),
        "val_top1_high": max(top1),
        "val_loss": round(statistics.fmean(losses), DIGITS),
        "epochs": statistics.fmean(map(len, histories)),
        "num_seeds": len(seeds),
        "status": min(states),  # diverged comes before ok
    }


def best_epoch(history: list[dict[str, float]]) -> tuple[float, float]:
    """Validation accuracy and loss of the epoch whose weights were kept; (0, inf) where none has a finite loss."""
    finite = [(row["val_top1"], -row["val_loss"]) for row in history if math.isfinite(row["val_loss"])]
    top1, loss = max(finite, default=(0.0, -math.inf))
    return top1, -loss


def as_text(settings: dict[str, object]) -> dict[str, str]:
    """Settings as they would stand in a config."""
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in settings.items()}
