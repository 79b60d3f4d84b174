"""Functions of rules/search.smk, and of trials in rules/train.smk: what a trial may take, and the rungs of halving."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from vidbench.evaluation.rungs import rung_folder
from vidbench.workflow.files import one_of
from vidbench.workflow.run import Run
from vidbench.workflow.train import TrainRules


@dataclass(frozen=True)
class SearchRules:
    """Input, params and resource functions; one instance per reading of the Snakefile."""

    run: Run
    train: TrainRules

    # train_model, and continue_trial, where `model` is the searched model itself

    def trial_arguments(self, wildcards: Any) -> list[str | float]:
        """Arguments of a training that is a trial, with the limits of a searched one; none of an ordinary training."""
        owner = self.run.models_of_trials.get(wildcards.model)
        if owner is None:
            return []
        return ["--trial", *(self._limits(rung=1) if self.run.is_searched(owner) else [])]

    def continued_arguments(self, wildcards: Any) -> list[str | float]:
        """Arguments of a trial in a later rung: how far it goes."""
        return self._limits(int(wildcards.rung))

    def _limits(self, rung: int) -> list[str | float]:
        budget = self.run.budget
        seconds = ["--seconds", budget.trial_seconds] if budget.trial_seconds is not None else []
        return [*seconds, *(["--share", budget.share(rung)] if budget.is_halving else [])]

    def minutes(self, wildcards: Any, attempt: int) -> int:
        """Minutes of a training, which has at least those that a trial of it may take."""
        minutes = self.train.minutes(wildcards, attempt)
        owner = self.run.models_of_trials.get(wildcards.model) or str(wildcards.model)
        seconds = self.run.budget.trial_seconds if self.run.is_searched(owner) else None
        return minutes if seconds is None else max(minutes, round(2 * attempt * seconds / 60))

    def continued_megabytes(self, wildcards: Any, attempt: int) -> int:
        """Memory of a trial in a later rung, which may be any of them."""
        trials = self.run.trials(wildcards.model)
        return max(
            self.train.megabytes(SimpleNamespace(dataset=wildcards.dataset, model=trial), attempt) for trial in trials
        )

    # rank_trials, continue_trial, select_trial

    @property
    def halved_models(self) -> str:
        """Regular expression of the models whose trials are halved rung by rung."""
        return one_of(filter(self.run.later_rungs, self.run.config["models"]))

    def trials_of_rung(self, name: str) -> Any:
        """Input function: a file of every trial of a rung with every seed."""

        def files(wildcards: Any) -> list[str]:
            folder = f"results/{wildcards.dataset}/{wildcards.split}"
            trials = self._folders(wildcards.model, int(wildcards.rung))
            return [f"{folder}/{trial}/seed{seed}/{name}" for trial in trials for seed in self.run.seeds]

        return files

    def _folders(self, model: str, rung: int) -> list[str]:
        if rung == 1:
            return list(self.run.trials(model))
        return [rung_folder(model, rung, place) for place in range(1, self.run.budget.sizes[rung - 1] + 1)]

    def ranking_before(self, wildcards: Any) -> list[str]:
        """Ranking of the rung before, which the first has not."""
        return self._rankings(wildcards, [int(wildcards.rung) - 1])

    def rankings(self, wildcards: Any) -> list[str]:
        """Rankings of all rungs but the last; none of a model whose trials are all trained to their end."""
        last = self.run.budget.num_rungs if self.run.later_rungs(wildcards.model) else 1
        return self._rankings(wildcards, range(1, last))

    def _rankings(self, wildcards: Any, rungs: Any) -> list[str]:
        folder = f"results/{wildcards.dataset}/{wildcards.split}/{wildcards.model}"
        return [f"{folder}/rung{rung}.csv" for rung in rungs if rung >= 1]

    def going_on(self, wildcards: Any) -> int:
        """Params function: number of trials that go on after a rung."""
        return self.run.budget.sizes[int(wildcards.rung)]
