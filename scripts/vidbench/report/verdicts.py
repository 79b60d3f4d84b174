"""Who is best, who is tied with it, whose training went wrong: what the tables say of each model."""

from vidbench.report.dataset_results import Evidence, Row


def diverged(evidence: Evidence) -> dict[str, tuple[int, int]]:
    """Of each model with a training that diverged: how many did, of how many."""
    runs: dict[str, list[bool]] = {}
    for row in evidence.runs:
        runs.setdefault(row["model"], []).append(row["status"] != "ok")
    return {model: (sum(bad), len(bad)) for model, bad in runs.items() if any(bad)}


def share_of_trainings(bad: int, trainings: int) -> str:
    """'2 of 6 trainings', or 'its only training'."""
    return "its only training" if trainings == 1 else f"{bad} of {trainings} trainings"


def lacking(evidence: Evidence) -> dict[str, list[str]]:
    """Of each model that lacks a training which another one has: 'seed 1', or 'seed 1 of split2'."""
    several = len(evidence.splits) > 1
    wanted = sorted({(row["split"], int(row["seed"])) for row in evidence.runs})
    missing = {}
    for model in evidence.models:
        there = {(row["split"], int(row["seed"])) for row in evidence.runs if row["model"] == model}
        absent = [f"seed {seed}{f' of {split}' if several else ''}" for split, seed in wanted
                  if (split, seed) not in there]  # fmt: skip
        if absent:
            missing[model] = absent
    return missing


def sound(evidence: Evidence) -> list[Row]:
    """Rows of the summary, best first, of the models whose trainings went to their end; all where none did."""
    bad = diverged(evidence)
    return [row for row in evidence.summary if row["model"] not in bad] or evidence.summary


def verdicts(evidence: Evidence) -> dict[str, str]:
    """Verdict of each model, as compare_models.py gives it among those that did not diverge; else diverged."""
    bad = diverged(evidence)
    return {row["model"]: "diverged" if row["model"] in bad else row["verdict"] for row in evidence.summary}
