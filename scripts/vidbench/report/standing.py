"""Who is best, who is tied with it, whose training went wrong: what the tables say of each model."""

from vidbench.report.evidence import Evidence, Row
from vidbench.wording import known

LEVEL = 0.05


def diverged(evidence: Evidence) -> dict[str, tuple[int, int]]:
    """Of each model with a training that diverged: how many did, of how many."""
    runs: dict[str, list[bool]] = {}
    for row in evidence.runs:
        runs.setdefault(row["model"], []).append(row["status"] != "ok")
    return {model: (sum(bad), len(bad)) for model, bad in runs.items() if any(bad)}


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
    """best, tied, behind, unknown (too few groups) or diverged of each model.

    The best is the best of those that did not diverge: a diverged model that scores higher tells nobody apart.
    """
    rows, bad = sound(evidence), diverged(evidence)
    models = [row["model"] for row in rows]
    found = {model: "diverged" for model in bad if model not in models}
    if not known(rows[0]["top1_low"]):
        return found | dict.fromkeys(models, "unknown")
    told = (_told if len(rows) == len(evidence.summary) else _computed)(evidence, rows)
    tied = [model for model in models if model not in told]
    return found | {model: "behind" if model in told else "best" if len(tied) == 1 else "tied" for model in models}


def _told(evidence: Evidence, rows: list[Row]) -> set[str]:
    """Models that summary.csv says are behind."""
    return {row["model"] for row in rows if row["tied_with_best"] == "False"}


def _computed(evidence: Evidence, rows: list[Row]) -> set[str]:
    """Models that a test tells apart from one of `rows` that scores higher, p times their number less one."""
    place = {row["model"]: number for number, row in enumerate(rows)}
    behind = set()
    for pair in evidence.pairwise:
        a, b, p = pair["model_a"], pair["model_b"], pair["p_value"]
        if a in place and b in place and known(p) and float(p) * (len(rows) - 1) <= LEVEL:
            behind.add(max(a, b, key=place.__getitem__))
    return behind
