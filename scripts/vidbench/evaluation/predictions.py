"""The file between prediction and evaluation: logits of each video and view, and their average over views."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

import h5py
import numpy as np

from vidbench.clips.frame_orders import NORMAL
from vidbench.files import atomic_path
from vidbench.hdf5 import dataset, explain_read_errors, open_to_read

KIND = "file of predictions"  # in messages


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
            file.create_dataset("logits", data=self.logits.astype(np.float32, copy=False))
        with atomic_path(path) as temporary:
            temporary.write_bytes(buffer.getbuffer())

    @classmethod
    def read(cls, path: Path | str, condition: str | None = NORMAL) -> "Predictions":
        """Read the rows under a condition; None: all rows, which can be many times larger."""
        with explain_read_errors(path, KIND), open_to_read(path) as file:
            text = {name: _read_text(file, name) for name in ("video", "subset", "condition")}
            rows = [row for row, name in enumerate(text["condition"]) if condition in (None, name)]
            first, end = (rows[0], rows[-1] + 1) if rows else (0, 0)
            logits = dataset(file, "logits")[first:end]  # a condition's rows are contiguous as a rule
            return cls(
                **{name: [values[row] for row in rows] for name, values in text.items()},
                view=_read_text(file, "view"),
                classes=_read_text(file, "classes"),
                logits=logits if len(rows) == len(logits) else logits[[row - first for row in rows]],
            )

    @staticmethod
    def classes_of(path: Path | str) -> list[str]:
        """Read the classes that a file has logits of."""
        with explain_read_errors(path, KIND), open_to_read(path) as file:
            return _read_text(file, "classes")

    @staticmethod
    def videos_of(path: Path | str, subset: str, condition: str = NORMAL) -> set[str]:
        """Read the videos of a subset that a file has logits of under a condition."""
        with explain_read_errors(path, KIND), open_to_read(path) as file:
            rows = zip(*(_read_text(file, name) for name in ("video", "subset", "condition")), strict=True)
            return {video for video, *test in rows if test == [subset, condition]}

    @staticmethod
    def conditions_of(path: Path | str) -> set[str]:
        """Read the conditions that a file has rows of."""
        with explain_read_errors(path, KIND), open_to_read(path) as file:
            return set(_read_text(file, "condition"))

    def rows(self, subset: str, condition: str = NORMAL) -> list[int]:
        """Return the numbers of the rows of a subset under a condition."""
        pairs = zip(self.subset, self.condition, strict=True)
        return [row for row, pair in enumerate(pairs) if pair == (subset, condition)]

    def probabilities(
        self, subset: str, condition: str = NORMAL, views: Sequence[int] | None = None
    ) -> tuple[list[str], np.ndarray]:
        """Return the videos of a subset under a condition and their probabilities (n, K), averaged over views.

        `views`: the numbers of those to average; None: all. A video with a NaN or infinite logit has NaN throughout.
        """
        from scipy.special import softmax

        videos, of_views = self._logits_of_views(subset, condition, views)
        with np.errstate(invalid="ignore"):  # inf - inf, where a training has diverged
            total = reduce(np.add, [softmax(logits, axis=1) for logits in of_views])
        return videos, _all_or_nothing(total / len(of_views))

    def log_probabilities(
        self, subset: str, condition: str = NORMAL, views: Sequence[int] | None = None
    ) -> tuple[list[str], np.ndarray]:
        """Return videos and the logarithms (n, K) of what probabilities() returns; these do not underflow."""
        from scipy.special import log_softmax

        videos, of_views = self._logits_of_views(subset, condition, views)
        with np.errstate(invalid="ignore"):
            total = np.logaddexp.reduce([log_softmax(logits, axis=1) for logits in of_views], axis=0)
        return videos, _all_or_nothing(total - np.log(len(of_views)))

    def _logits_of_views(
        self, subset: str, condition: str, views: Sequence[int] | None
    ) -> tuple[list[str], list[np.ndarray]]:
        """Return videos, and one array (n, K) per view."""
        rows = self.rows(subset, condition)
        numbers = range(len(self.view)) if views is None else views
        return [self.video[row] for row in rows], [self.logits[rows, view].astype(np.float64) for view in numbers]


def _read_text(file: h5py.File, name: str) -> list[str]:
    return np.asarray(dataset(file, name).asstr()[:]).tolist()


def _all_or_nothing(table: np.ndarray) -> np.ndarray:
    """Return the table with NaN throughout in each row that has one."""
    return np.where(np.isnan(table).any(axis=1, keepdims=True), np.nan, table)
