"""A data set's videos together with what is to be said of how they were listed."""

from dataclasses import dataclass, field
from pathlib import Path

from vidbench import datasets
from vidbench.datasets.video import Video


@dataclass(frozen=True)
class Listing:
    """What a data set consists of."""

    videos: list[Video]
    remarks: list[str] = field(default_factory=list)  # how a manifest was read, a line each, for the terminal


def listing(options: dict, folder: Path | str) -> Listing:
    """The videos of a data set entry, with what its kind has to say of them."""
    module = datasets.load(options["kind"])
    if hasattr(module, "listing"):
        return module.listing(options, folder)
    return Listing(module.videos(options, folder))
