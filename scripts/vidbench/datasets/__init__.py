"""Kinds of data sets: one module each, imported on use.

Each module has
    videos(options, folder) -> list[Video]    what the data set consists of, known before the download
    download(options, folder) -> list[dict]   fetch or make it; name, size and sha256 of each archive
"""

from importlib import import_module
from types import ModuleType

MODULES = {"motion": "vidbench.datasets.motion", "csv": "vidbench.datasets.csv_manifest"}


def load(kind: str) -> ModuleType:
    """The module of a kind of data set, by the `kind` of its config entry."""
    return import_module(MODULES[kind])
