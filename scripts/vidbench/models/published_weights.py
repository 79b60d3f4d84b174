"""Descriptions of weights: of those that a library publishes, and of a repository of the Hub. Imports no torch."""

from dataclasses import replace
from types import ModuleType

from vidbench.models import catalogue, model_folder, transformers_folder
from vidbench.models.hub_name import HubName, find_settings, is_hub
from vidbench.models.network import HUB_FILE, Weights

HUB = "https://huggingface.co/"


def official(network: str) -> dict[str, Weights]:
    """Return a network's official weights by name; none for VidBench's own networks."""
    description = catalogue.find(network)
    return {each.name: each for each in description.weights} if description else {}


def find(network: str, weights: str) -> Weights | None:
    """Return the description of a network's official weights, or of those of a repository of the Hub.

    weights: as resolve() returns them. None for a user's file, or a name that the network has not.
    """
    if not is_hub(weights):
        return official(network).get(weights)
    name, folder = find_settings(weights)
    described = folders_of(network).trained_input(folder / HUB_FILE, network)
    return located(replace(described, name=f"{name.repository}@{name.revision}"), name)


def located(weights: Weights, name: HubName) -> Weights:
    """Return a description that says where a repository's weights are, here and on the Hub."""
    return replace(
        weights,
        file=f"{name.folder_name}/{HUB_FILE}",
        base=f"{HUB}{name.repository}/resolve/{name.revision}/",
        hub=name.repository,
        revision=name.revision,
        link=f"{weights.network}-{name.folder_name}.safetensors",
    )


def folders_of(network: str) -> ModuleType:
    """Return the module that reads the folders of a network's library."""
    description = catalogue.find(network)
    return transformers_folder if description and description.family == "transformers" else model_folder
