"""The HDF5 files of a store, of frames or of features: finding and opening them."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Generic, TypeVar

import h5py

from vidbench.errors import UserError, did_you_mean
from vidbench.hdf5 import open_to_read

Opened = TypeVar("Opened")
Stored = TypeVar("Stored")


class OpenFiles(dict[Path, Opened], Generic[Opened]):
    """Open files by shard: each process opens them itself, on first use; a copy for another process is empty."""

    def __init__(self, take: Callable[[h5py.File], Opened]) -> None:
        """`take`: a function of a module (it is pickled), which takes from an open file what is needed of it."""
        super().__init__()
        self.take = take
        self.process = os.getpid()

    def of(self, shard: Path) -> Opened:
        """Return what `take` gives of a shard."""
        if self.process != os.getpid():  # HDF5 handles must not cross a fork: they silently read wrong data
            self.clear()
            self.process = os.getpid()
        if shard not in self:
            self[shard] = self.take(open_to_read(shard))
        return self[shard]

    def __reduce__(self) -> tuple:
        return type(self), (self.take,)


def find(places: Path | str | Sequence[Path | str], kind: str, advice: str) -> list[Path]:
    """Return the files of a store, from those files or from folders that hold them; UserError ending in `advice`."""
    places = [places] if isinstance(places, str | Path) else places
    shards: list[Path] = []
    for place in map(Path, places):
        if not place.exists():
            raise UserError(f"{place}: no such file or folder; {advice}")
        shards += sorted(place.glob("*.h5")) if place.is_dir() else [place]
    if not shards:
        raise UserError(f"{', '.join(map(str, places))}: holds no {kind} (no .h5 files)")
    return sorted(shards)


class ById(dict[str, Stored], Generic[Stored]):
    """The videos of a store by id; UserError with the nearest one for a name that is not among them."""

    def __missing__(self, video: str) -> Stored:
        raise UserError(f"no video '{video}' in this store: {did_you_mean(video, self)}")
