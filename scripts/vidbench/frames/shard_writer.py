"""Writing a shard: finished videos are appended in order, and HDF5's own structures put around them at the end.

So a frame is copied once, and no killed run leaves an unfinished HDF5 file, which may not open. The bytes of a shard:

    0            START                            end
    | HDF5 header | all frames, as in frames.bin | tables and the rest of HDF5's structures |

frames.bin is written first, from START on. Then HDF5 writes a skeleton, a file of the same layout whose frames are a
hole, and the skeleton's two ends are copied around the frames.
"""

import os
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from vidbench.files import atomic_path, read_json
from vidbench.frames.store import COLUMNS, SCHEMA_VERSION
from vidbench.hdf5 import open_to_write

LAYOUT = (
    "frames/data: all frames one after another, as JPEG files or raw RGB (height, width, 3), see recipe; frame i is"
    " data[offset[i]:offset[i + 1]], shown time[i] seconds after the first one of its video. videos/*: one entry per"
    " video, whose frames are first_frame and the num_frames - 1 that follow."
)
START = 4096  # bytes before the first frame, for HDF5's header
CHUNK = 1 << 18  # fits the processor's cache


class ShardWriter:
    """Appends videos from a spool folder to the frames of a shard that gets its name when it is complete.

    A video waits in the spool as NAME.bin (its frames) and NAME.json (its columns, and the size in bytes and the time
    in seconds of each frame). Appending deletes NAME.bin; NAME.json stays, and says after a kill what frames.bin holds.
    """

    def __init__(self, spool: Path) -> None:
        self.spool = spool
        self.frames = spool / "frames.bin"
        self.frames.touch()
        self.end = START
        self.rows: list[dict[str, Any]] = []  # columns of the videos
        self.sizes: list[int] = []
        self.times: list[float] = []

    def recover(self, names: Sequence[str]) -> int:
        """Return how many of the leading videos `names` a killed run has appended; forget what follows them."""
        for name in names:
            if not (self.spool / f"{name}.json").exists() or (self.spool / f"{name}.bin").exists():
                break
            entry = read_json(self.spool / f"{name}.json")
            if self._checksum(sum(entry["sizes"])) != entry["columns"]["crc32"]:
                break
            self._add_row(entry)
        os.truncate(self.frames, self.end)
        return len(self.rows)

    def append(self, name: str) -> None:
        """Add the frames and columns of a video that waits in the spool."""
        entry = read_json(self.spool / f"{name}.json")
        video_frames = self.spool / f"{name}.bin"
        if entry["sizes"]:
            with open(video_frames, "rb") as source, open(self.frames, "r+b", buffering=0) as target:
                target.seek(self.end)
                while block := source.read(CHUNK):
                    target.write(block)
        video_frames.unlink(missing_ok=True)
        self._add_row(entry)

    def finish(self, output: Path, attributes: dict[str, object]) -> None:
        """Write the shard of what was appended. It holds no date: the same videos give the same bytes."""
        skeleton = self.spool / "skeleton.h5"
        self._write_skeleton(skeleton, attributes)
        if self.sizes:
            self._enclose(skeleton)
        with atomic_path(output) as temporary:
            os.replace(self.frames if self.sizes else skeleton, temporary)

    def _add_row(self, entry: dict) -> None:
        place = {"first_frame": len(self.sizes), "num_frames": len(entry["sizes"])}
        self.rows.append(entry["columns"] | place)
        self.sizes += entry["sizes"]
        self.times += entry["times"]
        self.end += sum(entry["sizes"])

    def _checksum(self, size: int) -> int:
        """Return the CRC-32 of the next `size` bytes of what a killed run appended."""
        checksum = 0
        with open(self.frames, "rb") as file:
            file.seek(self.end)
            while block := file.read(min(CHUNK, size)):
                checksum = zlib.crc32(block, checksum)
                size -= len(block)
        return checksum

    def _write_skeleton(self, path: Path, attributes: dict[str, object]) -> None:
        """Write the complete HDF5 file with a hole in place of the frames."""
        offset = np.concatenate([[0], np.cumsum(self.sizes)]).astype(np.int64)
        # The frames' space is allocated at once, but not filled; aligned to START, it begins behind the header.
        layout = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        layout.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
        layout.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
        size = self.end - START
        with open_to_write(path, alignment_threshold=max(size, 1), alignment_interval=START) as file:
            data = file.create_dataset("frames/data", (size,), np.uint8, dcpl=layout)
            if size and data.id.get_offset() != START:
                raise RuntimeError(f"HDF5 puts the frames at byte {data.id.get_offset()}, not at {START}")
            file.create_dataset("frames/offset", data=offset)
            file.create_dataset("frames/time", data=np.array(self.times, np.float32))
            for name, kind in COLUMNS.items():
                column = [row[name] for row in self.rows]
                file.create_dataset(f"videos/{name}", data=column, dtype=kind, shape=(len(column),))
            file.attrs.update({"layout": LAYOUT, "schema_version": SCHEMA_VERSION, **attributes})

    def _enclose(self, skeleton: Path) -> None:
        """Copy what the skeleton holds before and after the hole to the same places around the frames."""
        with open(skeleton, "rb") as source, open(self.frames, "r+b") as target:
            target.write(source.read(START))
            source.seek(self.end)
            target.seek(self.end)
            target.write(source.read())
