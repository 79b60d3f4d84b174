"""Files whose name ends in the first digits of their SHA-256, as those of torchvision's weights do."""

import re
from pathlib import Path

from vidbench.files import file_sha256

HASH_IN_NAME = re.compile(r"-([0-9a-f]{8,64})\.pth$")


def contradiction(path: Path, name: str) -> str | None:
    """What is wrong with the file `path`, which should be the one called `name`; None: nothing, or no hash there.

    OSError where it cannot be read.
    """
    named = HASH_IN_NAME.search(name)
    if named is None or (found := file_sha256(path)).startswith(named[1]):
        return None
    return f"its SHA-256 begins with {found[: len(named[1])]}, not {named[1]}"
