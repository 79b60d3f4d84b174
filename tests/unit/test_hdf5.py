"""Files on file systems whose locks HDF5 would stumble over."""

import fcntl
from pathlib import Path

import h5py
import pytest

from vidbench.hdf5 import open_to_read, open_to_write


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
