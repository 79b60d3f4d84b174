"""The file between predicting and scoring: logits of each video and view."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from vidbench.errors import UserError
from vidbench.files import atomic_path


@dataclass(frozen=True)
class Predictions:
    """Logits of one trained model; needs no torch."""

    video: list[str]  # N
    subset: list[str]  # N: val or test
    condition: list[str]  # N: normal, or what was done to the order of the frames: shuffled0, reversed, single_frame
    view: list[str]  # V
    classes: list[str]  # K
    logits: np.ndarray  # (N, V, K) float32

    def write(self, path: Path | str) -> None:
        """Write as HDF5, atomically; the same predictions give the same bytes."""
        buffer = io.BytesIO()  # HDF5 does not survive a full disk
        with h5py.File(buffer, "w") as file:
            for name in ("video", "subset", "condition", "view", "classes"):
                file.create_dataset(name, data=getattr(self, name), dtype=h5py.string_dtype())
            file.create_dataset("logits", data=self.logits.astype(np.float32))
        with atomic_path(path) as temporary:
            temporary.write_bytes(buffer.getbuffer())

    @classmethod
    def read(cls, path: Path | str) -> "Predictions":
        """Read what write() wrote."""
        try:
            with h5py.File(path, "r") as file:
                names = ("video", "subset", "condition", "view", "classes")
                text = {name: file[name].asstr()[:].tolist() for name in names}
                return cls(**text, logits=file["logits"][:])
        except (OSError, KeyError) as error:
            raise UserError(f"{path}: is no readable file of predictions ({error})") from error

    def rows(self, subset: str, condition: str = "normal") -> list[int]:
        """Numbers of the rows of a subset under a condition."""
        pairs = zip(self.subset, self.condition, strict=True)
        return [row for row, pair in enumerate(pairs) if pair == (subset, condition)]

    def probabilities(
        self, subset: str, condition: str = "normal", views: Sequence[int] | None = None
    ) -> tuple[list[str], np.ndarray]:
        """Videos of a subset under a condition and their (n, K) probabilities, averaged over views: all, or these."""
        from scipy.special import softmax

        rows = self.rows(subset, condition)
        logits = self.logits[rows] if views is None else self.logits[rows][:, list(views)]
        return [self.video[row] for row in rows], softmax(logits.astype(np.float64), axis=2).mean(axis=1)
