"""The file of activation maps, between computing and drawing them. Imports no torch."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from vidbench.files import atomic_path
from vidbench.hdf5 import dataset, explain_read_errors, open_to_read

MAX_SIDE = 112  # pixels of the frames that are stored beside the maps
TEXT = ("video", "truth", "predicted")  # data sets of the file, each a field of Activations
ARRAYS = ("probability", "frame", "frames", "maps", "weight")


@dataclass(frozen=True)
class Activations:
    """Activation maps of one trained model for the predicted classes of N videos, in clips of T frames."""

    video: list[str]  # N
    truth: list[str]  # N
    predicted: list[str]  # N, from all views of the test
    probability: np.ndarray  # (N,) float32, of the predicted class
    frame: np.ndarray  # (N, T) int64: which of the video's stored frames the clip took
    frames: np.ndarray  # (N, T, h, w, 3) uint8, RGB, made small
    maps: np.ndarray  # (N, T, h, w) float16, 1 at a video's maximum; all 0 where nothing raises the class's logit
    weight: np.ndarray  # (N, T) float32: the map's mean over each frame
    layer: str  # name of the module whose output is mapped
    grid: list[int]  # its cells: time, height, width

    def write(self, path: Path | str) -> None:
        """Write as HDF5, atomically; the same maps give the same bytes."""
        buffer = io.BytesIO()  # as HDF5 does not survive a full disk
        with h5py.File(buffer, "w") as file:
            for name in TEXT:
                file.create_dataset(name, data=getattr(self, name), dtype=h5py.string_dtype())
            for name in ARRAYS:
                packed = {"compression": "gzip"} if name in ("frames", "maps") else {}
                file.create_dataset(name, data=getattr(self, name), **packed)
            file.attrs["layer"] = self.layer
            file.attrs["grid"] = self.grid
            file.attrs["target"] = "predicted"
        with atomic_path(path) as temporary:
            temporary.write_bytes(buffer.getbuffer())

    @classmethod
    def read(cls, path: Path | str) -> "Activations":
        """Read what write() wrote."""
        with explain_read_errors(path, "file of activation maps"), open_to_read(path) as file:
            text: dict[str, Any] = {name: list(dataset(file, name).asstr()[:]) for name in TEXT}
            arrays: dict[str, Any] = {name: dataset(file, name)[:] for name in ARRAYS}
            grid = np.asarray(file.attrs["grid"]).tolist()
            return cls(**text, **arrays, layer=str(file.attrs["layer"]), grid=grid)
