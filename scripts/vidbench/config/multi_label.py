"""What a data set whose videos may have several labels cannot be used with; said before any job. Imports no torch."""

from vidbench.config import sweeps
from vidbench.config.schema import dataset_options
from vidbench.config.zero_shot import is_zero_shot
from vidbench.errors import UserError
from vidbench.video import MULTI

ADVICE = "docs/multi_label.md says what works"


def multi_datasets(config: dict) -> list[str]:
    """Return the data sets of a run whose videos may have several labels."""
    return [name for name in config["run"]["datasets"] if config["datasets"][name].get("labels") == MULTI]


def check(config: dict, dataset: str) -> None:
    """Raise UserError where a data set of several labels is asked for what has no meaning, or no code, there."""
    entry = dataset_options(config, dataset)
    if entry["labels"] != MULTI:
        return
    where = f"config: datasets.{dataset} has several labels per video (labels: multi)"
    if entry["splits"]["fractions"]:
        raise UserError(f"{where}: splits.fractions forecasts accuracies, which it lacks; leave it out ({ADVICE})")
    for model in config["run"]["models"]:
        if sweeps.trials(config, model):
            kind = "search" if config["models"][model].get("search") else "sweep"
            raise UserError(
                f"{where}: models.{model}.{kind} chooses by accuracy; name its best values instead ({ADVICE})"
            )
        if is_zero_shot(config["models"][model]):
            raise UserError(
                f"{where}: models.{model} chooses one class by its name; leave it out of run.models ({ADVICE})"
            )
