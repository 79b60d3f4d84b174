"""A data set's videos, with remarks on how they were listed, and the other files among them."""

from dataclasses import dataclass, field
from pathlib import Path

from vidbench import datasets
from vidbench.datasets.skipped import Skipped
from vidbench.video import Video


@dataclass(frozen=True)
class Listing:
    """The videos of a data set."""

    videos: list[Video]
    remarks: list[str] = field(default_factory=list)  # how a manifest was read, one line each, for the terminal
    skipped: list[Skipped] = field(default_factory=list)  # files and folders that are left out


def listing(options: dict, folder: Path | str) -> Listing:
    """Return the videos of a data set entry, with remarks and left out files where its kind has them."""
    module = datasets.load(options["kind"])
    if hasattr(module, "listing"):
        return module.listing(options, folder)
    return Listing(module.videos(options, folder))
