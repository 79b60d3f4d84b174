"""Checks of the searches of a run before any job: the rungs of halving, and whether all models get the same."""

from collections.abc import Iterator

from vidbench.errors import UserError
from vidbench.training.allowance import pause_epoch
from vidbench.workflow.run import DataSet, Run

# What a trial asks the cluster for, or reads: a job of a later rung asks for it before its trial is known.
SAME_IN_RUNGS = ("weights", "cached features", "training.gpus", "training.nodes", "training.threads")


def check_search(run: Run, data: DataSet) -> None:
    """Raise UserError where the trials of a run's searches cannot be trained within its budget."""
    for model in filter(run.is_searched, run.models):
        for trial in run.trials(model):
            if trial in run.models:
                raise UserError(f"config: run.models: {trial} is a trial of {model}; give the model another name")
        if run.later_rungs(model):
            _check_halving(run, data, model)


def _check_halving(run: Run, data: DataSet, model: str) -> None:
    """Check the trials of a model that are halved: rungs of more and more epochs, and all with the same jobs."""
    budget = run.budget
    for trial in run.trials(model):
        epochs = data.typed_options(trial).training.epochs
        pauses = [pause_epoch(budget.share(rung), epochs) for rung in range(1, budget.num_rungs + 1)]
        if budget.seconds is None and sorted(set(pauses)) != pauses:
            raise UserError(
                f"config: search: with {epochs} epochs the rungs of {model} on {data.name} would end after epochs"
                f" {', '.join(map(str, pauses))}, so some add nothing; raise training.epochs, or lower search.rungs"
            )
        for name, own, others in zip(SAME_IN_RUNGS, _jobs_of(data, trial), _jobs_of(data, model), strict=True):
            if own != others:
                raise UserError(
                    f"config: models.{model}.search: varies {name}, which method: halving cannot, as it plans its jobs"
                    " before it knows their trials; leave it out, or set search.method to random"
                )


def _jobs_of(data: DataSet, model: str) -> tuple[object, ...]:
    """Return what SAME_IN_RUNGS names."""
    options = data.typed_options(model)
    training = options.training
    return options.network.weights, options.caches_features, training.gpus, training.nodes, training.threads


def budget_warnings(run: Run) -> Iterator[str]:
    """Yield one line where models of a run with a search are compared with others that had fewer or more trials."""
    counts = {model: max(1, len(run.trials(model))) for model in run.models if model not in run.zero_shot}
    if any(map(run.is_searched, run.models)) and len(set(counts.values())) > 1:
        numbers = ", ".join(f"{model} {count}" for model, count in counts.items())
        yield (
            f"the models do not have the same number of trials ({numbers}), so part of a difference may be the search;"
            " give each a `search` of its own"
        )
