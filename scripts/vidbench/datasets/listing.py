"""A data set's videos together with what lies among its files and is none of them."""

from dataclasses import dataclass, field
from pathlib import Path

from vidbench import datasets
from vidbench.datasets.skipped import Skipped
from vidbench.datasets.video import Video


@dataclass(frozen=True)
class Listing:
    """What a data set consists of, and what is left out."""

    videos: list[Video]
    skipped: list[Skipped] = field(default_factory=list)


def listing(options: dict, folder: Path | str) -> Listing:
    """The videos of a data set entry, and what of its folder is left out, where its kind looks into one."""
    module = datasets.load(options["kind"])
    if hasattr(module, "listing"):
        return module.listing(options, folder)
    return Listing(module.videos(options, folder))
