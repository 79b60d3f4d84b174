"""Opening HDF5 files, also where there are no locks, and saying why one cannot be read.

A file is written under a name of its own and never changed once it has its final one, so nothing is to be locked; and
shared file systems (NFS, Lustre) often have no locks, on which HDF5 refuses to open a file.
"""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import h5py

from vidbench.errors import UserError
from vidbench.files import reason_of

ERRNO = re.compile(r"errno = (\d+)")
# What to do about an error of the system; of all others: see to it, and run again.
REMEDIES = {
    errno.ENOENT: "run the workflow, which makes it, or correct the path",
    errno.EISDIR: "name the file",
    **dict.fromkeys((errno.EACCES, errno.EPERM), "correct its permissions and run again"),
    **dict.fromkeys((errno.EMFILE, errno.ENFILE), "raise the limit (ulimit -n) and run again"),
}


def open_to_read(path: Path | str) -> h5py.File:
    """A finished file.

    One process may not open a file in two ways, and a notebook may hold it open: first as h5py does by default, then
    without a lock, which a disk may not have, then with one.
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


def open_to_write(path: Path | str, **layout: object) -> h5py.File:
    """A new file; `layout` as h5py.File takes it."""
    return h5py.File(path, "w", locking=False, **layout)


def dataset(file: h5py.File, name: str) -> h5py.Dataset:
    """Return the data set of this name; KeyError where the file has none."""
    item = file[name]
    if not isinstance(item, h5py.Dataset):
        raise KeyError(f"{name} is no data set")
    return item


@contextmanager
def reading(path: Path | str, kind: str) -> Iterator[None]:
    """Turn what HDF5 and decoders raise into one line: what the system refused may be sound, other content is not."""
    try:
        yield
    except (OSError, KeyError, ValueError, IndexError, RuntimeError) as error:
        if (code := _errno_of(error)) is not None:
            remedy = REMEDIES.get(code, "its content may be sound: see to the disk or the network, and run again")
            raise UserError(f"{path}: cannot be read: {os.strerror(code)}; {remedy}") from error
        raise UserError(
            f"{path}: is no readable {kind} ({reason_of(error)}): damaged, or another file; move it elsewhere and run"
            " the workflow, which makes it anew"
        ) from error


def _errno_of(error: Exception) -> int | None:
    """The system's error behind an exception; None where the content is wrong. HDF5 names some in its text only."""
    if not isinstance(error, OSError):
        return None
    found = ERRNO.search(str(error))
    return error.errno or (int(found[1]) if found else None)
