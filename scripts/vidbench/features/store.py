"""The feature store: a frozen backbone's features of every video, computed once, in a few HDF5 files (shards).

A shard is columnar, as the frame store's:
    features/data    float32 (rows, D)  all videos' rows one after another
    tokens/data      float16 (rows, cells of the grid ..., C), where the backbone's entry has `tokens`
    videos/<column>  one entry per video, see COLUMNS
A 2D backbone gives one row per stored frame, a network that takes clips one row per test view. The attributes hold the
complete options (JSON) and the SHA-256 of the backbone's weights.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from vidbench.errors import UserError
from vidbench.features.spec import FeatureSpec
from vidbench.frames.shards import ById, OpenFiles, find
from vidbench.frames.store import SCATTERED, FrameStore
from vidbench.hdf5 import dataset, explain_read_errors, open_to_read
from vidbench.models.options import ModelOptions

FEATURES, TOKENS = "features/data", "tokens/data"
KIND = "feature store"  # in messages
SCHEMA_VERSION = 1
COLUMNS = {
    "id": h5py.string_dtype(),
    "first_row": np.dtype(np.int64),
    "num_rows": np.dtype(np.int64),
    "frames_crc32": np.dtype(np.uint32),  # of the stored frames that the rows were computed from
}
MAX_HELD = 2 << 30  # bytes of features that are kept in memory


@dataclass(frozen=True, slots=True)
class StoredFeatures:
    """The place of a video's rows."""

    shard: Path
    first_row: int
    num_rows: int
    frames_crc32: int

    @property
    def readable(self) -> bool:
        """True where there is at least one row."""
        return self.num_rows > 0


class FeatureStore:
    """Features of a data set's videos by id.

    >>> store = FeatureStore("results/motion/features/resnet18")
    >>> store.read("left_s000", [0, 4, 8])  # (3, 512) float32

    With `takes_tokens` a row is the tokens of a frame or clip, cell after cell: (T, cells * C) float16.

    Like a FrameStore it can be handed to DataLoader workers and survives a fork.
    """

    def __init__(self, shards: Path | str | Sequence[Path | str], takes_tokens: bool = False) -> None:
        """`shards`: the folder of a store, or its files. UserError where one is no feature store, or has no tokens."""
        self.videos: dict[str, StoredFeatures] = ById()
        self.attributes: dict[str, Any] = {}
        self.spec: FeatureSpec | None = None  # what the features were computed with
        self.shards = find(shards, KIND, "extract_features.py makes it")
        self.num_bytes = 0
        self.width = 0  # values of a feature vector, or of a token
        self._data = TOKENS if takes_tokens else FEATURES
        for shard in self.shards:
            self._index(shard)
        self._held: dict[Path, np.ndarray] = {}
        self._open_files = OpenFiles(self._rows_of)

    def _index(self, shard: Path) -> None:
        with explain_read_errors(shard, KIND), open_to_read(shard) as file:
            attributes = dict(file.attrs)
            if FEATURES in file and self._data not in file:
                raise UserError(f"{shard}: holds no tokens; set `tokens` and run extract_features.py again")
            columns = [dataset(file, f"videos/{name}")[:].tolist() for name in COLUMNS if name != "id"]
            ids = dataset(file, "videos/id").asstr()[:]
            self.num_bytes += self._rows_of(file).nbytes
            self.width = self._rows_of(file).shape[-1]
        if self.attributes and attributes != self.attributes:
            raise UserError(
                f"{shard}: made with other settings or weights than {self.shards[0]}; run the workflow"
                " with --forcerun extract_features"
            )
        self.attributes = attributes
        self.spec = FeatureSpec.from_dict(json.loads(self.attributes["options"]))
        for video, *row in zip(ids, *columns, strict=True):
            self.videos[video] = StoredFeatures(shard, *row)

    def summary(self) -> dict:
        """Return what identifies these features, for options.json."""
        names = [name for name in ("weights_sha256", "threads", "versions", "tf32") if name in self.attributes]
        return {name: np.asarray(self.attributes[name]).item() for name in names}

    @property
    def held(self) -> bool:
        """True where all features are in memory."""
        return len(self._held) == len(self.shards)

    def load_into_memory(self, max_bytes: int = MAX_HELD) -> "FeatureStore":
        """Read everything into memory, where it is no more than `max_bytes`. Workers that fork later share it."""
        if self.num_bytes <= max_bytes:
            for shard in self.shards:
                with explain_read_errors(shard, KIND), open_to_read(shard) as file:
                    self._held[shard] = _flatten(self._rows_of(file)[:])
        return self

    def read(self, video: str, indices: Sequence[int] | np.ndarray | None = None) -> np.ndarray:
        """Read rows of a video: (T, D) float32, or of tokens (T, cells * C) float16.

        `indices`: T numbers from 0 to num_rows - 1, none smaller than the one before; None for all rows.
        IndexError where the video has no such row.
        """
        stored = self.videos[video]
        rows = np.arange(stored.num_rows) if indices is None else np.asarray(indices)
        if not len(rows) or rows[0] < 0 or rows[-1] >= stored.num_rows:
            raise IndexError(f"video '{video}' has the rows 0 to {stored.num_rows - 1}, asked for were {indices}")
        rows = rows + stored.first_row
        if stored.shard in self._held:
            return self._held[stored.shard][rows]
        with explain_read_errors(stored.shard, KIND):
            data = self._open_files.of(stored.shard)
            first, last = int(rows[0]), int(rows[-1])
            if last - first + 1 > SCATTERED * len(rows):
                return _flatten(np.stack([data[row] for row in rows]))
            return _flatten(data[first : last + 1][rows - first])

    def check(self, options: ModelOptions, weights: str, frames: FrameStore) -> None:
        """Raise UserError unless the features are those of a model, its backbone's `weights` and the frames.

        `weights`: weights_sha256() of the model's backbone.
        """
        folder = self.shards[0].parent
        if self.spec and (key := FeatureSpec.of(options).difference(self.spec)):
            raise UserError(f"{folder}: its features were made with another {key}; run extract_features.py again")
        if weights != self.attributes["weights_sha256"]:
            raise UserError(f"{folder}: its features are of other weights; run extract_features.py again")
        for video, stored in frames.videos.items():
            features = self.videos.get(video)
            if stored.readable and (features is None or features.frames_crc32 != stored["crc32"]):
                raise UserError(f"{folder}: has no features of the frames of '{video}'; run extract_features.py again")

    def _rows_of(self, file: h5py.File) -> h5py.Dataset:
        return dataset(file, self._data)


def _flatten(rows: np.ndarray) -> np.ndarray:
    """(T, ...) -> (T, values of a row)."""
    return rows.reshape(len(rows), -1) if len(rows) else rows
