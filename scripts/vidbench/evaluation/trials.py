"""The trials of a swept model: the validation accuracy of each, and the selection of one."""

import json
import math
import statistics
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from vidbench.errors import UserError
from vidbench.evaluation.rungs import Stage
from vidbench.evaluation.runs import Run

DIGITS = 12  # means of the same numbers in another order may differ beyond these


@dataclass(frozen=True)
class TrialScore:
    """A trial's results on the validation videos: means over seeds of its best epoch, and their spread."""

    val_top1: float
    val_top1_sd: float | None  # None with one seed
    val_top1_low: float
    val_top1_high: float
    val_loss: float
    epochs: float
    num_seeds: int
    status: str  # diverged, if a training with any seed did, or ok

    @property
    def rank(self) -> tuple[bool, float, float]:
        """Key for comparing trials, larger for a better one: not diverged, then by accuracy, then by loss."""
        return self.status == "ok", self.val_top1, -self.val_loss


def trial_rows(
    folder: Path, trials: Mapping[str, dict], seeds: list[int], stages: Mapping[str, Stage] | None = None
) -> list[dict[str, object]]:
    """Return one row per trial, with its settings; exactly one is `chosen`. UserError where none can be.

    `stages`: how far each trial has come with successive halving. The chosen one is of the last rung that has a trial
    which did not diverge, or of the last one where all did.
    """
    stages = stages or {trial: Stage(1, trial) for trial in trials}
    scores = {trial: read_score(folder / stages[trial].folder, seeds) for trial in trials}
    sound = [trial for trial in trials if scores[trial].status == "ok"] or list(trials)
    last = max(stages[trial].rung for trial in sound)
    best = max((trial for trial in sound if stages[trial].rung == last), key=lambda trial: scores[trial].rank)
    if scores[best].status == "ok" and not math.isfinite(scores[best].val_loss):
        raise UserError(f"{folder}: no trial has finished an epoch with a finite loss; sweep other settings")
    return [
        {"trial": trial, **as_text(settings), **asdict(scores[trial]), "chosen": trial == best} | asdict(stages[trial])
        for trial, settings in trials.items()
    ]


def read_score(folder: Path, seeds: list[int]) -> TrialScore:
    """Read the score of one trial from its runs, one per seed."""
    runs = [Run(folder / f"seed{seed}") for seed in seeds]
    histories = [run.history() for run in runs]
    top1, losses = zip(*map(best_epoch, histories), strict=True)
    return TrialScore(
        val_top1=round(statistics.fmean(top1), DIGITS),
        val_top1_sd=round(statistics.stdev(top1), DIGITS) if len(top1) > 1 else None,
        val_top1_low=min(top1),
        val_top1_high=max(top1),
        val_loss=round(statistics.fmean(losses), DIGITS),
        epochs=statistics.fmean(map(len, histories)),
        num_seeds=len(seeds),
        status=min(run.json("options.json").get("status", "ok") for run in runs),  # diverged comes before ok
    )


def best_epoch(history: list[dict[str, float]]) -> tuple[float, float]:
    """Return validation accuracy and loss of the best epoch; (0, inf) where no epoch has a finite loss."""
    finite = [(row["val_top1"], -row["val_loss"]) for row in history if math.isfinite(row["val_loss"])]
    top1, loss = max(finite, default=(0.0, -math.inf))
    return top1, -loss


def as_text(settings: dict[str, object]) -> dict[str, str]:
    """Return the settings as they would be written in a config."""
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in settings.items()}
