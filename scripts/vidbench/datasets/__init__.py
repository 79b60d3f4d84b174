"""Kinds of data sets: one module each, imported on use.

Each module has
    videos(options, folder) -> list[Video]    what the data set consists of
A person's own and embedded ones know it before any job runs, and have
    download(options, folder) -> list[dict]   make or check it; name, size and sha256 of each file made
Published ones know it once their lists have been fetched (vidbench.download.dataset), and have
    SPLITS                                    number of official splits
    SIZES                                     videos to train and to test of each split
    NUM_VIDEOS, NUM_CLASSES                   of all splits together, for what jobs ask for before any list is there
A kind of one's own is a file of kinds/ with `videos` and `download`; its name is the kind. Kinds that report more have
    listing(options, folder) -> Listing       the videos, remarks on how they were listed, and what is left out
"""

from importlib import import_module
from pathlib import Path
from types import ModuleType

MODULES = {
    "motion": "vidbench.datasets.motion",
    "csv": "vidbench.datasets.csv_manifest",
    "folder": "vidbench.datasets.folder",
    "ucf101": "vidbench.datasets.ucf101",
    "hmdb51": "vidbench.datasets.hmdb51",
    "kinetics400": "vidbench.datasets.kinetics400",
}
OWN_KINDS = [path.stem for path in sorted((Path(__file__).parent / "kinds").glob("[!_]*.py"))]  # found by being there
MODULES |= {kind: f"vidbench.datasets.kinds.{kind}" for kind in OWN_KINDS}
PUBLISHED = ("ucf101", "hmdb51", "kinetics400")


def load(kind: str) -> ModuleType:
    """Import the module of a kind of data set, by the `kind` of its config entry."""
    return import_module(MODULES[kind])
