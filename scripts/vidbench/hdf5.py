"""Opening HDF5 files without locks.

A file is written under a name of its own and never changed once it has its final one, so nothing is to be locked; and
shared file systems (NFS, Lustre) often have no locks, on which HDF5 refuses to open a file.
"""

from pathlib import Path

import h5py


def open_to_read(path: Path | str) -> h5py.File:
    """A finished file."""
    return h5py.File(path, "r", locking=False)


def open_to_write(path: Path | str, **layout: object) -> h5py.File:
    """A new file; `layout` as h5py.File takes it."""
    return h5py.File(path, "w", locking=False, **layout)
