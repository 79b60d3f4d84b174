"""Writing the folder that a model is shared in: all of it under temporary names first, then each file in its place."""

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from vidbench.errors import UserError
from vidbench.files import make_folder, write_errors, write_json, write_text
from vidbench.sharing import card, settings
from vidbench.sharing.card_use import EXAMPLE
from vidbench.sharing.facts import Facts
from vidbench.sharing.files import CARD, CONFIG, FILES, PREPROCESSOR, WEIGHTS
from vidbench.sharing.files import EXAMPLE as EXAMPLE_FILE
from vidbench.sharing.weights_copy import copy_weights


def write_folder(facts: Facts, folder: Path, draw_figures: Callable[[Facts, Path], None]) -> None:
    """Write weights, settings, card, example and figures; other files of the folder stay.

    `draw_figures` writes files.FIGURES below the folder that it is given. What fails leaves the folder as it was.
    """
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{folder}: is a file; name a folder to write")
    make_folder(folder)
    with write_errors(folder):
        temporary = Path(tempfile.mkdtemp(prefix=".", suffix=".tmp", dir=folder))
    try:
        _write_files(facts, temporary, draw_figures)
        with write_errors(folder):
            for name in FILES:
                make_folder((folder / name).parent)
                os.replace(temporary / name, folder / name)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _write_files(facts: Facts, folder: Path, draw_figures: Callable[[Facts, Path], None]) -> None:
    copy_weights(facts.file.path, folder / WEIGHTS, settings.public_metadata(facts.file.metadata))
    write_json(folder / CONFIG, settings.model_config(facts.file))
    write_json(folder / PREPROCESSOR, settings.preprocessor_config(facts.file))
    write_text(folder / EXAMPLE_FILE, EXAMPLE)
    draw_figures(facts, folder)
    write_text(folder / CARD, card.render(facts))
