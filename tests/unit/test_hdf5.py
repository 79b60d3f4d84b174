"""Files on file systems whose locks HDF5 would stumble over."""

import ast
import errno
import fcntl
import re
from pathlib import Path

import h5py
import numpy as np
import pytest
from conftest import PROJECT

from vidbench.errors import UserError
from vidbench.hdf5 import explain_read_errors, open_to_read, open_to_write

ADVICE = re.compile(r"\b(delete|remove|hide) (it|this (?!value)|the|them|or)|; delete|, or delete")


@pytest.fixture
def locked(tmp_path: Path):
    """An HDF5 file that is locked, which HDF5 takes as badly as one that cannot be."""
    path = tmp_path / "shard.h5"
    with open_to_write(path) as file:
        file["frames"] = [1, 2, 3]
    with open(path, "rb+") as holder:
        fcntl.flock(holder, fcntl.LOCK_EX)
        yield path


def test_reads_without_a_lock(locked: Path) -> None:
    with pytest.raises(OSError, match="lock"):
        h5py.File(locked, "r")
    with open_to_read(locked) as file:
        assert list(file["frames"]) == [1, 2, 3]


def test_writes_without_a_lock(locked: Path) -> None:
    with open_to_write(locked) as file:
        file["frames"] = [4]
    with open_to_read(locked) as file:
        assert list(file["frames"]) == [4]


@pytest.fixture
def shard(tmp_path: Path) -> Path:
    """A file that holds something."""
    with open_to_write(tmp_path / "0.h5") as file:
        file["frames"] = np.arange(1 << 16)
    return tmp_path / "0.h5"


@pytest.mark.parametrize("theirs", [{}, {"locking": False}, {"locking": True}])
def test_a_file_that_is_open_in_the_same_process_can_be_read(shard: Path, theirs: dict) -> None:
    with h5py.File(shard, "r", **theirs), open_to_read(shard) as file:
        assert file["frames"][7] == 7


def test_a_file_that_is_open_here_can_be_opened_by_others_in_h5pys_way(shard: Path) -> None:
    with open_to_read(shard), h5py.File(shard) as file:
        assert file["frames"][7] == 7


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.EACCES, "Permission denied; correct its permissions"),
        (errno.EIO, "Input/output error; its content may be intact"),
        (errno.ESTALE, "Stale file handle; its content may be intact"),
        (errno.EMFILE, "Too many open files; raise the limit"),
        (errno.ENOENT, "No such file or directory; run the workflow"),
        (errno.EAGAIN, "Resource temporarily unavailable; its content may be intact"),
    ],
)
@pytest.mark.parametrize("named", ["by number", "in HDF5's text"])
def test_what_the_system_refuses_is_not_called_damaged(code: int, words: str, named: str) -> None:
    text = f"Can't synchronously read data (file read failed: time = now, errno = {code}, error message = '...')"
    error = OSError(code, "x") if named == "by number" else OSError(text)
    with (
        pytest.raises(UserError, match=r"^0\.h5: cannot be read: ") as caught,
        explain_read_errors("0.h5", "frame store"),
    ):
        raise error
    assert words in str(caught.value)
    assert not ADVICE.search(str(caught.value))


@pytest.mark.parametrize("content", [b"", b"hello", None])
def test_what_is_damaged_is_said_to_be_and_never_to_be_deleted(shard: Path, content: bytes | None) -> None:
    shard.write_bytes(shard.read_bytes()[:3000] if content is None else content)
    words = r"is no readable frame store .*: damaged, or another file"
    with pytest.raises(UserError, match=words) as caught, explain_read_errors(shard, "frame store"):
        open_to_read(shard)
    assert not ADVICE.search(str(caught.value))


def test_no_message_advises_to_delete_a_file() -> None:
    """Of what cannot be read, nobody knows here that it is worth nothing."""
    found = [
        f"{path.name}: {text}"
        for path in (PROJECT / "scripts").rglob("*.py")
        for text in raised_texts(path)
        if ADVICE.search(text)
    ]
    assert found == []


def raised_texts(path: Path) -> list[str]:
    """The texts of all errors that a file raises."""
    source = path.read_text(encoding="utf-8")
    raised = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Raise) and node.exc]
    return [
        "".join(
            part.value for part in ast.walk(node.exc) if isinstance(part, ast.Constant) and isinstance(part.value, str)
        )
        for node in raised
    ]
