"""The page's packages, which are no part of the environment: `make demo` installs them in a folder within it."""

import sys
from importlib.util import find_spec
from pathlib import Path

from vidbench.errors import UserError

FOLDER = "demo"  # in the environment's own folder: what `make demo` fills


def find_packages() -> None:
    """Let Python find gradio, in the environment or in its folder; UserError where it is in neither.

    That folder comes first: its Pillow is one that gradio takes.
    """
    folder = Path(sys.prefix) / FOLDER
    if (folder / "gradio").is_dir():
        sys.path.insert(0, str(folder))
    if find_spec("gradio") is None:
        raise UserError("gradio: is not installed; run `make demo`, which installs it first (about 110 MB)")
