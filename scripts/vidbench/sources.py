"""The folders of downloads, resources/{source}, as the workflow sees them."""

import shutil
import sys
from pathlib import Path


def remove_videos(folder: Path) -> None:
    """Delete the videos of a download, and first source.json, which says that they are there."""
    (folder / "source.json").unlink(missing_ok=True)
    if (folder / "videos").exists():
        shutil.rmtree(folder / "videos")
        print(f"{folder}/videos: deleted (keep.videos: false)", file=sys.stderr)
