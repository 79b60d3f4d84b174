"""Checks of the licences of pretrained weights, before any job. Imports no torch."""

from vidbench.config.schema import typed_options
from vidbench.errors import UserError
from vidbench.models import pretraining


def check_commercial_use(config: dict, dataset: str, model: str) -> None:
    """Raise UserError where `run.commercial_use` is set and a model's weights are not known to allow it."""
    if not config["run"].get("commercial_use", False):
        return
    network = typed_options(config, dataset, model).network
    weights = pretraining.find_weights(network)
    if weights is not None and weights.licence and not pretraining.is_commercial(weights.licence):
        raise UserError(
            f"config: run.commercial_use: model {model} starts from {network.architecture}'s weights {weights.name},"
            f" whose licence, {weights.licence}, is not known to allow it; choose others, or take the model out of the"
            " run"
        )


def commercial_warnings(config: dict, dataset: str, model: str) -> list[str]:
    """Return one line where `run.commercial_use` is set and a person has to read what nothing here can decide."""
    if not config["run"].get("commercial_use", False):
        return []
    network = typed_options(config, dataset, model).network
    weights = pretraining.find_weights(network)
    start = f"run.commercial_use: model {model}: "
    if network.weights is not None and (weights is None or not weights.licence):
        return [f"{start}the file {network.weights} states no licence; make sure that it allows commercial use"]
    if weights is not None and (data := pretraining.research_data(weights)):
        return [f"{start}its weights were trained on {', '.join(data)}, whose own terms are for research; read them"]
    return []
