"""Opening HDF5 files, also on disks without file locks, and explaining why one cannot be read.

A file is written under a temporary name and never changes after it got its final one, so no lock is needed; and shared
file systems (NFS, Lustre) often have no locks, without which HDF5 refuses to open a file.
"""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import h5py

from vidbench.errors import UserError
from vidbench.files import reason_of

ERRNO = re.compile(r"errno = (\d+)")
# What the user can do about an error of the system; see `explain_read_errors` for all others.
REMEDIES = {
    errno.ENOENT: "run the workflow, which makes it, or correct the path",
    errno.EISDIR: "name the file",
    **dict.fromkeys((errno.EACCES, errno.EPERM), "correct its permissions and run again"),
    **dict.fromkeys((errno.EMFILE, errno.ENFILE), "raise the limit (ulimit -n) and run again"),
}


def open_to_read(path: Path | str) -> h5py.File:
    """Open a finished file.

    A process may not open a file both with and without a lock, and a notebook may have it open. So it is tried as h5py
    does by default, then without a lock, for disks that have none, then with one. OSError if all three fail.
    """
    try:
        return h5py.File(path, "r")
    except OSError as error:
        if "lock" not in str(error):
            raise
        first = error
    for locking in (False, True):
        with suppress(OSError):
            return h5py.File(path, "r", locking=locking)
    raise first


def open_to_write(path: Path | str, **layout: Any) -> h5py.File:
    """Create a file; `layout`: more arguments of h5py.File."""
    return h5py.File(path, "w", locking=False, **layout)


def dataset(file: h5py.File, name: str) -> h5py.Dataset:
    """Return the data set of this name; KeyError where the file has none."""
    item = file[name]
    if not isinstance(item, h5py.Dataset):
        raise KeyError(f"{name} is no data set")
    return item


@contextmanager
def explain_read_errors(path: Path | str, kind: str) -> Iterator[None]:
    """Turn errors of HDF5 and decoders into a UserError of one line about `path`, which should be a `kind` of file.

    A file that the system cannot read may be intact; one that HDF5 or a decoder cannot read is damaged.
    """
    try:
        yield
    except (OSError, KeyError, ValueError, IndexError, RuntimeError) as error:
        if (code := _errno_of(error)) is not None:
            remedy = REMEDIES.get(code, "its content may be intact: check the disk or the network, and run again")
            raise UserError(f"{path}: cannot be read: {os.strerror(code)}; {remedy}") from error
        raise UserError(
            f"{path}: is no readable {kind} ({reason_of(error)}): damaged, or another file; move it elsewhere and run"
            " the workflow, which makes it again"
        ) from error


def _errno_of(error: Exception) -> int | None:
    """Return the system's error number behind an exception, which HDF5 may give in its text only.

    None if the content of the file is wrong.
    """
    if not isinstance(error, OSError):
        return None
    match = ERRNO.search(str(error))
    return error.errno or (int(match[1]) if match else None)
