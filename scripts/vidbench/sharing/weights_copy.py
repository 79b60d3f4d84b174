"""Copying a weights file with other metadata, byte by byte: no torch is needed, and no memory for the weights."""

import json
import shutil
import struct
from pathlib import Path
from typing import Any, BinaryIO

from vidbench.errors import UserError
from vidbench.files import atomic_path
from vidbench.models.weights_metadata import INVALID, KEY, MAX_HEADER

ALIGNMENT = 8  # bytes that a header's length is a multiple of


def copy_weights(path: Path, output: Path, metadata: dict[str, Any]) -> None:
    """Write the weights of `path` with other metadata; UserError where they are damaged or not whole."""
    try:
        with open(path, "rb") as source:
            header = _read_header(source)
            _check_size(path, source.tell(), header)
            header["__metadata__"] = {KEY: json.dumps(metadata, sort_keys=True)}
            with atomic_path(output) as temporary, open(temporary, "wb") as target:
                target.write(_encode(header))
                shutil.copyfileobj(source, target)
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}; make it readable, and run again") from error
    except INVALID as error:
        raise UserError(f"{path}: damaged: {' '.join(str(error).split())}; copy it again") from error


def _read_header(source: BinaryIO) -> dict[str, Any]:
    """Read eight bytes with the length of the JSON that follows, and the JSON."""
    size = struct.unpack("<Q", source.read(8))[0]
    if size > MAX_HEADER:
        raise ValueError("its header is too long")
    return json.loads(source.read(size))


def _check_size(path: Path, start: int, header: dict[str, Any]) -> None:
    """Raise ValueError where the tensors do not fill the rest of the file."""
    ends = [tensor["data_offsets"][1] for name, tensor in header.items() if name != "__metadata__"]
    expected, size = start + max(ends, default=0), path.stat().st_size
    if size != expected:
        raise ValueError(f"it has {size:,} bytes in place of {expected:,}")


def _encode(header: dict[str, Any]) -> bytes:
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % ALIGNMENT)
    return struct.pack("<Q", len(text)) + text
