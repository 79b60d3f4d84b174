"""The frame store: every video of a data set decoded once, in a few HDF5 files (shards).

A shard is columnar:
    frames/data      uint8  (bytes,)     all frames one after another, as JPEG files or raw RGB
    frames/offset    int64  (frames+1,)  frame i is data[offset[i]:offset[i + 1]]
    frames/time      float32 (frames,)   seconds from the first frame of its video, rising
    videos/<column>  one entry per video, see COLUMNS
and its attributes hold the recipe, the schema version and ffmpeg's version.
"""

import hashlib
import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from vidbench.errors import UserError
from vidbench.frames.shards import ById, OpenFiles, find
from vidbench.hdf5 import dataset, explain_read_errors, open_to_read

KIND = "frame store"  # in messages
SCHEMA_VERSION = 3  # rises when columns come or go: what a killed run has decoded for another one is not used
OK, PARTIAL, FAILED = "ok", "partial", "failed"
COLUMNS = {
    "id": h5py.string_dtype(),
    "first_frame": np.dtype(np.int64),
    "num_frames": np.dtype(np.int64),
    "height": np.dtype(np.int32),  # of the stored frames
    "width": np.dtype(np.int32),
    "source_height": np.dtype(np.int32),  # as a player shows the video: turned, with square pixels
    "source_width": np.dtype(np.int32),
    "source_fps": np.dtype(np.float64),
    "duration": np.dtype(np.float64),  # seconds
    "codec": h5py.string_dtype(),
    "rotation": np.dtype(np.int32),  # degrees that the frames were turned by
    "expected_frames": np.dtype(np.int64),
    "transfer": h5py.string_dtype(),  # the source's transfer function and primaries, e.g. arib-std-b67 and bt2020
    "primaries": h5py.string_dtype(),
    "status": h5py.string_dtype(),  # ok, partial (some frames) or failed (no frame)
    "message": h5py.string_dtype(),  # ffmpeg's complaint
    "notes": h5py.string_dtype(),  # what is odd about a sound video, e.g. its time stamps; "; " between notes
    "crc32": np.dtype(np.uint32),  # of the video's frame bytes
}
LOCATION = ("id", "first_frame", "num_frames", "crc32")
CHUNK = 1 << 24  # bytes read at a time
SCATTERED = 4  # reading each frame by itself pays when a clip spans more than this many times its length


class Columns(dict[str, np.ndarray]):
    """Columns of a shard, each read on first use: a large data set has hundreds of shards."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path

    def __missing__(self, name: str) -> np.ndarray:
        with explain_read_errors(self.path, KIND), open_to_read(self.path) as file:
            self.update(_read_columns(file, [name]))
        return self[name]


@dataclass(frozen=True)
class Shard:
    """One file of a store, without its frames."""

    path: Path
    codec: str  # jpeg or raw: how frames are stored
    table: Columns


@dataclass(frozen=True, slots=True)
class StoredVideo:
    """A row of a shard's table: where a video's frames are, and what is known of it."""

    shard: Shard
    row: int

    def __getitem__(self, column: str) -> Any:
        """Return the video's value in one of COLUMNS: str, int or float."""
        return np.asarray(self.shard.table[column][self.row]).item()

    @property
    def num_frames(self) -> int:
        return self["num_frames"]

    @property
    def readable(self) -> bool:
        """True where there is at least one frame."""
        return self.num_frames > 0


