"""A machine that lacks some of the project's packages: importing them fails, and so does asking for their version.

Copied as sitecustomize.py into a folder on PYTHONPATH it works in every process of a run.
"""

import importlib.metadata
import sys
from importlib.machinery import ModuleSpec, PathFinder

PACKAGES = {  # as imported -> on PyPI; what a machine for GPU computing has no need of otherwise
    "simplejpeg": "simplejpeg",
    "jsonschema": "jsonschema",
    "snakemake": "snakemake",
    "ffmpeg": "ffmpeg-python",
    "imageio_ffmpeg": "imageio-ffmpeg",
    "av": "av",
    "captum": "captum",
}


class Without(PathFinder):
    """Finds all modules but those of the packages."""

    @classmethod
    def find_spec(cls, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:
        return None if fullname.partition(".")[0] in PACKAGES else PathFinder.find_spec(fullname, path, target)


def hide() -> None:
    sys.meta_path[sys.meta_path.index(PathFinder)] = Without
    find = importlib.metadata.Distribution.from_name

    def from_name(name: str) -> importlib.metadata.Distribution:
        if name in PACKAGES.values():
            raise importlib.metadata.PackageNotFoundError(name)
        return find(name)

    importlib.metadata.Distribution.from_name = from_name


if __name__ == "sitecustomize":
    hide()
