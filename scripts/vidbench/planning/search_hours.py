"""Hours of the trials of a search: what is left of a whole training's where seconds or rungs limit it."""

from dataclasses import replace
from typing import TYPE_CHECKING

from vidbench.planning.stopwatch import Spent
from vidbench.workflow.run import Run

if TYPE_CHECKING:
    from vidbench.planning.hours import Work


def limit_trial(run: Run, work: "Work") -> "Work":
    """Return the work of a model's trainings; of a searched one's trials what they take in the first rung."""
    if not run.is_searched(run.models_of_trials.get(work.model, "")):
        return work
    return _take(_within_seconds(run, work), run.budget.share(1))


def estimate_later_rungs(run: Run, work: "Work", model: str) -> "Work":
    """Return the work of all rungs of a searched model but the first; `work`: whole trainings of one of its trials."""
    budget = run.budget
    shares = [budget.share(rung) for rung in range(1, budget.num_rungs + 1)]
    added = sum(size * (shares[rung] - shares[rung - 1]) for rung, size in enumerate(budget.sizes) if rung)
    taken = _take(_within_seconds(run, work), added)
    return replace(taken, rule="continue_trial", model=model, jobs=work.jobs * sum(budget.sizes[1:]))


def _within_seconds(run: Run, work: "Work") -> "Work":
    """Return whole trainings that plan their epochs in the seconds that they have, where these are limited."""
    seconds = run.budget.trial_seconds
    return work if seconds is None else _take(work, seconds * work.jobs / max(work.spent.seconds, 1e-9))


def _take(work: "Work", part: float) -> "Work":
    spent = Spent(work.spent.seconds * part, work.spent.cpu_seconds * part)
    return replace(work, spent=spent, operations=work.operations * part)
