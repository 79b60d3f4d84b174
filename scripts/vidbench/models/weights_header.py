"""The options that a weights.safetensors of VidBench's holds, read without torch."""

import json
from pathlib import Path
from typing import Any

MAX_HEADER_BYTES = 100_000_000  # bytes, as safetensors itself has it


def read_options(path: Path) -> dict[str, Any]:
    """Return the options of the model that VidBench wrote into a file; {} for another file, or a damaged one.

    The format: eight bytes with the length of the JSON that follows, the JSON, the tensors.
    """
    if path.suffix != ".safetensors":
        return {}
    try:
        with open(path, "rb") as file:
            header = json.loads(file.read(min(int.from_bytes(file.read(8), "little"), MAX_HEADER_BYTES)))
        options = json.loads(header["__metadata__"]["vidbench"])["options"]
    except (OSError, ValueError, KeyError, TypeError):  # foreign or damaged: reading its tensors says how
        return {}
    return options if isinstance(options, dict) else {}
