"""What the choice of a trial is worth, and what it took: the content of choice.json."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from vidbench.evaluation.optimism import Estimate, estimate
from vidbench.evaluation.trial_answers import read_answers


def describe_choice(folder: Path, rows: Sequence[dict[str, Any]], seeds: Sequence[int]) -> dict[str, object]:
    """Return the chosen trial, the numbers of trials and epochs, and the estimate of its accuracy on new videos.

    `folder`: of the split; `rows`: as trial_rows() makes them. A trial that was stopped at an early rung counts in the
    estimate with the epochs that it had.
    """
    best = next(row for row in rows if row["chosen"])
    found = _estimate(folder, [row for row in rows if row["status"] == best["status"]], seeds)
    return {
        "trial": best["trial"],
        "trials": len(rows),
        "rung": best["rung"],  # below `rungs` where all that went on diverged
        "rungs": max(row["rung"] for row in rows),
        "epochs": round(sum(row["epochs"] * row["num_seeds"] for row in rows)),
        "seeds": len(seeds),
        "val_top1": best["val_top1"],
        "optimism": None if found is None else best["val_top1"] - found.top1,
        "estimate": None if found is None else asdict(found),
    }


def _estimate(folder: Path, rows: Sequence[dict[str, Any]], seeds: Sequence[int]) -> Estimate | None:
    """Return the estimate; None where the answers of a trial are not known, or there are too few groups."""
    answers = [[read_answers(folder / row["folder"] / f"seed{seed}") for seed in seeds] for row in rows]
    known = [[one for one in of_trial if one is not None] for of_trial in answers]
    complete = [of_trial for of_trial in known if len(of_trial) == len(seeds)]
    return estimate(complete) if len(complete) == len(rows) else None
