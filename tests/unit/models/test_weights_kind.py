"""Files that are no weights are told by their bytes, without torch, in one line each."""

import struct
import zipfile
from pathlib import Path

import pytest
import torch
from safetensors.torch import save

from vidbench.errors import UserError
from vidbench.models import weights_kind

STATE = {"fc.weight": torch.arange(4000.0), "fc.bias": torch.ones(7)}
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 44814719\n"


def saved(path: Path, legacy: bool = False) -> bytes:
    """The bytes of a file of torch.save."""
    torch.save(STATE, path, _use_new_zipfile_serialization=not legacy)
    return path.read_bytes()


@pytest.mark.parametrize("legacy", [False, True])
def test_what_torch_saves_is_taken(legacy: bool, tmp_path: Path) -> None:
    saved(tmp_path / "x.pth", legacy)
    weights_kind.check(tmp_path / "x.pth")
    (tmp_path / "x.safetensors").write_bytes(save(STATE, metadata={"format": "pt"}))
    weights_kind.check(tmp_path / "x.safetensors")
    (tmp_path / "none.safetensors").write_bytes(save({}))
    weights_kind.check(tmp_path / "none.safetensors")


@pytest.mark.parametrize("name", ["x.pth", "x.safetensors"])
@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "damaged, or not a file of weights (empty); copy or fetch it again"),
        (POINTER, "is a pointer of Git LFS, not a file of weights; get that by git lfs pull"),
        (
            b"\n<!DOCTYPE html>\n<html>Sign in",
            "is a web page, e.g. of a login, not a file of weights; fetch the file itself",
        ),
        (b"<html><body>404", "is a web page, e.g. of a login"),
        (b"no weights\n", "is text, not a file of weights; name a .safetensors or .pth file with a state dict"),
        (b'{"error": "not found"}', "is text, not a file of weights"),
        (b"\x89HDF\r\n\x1a\n" + bytes(600), "is an HDF5 file, not a file of weights"),
        (b"\x1f\x8b\x08" + bytes(600), "is compressed by gzip, not a file of weights"),
        (bytes(600), "damaged, or not a file of weights (its kind is unknown); copy or fetch it again"),
    ],
)
def test_no_weights(name: str, data: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(data)
    refused(tmp_path / name, words)


def test_the_other_kind_of_weights_says_how_to_call_it(tmp_path: Path) -> None:
    for legacy in (False, True):
        saved(tmp_path / "x.safetensors", legacy)
        refused(tmp_path / "x.safetensors", "is a file of torch.save, not of safetensors; rename it to end with .pth")
    (tmp_path / "x.pth").write_bytes(save(STATE))
    refused(tmp_path / "x.pth", "is a file of safetensors; rename it to end with .safetensors")


@pytest.mark.parametrize("kept", [0.999, 0.5, 0.1])
def test_a_file_that_is_cut_short(kept: float, tmp_path: Path) -> None:
    whole = saved(tmp_path / "x.pth")
    (tmp_path / "x.pth").write_bytes(whole[: int(kept * len(whole))])
    refused(
        tmp_path / "x.pth",
        "damaged, or not a file of weights (cut short, its list of contents is missing); copy or fetch it again",
    )
    whole = save(STATE)
    (tmp_path / "x.safetensors").write_bytes(whole[: int(kept * len(whole))])
    refused(
        tmp_path / "x.safetensors",
        f"damaged, or not a file of weights (cut short, {int(kept * len(whole)):,} of {len(whole):,} bytes);",
    )


def test_a_header_is_cut_short_or_damaged(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    path.write_bytes(save(STATE)[:30])
    refused(path, "damaged, or not a file of weights (cut short, 30 of ")
    for text in (b'{"a": 1}', b'{"a": {"data_offsets": ["x"]}}', b'{"a"', b"{" * 9999):
        path.write_bytes(struct.pack("<Q", len(text)) + text)
        refused(path, "damaged, or not a file of weights (its header cannot be read); copy or fetch it again")


def test_other_archives(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.pth", "w") as archive:
        archive.writestr("photo.jpg", b"")
    refused(tmp_path / "x.pth", "is a zip archive (photo.jpg ...), not a file of weights; name a")
    with zipfile.ZipFile(tmp_path / "y.pt", "w") as archive:
        archive.writestr("y/data.pkl", b"")
        archive.writestr("y/constants.pkl", b"")
    refused(tmp_path / "y.pt", "is a program of TorchScript, which is never run; save model.state_dict() instead")


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    refused(tmp_path / "gone.pth", "cannot be read: No such file")


def refused(path: Path, words: str) -> None:
    with pytest.raises(UserError) as caught:
        weights_kind.check(path)
    assert str(caught.value).startswith(f"{path}: {words}")
    assert "\n" not in str(caught.value)
