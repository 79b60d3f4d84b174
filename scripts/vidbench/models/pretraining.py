"""What weights come with beside their numbers: a licence, and the data that they have seen. Imports no torch."""

from collections.abc import Iterable
from pathlib import Path

from vidbench.models import published_weights
from vidbench.models.network import Weights
from vidbench.models.options import NetworkOptions

# Licences that allow commercial use without asking. Others may, too, under conditions that a person has to read.
COMMERCIAL = ("apache-2.0", "bsd-3-clause", "cc-by-4.0", "mit")
RESEARCH_DATA = ("ImageNet", "Kinetics")  # beginnings of the names of data whose own terms are for research
KINETICS = "Kinetics-400"
# Kinds of data set: what a test on it has in common with Kinetics-400.
OVERLAPS = {
    "kinetics400": "the data set of this test itself: its classes are what the weights were made for",
    "ucf101": "which is from YouTube as UCF101 is and shares actions with it: they may have seen test videos",
    "hmdb51": "which shares actions, and with YouTube a source, with HMDB51: they may have seen test videos",
}


def find_weights(network: NetworkOptions) -> Weights | None:
    """Return what is known of the weights that a network starts from; None of random ones, and of a file alone."""
    if network.weights is None:
        return None
    name, weights = network.architecture, network.weights
    folders = published_weights.folders_of(name)
    return published_weights.find(name, weights) or folders.trained_input(Path(weights), name)


def is_commercial(licence: str) -> bool:
    """Return whether a licence is known to allow commercial use."""
    return licence.lower() in COMMERCIAL


def research_data(weights: Weights) -> list[str]:
    """Return the names of data among those that weights were trained on whose terms are for research only."""
    return [name for name in weights.data if name.startswith(RESEARCH_DATA)]


def find_overlap(kind: str, weights: Weights | None) -> str:
    """Say what a test on a kind of data set has in common with what weights were trained on; '' for nothing known."""
    return OVERLAPS.get(kind, "") if weights is not None and KINETICS in weights.data else ""


def list_data(names: Iterable[str]) -> str:
    """Return names of data as one text."""
    return ", ".join(names) or "not stated"
