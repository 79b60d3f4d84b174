"""Checking and deleting the folders of downloads, resources/{source}."""

import json
import os
import shutil
import sys
from pathlib import Path

from vidbench.errors import UserError
from vidbench.files import read_json


def is_shared(folder: Path) -> bool:
    """Return whether a download or its videos are a link, and so may serve other projects, too.

    Links above it do not count: all of a project's resources may be on another disk for it alone.
    """
    return any(path.is_symlink() for path in (folder, folder / "videos"))


def check(folder: Path, entry: dict) -> None:
    """Raise UserError where a download cannot be put into its folder, or check_settings does."""
    if folder.is_symlink() and not folder.exists():
        raise UserError(f"{folder}: leads to {os.readlink(folder)}, which is not there; mount or create it")
    if not (folder / "source.json").exists():
        check_writable(folder if folder.exists() else folder.parent)
    check_settings(folder, entry)


def check_settings(folder: Path, entry: dict) -> None:
    """Raise UserError where a shared download holds other videos than a data set's `entry` needs.

    Snakemake knows the settings by which a file was made in its own project, not in another one.
    """
    source = folder / "source.json"
    recipe = folder / "recipe.json"
    if not is_shared(folder):
        return
    other_kind = source.exists() and read_json(source).get("kind") != entry["kind"]
    embedded = entry["kind"] == "motion" and recipe.exists()
    if other_kind or (embedded and read_json(recipe).get("recipe") != entry["motion"]):
        raise UserError(
            f"{folder}: is shared with a project whose data set of this name has other settings;"
            " rename the data set's entry in the config, or give it a `source` of its own"
        )


def check_writable(folder: str | Path) -> None:
    """Create a folder; raise UserError where no file can be made in it."""
    probe = Path(folder, f".writable.{os.getpid()}")
    try:
        probe.parent.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise UserError(
            f"{folder}: cannot be written to: {error.strerror}; correct its permissions or free the disk"
        ) from error


def remove_videos(folder: Path) -> None:
    """Delete the videos of a download, and before them source.json, the sign that they exist; shared ones stay."""
    if is_shared(folder):
        print(f"{folder}/videos: kept, because other projects may share them (keep.videos: false)", file=sys.stderr)
        return
    (folder / "source.json").unlink(missing_ok=True)
    if (folder / "videos").exists():
        shutil.rmtree(folder / "videos")
        print(f"{folder}/videos: deleted (keep.videos: false)", file=sys.stderr)


def stored_recipe(shard: str) -> dict:
    """Read the recipe that a shard's frames were made by; UserError where it cannot be read."""
    # Imported here: the workflow is parsed very often, and needs this only at its end.
    from vidbench.hdf5 import explain_read_errors, open_to_read

    with explain_read_errors(shard, "frame store"), open_to_read(shard) as file:
        return json.loads(str(file.attrs["recipe"]))
