"""The folders of downloads, resources/{source}, as the workflow sees them."""

import json
import shutil
import sys
from pathlib import Path


def remove_videos(folder: Path) -> None:
    """Delete the videos of a download, and first source.json, which says that they are there."""
    (folder / "source.json").unlink(missing_ok=True)
    if (folder / "videos").exists():
        shutil.rmtree(folder / "videos")
        print(f"{folder}/videos: deleted (keep.videos: false)", file=sys.stderr)


def stored_recipe(shard: str) -> dict:
    """The recipe that a shard's frames were made by."""
    from vidbench.hdf5 import open_to_read  # here: the workflow is read very often, and asks this only at its end

    with open_to_read(shard) as file:
        return json.loads(file.attrs["recipe"])
