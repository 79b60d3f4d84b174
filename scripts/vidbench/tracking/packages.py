"""The packages of the trackers: TensorBoard is in the environment, `make trackers` installs the others."""

import sys
from collections.abc import Sequence
from importlib.machinery import PathFinder
from pathlib import Path

TRACKERS = ("tensorboard", "trackio", "mlflow", "wandb")  # names of modules, too
FOLDER = "trackers"  # in the environment's own folder: what `make trackers` fills


def folder() -> Path:
    """Return the folder that `make trackers` installs into."""
    return Path(sys.prefix) / FOLDER


def search_path() -> list[str]:
    """Return where Python finds packages of trackers: that folder first, whose packages go together."""
    return [str(folder()), *sys.path] if folder().is_dir() else list(sys.path)


def find_missing(trackers: Sequence[str]) -> list[str]:
    """Return those of the trackers whose package is not installed here."""
    return [name for name in trackers if PathFinder.find_spec(name, search_path()) is None]
