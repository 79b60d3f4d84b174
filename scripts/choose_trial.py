"""Choose one of the trials of a swept model, by its accuracy on the validation videos of one split.

Example:
    python scripts/choose_trial.py --trials '{"cnn3d-width4": {"width": 4}, "cnn3d-width8": {"width": 8}}' \\
        --seeds 0 1 --folder results/motion/split1 --output results/motion/split1/cnn3d/trials.csv

A trial's accuracy is that of its best epoch, mean over seeds; at a tie the lower validation loss wins, then the first
trial. One that has diverged with some seed is taken only where all have: the model is then listed as diverged, as one
without a sweep would be. No prediction for a test video is read.
"""

import json
import math
import statistics
from pathlib import Path

from vidbench import cli
from vidbench.errors import UserError
from vidbench.evaluation.runs import Run
from vidbench.files import write_csv
from vidbench.sweeps import SCORES

DIGITS = 12  # means of equal numbers in another order may differ behind these


def main() -> None:
    parser = cli.parser(__doc__)
    parser.add_argument("--trials", type=cli.options, required=True, help="trials and their settings, JSON or a file")
    parser.add_argument("--seeds", type=int, nargs="+", required=True)
    parser.add_argument("--folder", type=Path, required=True, help="results/{dataset}/{split}, which holds the trials")
    parser.add_argument("--output", type=Path, required=True, help="trials.csv to write, a row a trial")
    arguments = parser.parse_args()
    rows = [
        {"trial": trial, **as_text(settings), **score(arguments.folder / trial, arguments.seeds)}
        for trial, settings in arguments.trials.items()
    ]
    best = max(rows, key=lambda row: (row["status"] == "ok", row["val_top1"], -row["val_loss"]))
    if best["status"] == "ok" and not math.isfinite(best["val_loss"]):
        raise UserError(f"{arguments.folder}: no trial has finished an epoch with a finite loss; sweep other settings")
    for row in rows:
        row["chosen"] = row is best
    keys = list(dict.fromkeys(key for settings in arguments.trials.values() for key in settings))
    write_csv(arguments.output, rows, ("trial", *keys, *SCORES))
    print(f"{best['trial']}: validation top-1 {best['val_top1']:.3f}, the best of {len(rows)} trials")


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


if __name__ == "__main__":
    cli.run(main)