class FrameStore:
    """Frames of a data set's videos by id.

    >>> store = FrameStore("results/motion/frames")
    >>> store.read("left_s000", [0, 4, 8])  # (3, H, W, 3) uint8, RGB
    >>> store.videos["left_s000"]["source_fps"]  # any name in COLUMNS

    `videos` maps ids to StoredVideo, `attributes` holds the recipe (JSON) and ffmpeg's version. A store can be
    handed to DataLoader workers and survives a fork: each process opens the shards itself, on first use.
    """

    def __init__(self, shards: Path | str | Sequence[Path | str]) -> None:
        """`shards`: the folder of a store, or its files. UserError where one is no frame store."""
        self.videos: dict[str, StoredVideo] = ById()
        self.attributes: dict[str, Any] = {}
        for shard in find_shards(shards):
            self._index(shard)
        self._open_files = OpenFiles(_frames_of)

    def _index(self, shard: Path) -> None:
        with explain_read_errors(shard, KIND), open_to_read(shard) as file:
            self.attributes = dict(file.attrs)
            _check_version(shard, self.attributes)
            codec = json.loads(self.attributes["recipe"])["codec"]
            table = Columns(shard)
            table.update(_read_columns(file, ("id", "num_frames")))
        entry = Shard(shard, codec, table)
        self.videos.update((video, StoredVideo(entry, row)) for row, video in enumerate(table["id"]))

    def read(
        self, video: str, indices: Sequence[int] | np.ndarray | None = None, out: np.ndarray | None = None
    ) -> np.ndarray:
        """Read frames of a video: (T, H, W, 3) uint8 RGB.

        `indices`: T numbers from 0 to num_frames - 1, none smaller than the one before; None for all frames. `out`:
        contiguous memory of that shape, which is filled and returned. IndexError where the video has no such frame.
        """
        stored = self.videos[video]
        frames = np.arange(stored.num_frames) if indices is None else np.asarray(indices)
        if not len(frames) or frames[0] < 0 or frames[-1] >= stored.num_frames:
            raise IndexError(f"video '{video}' has the frames 0 to {stored.num_frames - 1}, asked for were {indices}")
        with explain_read_errors(stored.shard.path, KIND):
            encoded = self._read_encoded(stored, frames + stored["first_frame"])
            if out is None:
                out = np.empty((len(encoded), *self.frame_size(video), 3), np.uint8)
            if stored.shard.codec == "raw":
                np.stack(encoded, out=out.reshape(len(encoded), -1))
            else:
                decode_jpegs(encoded, out)
            return out

    def frame_size(self, video: str) -> tuple[int, int]:
        """Return the (height, width) of a video's stored frames."""
        stored = self.videos[video]
        return stored["height"], stored["width"]

    def times(self, video: str) -> np.ndarray:
        """Read the times of a video's frames: (num_frames,) float32, seconds from its first frame, rising."""
        stored = self.videos[video]
        with explain_read_errors(stored.shard.path, KIND):
            _, _, time = self._open_files.of(stored.shard.path)
            return time[stored["first_frame"] : stored["first_frame"] + stored.num_frames]

    def digest(self, video: str) -> bytes:
        """Return the SHA-256 of a video's frames as they are stored."""
        stored = self.videos[video]
        content = hashlib.sha256()
        with explain_read_errors(stored.shard.path, KIND):
            data, offset, _ = self._open_files.of(stored.shard.path)
            end = offset[stored["first_frame"] + stored.num_frames]
            for start in range(offset[stored["first_frame"]], end, CHUNK):
                content.update(data[start : min(start + CHUNK, end)].tobytes())
        return content.digest()

    def _read_encoded(self, stored: StoredVideo, frames: np.ndarray) -> list[np.ndarray]:
        """Return the bytes of each of a shard's `frames`, numbers (T,) that do not fall."""
        data, offset, _ = self._open_files.of(stored.shard.path)
        first, last = int(frames[0]), int(frames[-1])
        if last - first + 1 > SCATTERED * len(frames):
            return [data[offset[frame] : offset[frame + 1]] for frame in frames]
        # One slice with the frames between: each call of h5py costs more than the bytes that are read in vain.
        start = offset[first]
        block = data[start : offset[last + 1]]
        return [block[offset[frame] - start : offset[frame + 1] - start] for frame in frames]


def find_shards(places: Path | str | Sequence[Path | str]) -> list[Path]:
    """Return the files of a frame store, from those files or from folders that hold them."""
    return find(places, KIND, "name a frame store's folder, or its .h5 files")


def _check_version(shard: Path, attributes: dict[str, Any]) -> None:
    """Raise UserError for a shard that another version of VidBench has made."""
    if attributes["schema_version"] != SCHEMA_VERSION:
        raise UserError(
            f"{shard}: holds frames as another version of VidBench stored them (schema {attributes['schema_version']},"
            f" this is {SCHEMA_VERSION}): the workflow makes it again, run it"
        )


def _frames_of(file: h5py.File) -> tuple[h5py.Dataset, np.ndarray, h5py.Dataset]:
    return dataset(file, "frames/data"), dataset(file, "frames/offset")[:], dataset(file, "frames/time")


def decode_jpegs(encoded: Sequence[np.ndarray], frames: np.ndarray) -> None:
    """Decode JPEG files into `frames`, (T, H, W, 3) uint8 RGB."""
    import simplejpeg

    for jpeg, frame in zip(encoded, frames, strict=True):
        simplejpeg.decode_jpeg(jpeg, fastdct=True, fastupsample=True, buffer=frame)


def _read_columns(file: h5py.File, names: Iterable[str] = COLUMNS) -> dict[str, np.ndarray]:
    """Read columns of an open shard, text as str."""
    text = {name for name, kind in COLUMNS.items() if h5py.check_string_dtype(kind)}
    columns = {name: dataset(file, f"videos/{name}") for name in names}
    return {name: np.asarray(column.asstr()[:] if name in text else column[:]) for name, column in columns.items()}


def verify(shard: Path | str) -> str:
    """Return the SHA-256 over all attributes and data sets of a shard; UserError where a byte is wrong.

    Every video's frame bytes are checked against their checksum, and the offsets against the data.
    """
    content = hashlib.sha256()
    with explain_read_errors(shard, KIND), open_to_read(shard) as file:
        table = _read_columns(file)
        attributes = {key: str(value) for key, value in file.attrs.items()}
        columns = {name: values.tolist() for name, values in table.items()}
        content.update(json.dumps([attributes, columns], sort_keys=True).encode())
        damage = _check_frames(file, table, content)
    if damage:
        raise UserError(f"{shard}: damaged: {damage}; move it elsewhere and run the workflow, which makes it again")
    return content.hexdigest()


def _check_frames(file: h5py.File, table: dict[str, np.ndarray], content: "hashlib._Hash") -> str:
    """Read all frame bytes into `content`, and return what is wrong with them, or ""."""
    data, offset, time = _frames_of(file)
    if offset[-1] != len(data) or (np.diff(offset) < 0).any():
        return "the frames' offsets do not fit the data"
    if len(time) != len(offset) - 1:
        return "the frames' times do not fit the frames"
    content.update(offset.tobytes())
    content.update(time[:].tobytes())
    for video, first, count, expected in zip(*(table[name] for name in LOCATION), strict=True):
        end = offset[first + count]
        checksum = 0
        for start in range(offset[first], end, CHUNK):
            block = data[start : min(start + CHUNK, end)].tobytes()
            content.update(block)
            checksum = zlib.crc32(block, checksum)
        if checksum != expected:
            return f"the frames of '{video}' have changed"
    return ""
