"""What a file of weights is by its first bytes and its size, not by its name. Imports no torch and reads no tensor."""

import json
import os
import zipfile
from pathlib import Path

from vidbench.errors import UserError

SAFETENSORS = ".safetensors"
HEAD = 512  # bytes at the beginning that tell most kinds
MAX_HEADER = 100_000_000  # bytes: the most that safetensors' own reader takes
LENGTH = 8  # bytes of the header's length, before it
PICKLE = tuple(bytes([0x80, protocol]) for protocol in range(2, 6))
LFS_POINTER = b"version https://git-lfs"
WEB_PAGE = (b"<!doctype", b"<html", b"<?xml")
OTHERS = {
    b"\x89HDF": "an HDF5 file", b"\x1f\x8b": "compressed by gzip", b"\xfd7zXZ": "compressed by xz", b"BZh": "compressed"
    " by bzip2", b"7z\xbc\xaf": "a 7z archive", b"Rar!": "a RAR archive", b"%PDF": "a PDF", b"GGUF": "a GGUF file",
    b"\x93NUMPY": "an array of NumPy's",
}  # fmt: skip


def check(path: Path) -> None:
    """Raise UserError, beginning with `path`, where a file holds no weights, or is cut short."""
    try:
        size = os.path.getsize(path)
        with open(path, "rb") as file:
            head = file.read(HEAD)
        _check(path, head, size)
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror or error}") from error


def _check(path: Path, head: bytes, size: int) -> None:
    is_zip, is_pickle = head.startswith(b"PK\x03\x04"), head.startswith(PICKLE)
    header = _header_size(head)
    named_safetensors = path.suffix == SAFETENSORS
    if named_safetensors and (is_zip or is_pickle):
        raise UserError(f"{path}: is a file of torch.save, not of safetensors; rename it to end with .pth")
    if header is not None and not named_safetensors:
        raise UserError(f"{path}: is a file of safetensors; rename it to end with {SAFETENSORS}")
    if header is not None:
        _check_safetensors(path, header, size)
    elif is_zip:
        _check_zip(path)
    elif not is_pickle:
        raise UserError(_describe(path, head))


def _header_size(head: bytes) -> int | None:
    """Return the bytes of a safetensors file's header, which is JSON behind its length; None for another file."""
    length = int.from_bytes(head[:LENGTH], "little")
    return length if head[LENGTH : LENGTH + 1] == b"{" and length <= MAX_HEADER else None


def _check_safetensors(path: Path, length: int, size: int) -> None:
    """Raise UserError where the file ends before its last tensor, which the header knows."""
    with open(path, "rb") as file:
        file.seek(LENGTH)
        text = file.read(length)
    needed = LENGTH + length
    if len(text) == length:
        try:
            tensors = {name: entry for name, entry in json.loads(text).items() if name != "__metadata__"}
            needed += max((entry["data_offsets"][1] for entry in tensors.values()), default=0)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
            raise UserError(damaged(path, "its header cannot be read")) from error
    if size < needed:
        raise UserError(damaged(path, f"cut short, {size:,} of {needed:,} bytes"))


def _check_zip(path: Path) -> None:
    """Raise UserError where an archive has lost its end, where its table of files is, or holds no state dict."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise UserError(damaged(path, "cut short, its list of contents is missing")) from error
    if not any(name.endswith("data.pkl") for name in names):
        held = names[0] if names else "nothing"
        raise UserError(
            f"{path}: is a zip archive ({held} ...), not a file of weights; name a .safetensors or"
            " .pth file with a state dict"
        )
    if any(name.endswith("/constants.pkl") for name in names):
        raise UserError(f"{path}: is a program of TorchScript, which is never run; save model.state_dict() instead")


def _describe(path: Path, head: bytes) -> str:
    """Return what a file seems to be that holds no weights, and what to do."""
    begins = head.lstrip()[:16].lower()
    if not head:
        return damaged(path, "empty")
    if head.startswith(LFS_POINTER):
        return f"{path}: is a pointer of Git LFS, not a file of weights; get that by git lfs pull"
    if begins.startswith(WEB_PAGE):
        return f"{path}: is a web page, e.g. of a login, not a file of weights; fetch the file itself"
    kind = next((kind for beginning, kind in OTHERS.items() if head.startswith(beginning)), None)
    if kind is None and head.isascii() and b"\0" not in head:
        kind = "text"
    if kind is None:
        return damaged(path, "its kind is unknown")
    return f"{path}: is {kind}, not a file of weights; name a .safetensors or .pth file with a state dict"


def damaged(path: Path, reason: str) -> str:
    """Return the line about a file that was copied or fetched in part, or is something else."""
    return f"{path}: damaged, or not a file of weights ({reason}); copy or fetch it again"
