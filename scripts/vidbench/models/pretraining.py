"""What weights come with beside their numbers: a licence, and the data that they have seen. Imports no torch."""

from collections.abc import Iterable
from pathlib import Path

from vidbench.models import published_weights
from vidbench.models.network import Weights
from vidbench.models.options import NetworkOptions

NOT_STATED = "not stated"
# Licences that allow commercial use without asking. Others may, too, under conditions that a person has to read.
COMMERCIAL = ("apache-2.0", "bsd-3-clause", "cc-by-4.0", "mit")
# Beginnings of the names of data whose own terms are for research.
RESEARCH_DATA = ("ImageNet", "Kinetics", "SA-1B", "Something-Something", "VideoMix")
ITSELF = "the data set of this test itself: its classes are what the weights were made for"
SEEN = "they may have seen test videos"
# Kinds of data set: data, by the beginning of their names, that a test on it has something in common with, the most
# telling first, and what that is. VideoMix is V-JEPA's mixture.
OVERLAPS = {
    "kinetics400": (
        ("Kinetics-400", ITSELF),
        ("Kinetics", f"into which most videos of Kinetics-400 went: {SEEN}"),
        ("VideoMix", f"which contains Kinetics: {SEEN}"),
        (("HowTo100M", "YT-Temporal"), f"which is from YouTube as Kinetics-400 is: {SEEN}"),
    ),
    "ucf101": (
        ("UCF101", ITSELF),
        (("Kinetics", "VideoMix"), f"which is from YouTube as UCF101 is and shares actions with it: {SEEN}"),
        (("HowTo100M", "YT-Temporal"), f"which is from YouTube as UCF101 is: {SEEN}"),
    ),
    "hmdb51": (
        ("HMDB51", ITSELF),
        (("Kinetics", "VideoMix"), f"which shares actions, and with YouTube a source, with HMDB51: {SEEN}"),
        (("HowTo100M", "YT-Temporal"), f"which shares YouTube as a source with HMDB51: {SEEN}"),
    ),
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
    """Name the data of weights that a test on a kind of data set has something in common with, and say what.

    E.g. 'Kinetics-400, the data set of this test itself: ...'; '' where nothing is known.
    """
    for start, words in OVERLAPS.get(kind, ()):
        for name in weights.data if weights is not None else ():
            if name.startswith(start):
                return f"{name}, {words}"
    return ""


def list_data(names: Iterable[str]) -> str:
    """Return names of data as one text."""
    return ", ".join(names) or NOT_STATED
