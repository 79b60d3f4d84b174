"""A data set's videos, with what is to be said of how they were listed, and what lies among them and is none."""

from dataclasses import dataclass, field
from pathlib import Path

from vidbench import datasets
from vidbench.datasets.skipped import Skipped
from vidbench.video import Video


@dataclass(frozen=True)
class Listing:
    """What a data set consists of."""

    videos: list[Video]
    remarks: list[str] = field(default_factory=list)  # how a manifest was read, a line each, for the terminal
    skipped: list[Skipped] = field(default_factory=list)  # what is left out of a folder


def listing(options: dict, folder: Path | str) -> Listing:
    """The videos of a data set entry, with what its kind has to say of them."""
    module = datasets.load(options["kind"])
    if hasattr(module, "listing"):
        return module.listing(options, folder)
    return Listing(module.videos(options, folder))
