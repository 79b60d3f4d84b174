"""Random features instead of a feature store, to measure how fast a head trains."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from vidbench.features.store import FeatureStore, StoredFeatures
from vidbench.frames.store import FrameStore
from vidbench.models.options import ModelOptions


class RandomFeatures(FeatureStore):
    """A FeatureStore in memory, with the same random rows for every video."""

    def __init__(self, store: FrameStore, options: ModelOptions, row_values: int) -> None:
        """`store`: frames whose decodable videos have features here; `options`: the model's."""
        views = None if options.takes_frames else options.clip.views
        self.videos = {
            name: StoredFeatures(Path(), first_row=0, num_rows=rows, frames_crc32=0)
            for name, video in store.videos.items()
            if (rows := views or video.num_frames)
        }
        max_rows = max(video.num_rows for video in self.videos.values())
        rows = torch.randn(max_rows, row_values, generator=torch.Generator().manual_seed(0)).numpy()
        self.rows = rows.astype(np.float16) if options.takes_tokens else rows

    @property
    def held(self) -> bool:
        """Whether all features are in memory."""
        return True

    def read(self, video: str, indices: Sequence[int] | None = None) -> np.ndarray:
        """Return rows (T, D) as a store does."""
        return self.rows[np.asarray(indices)]

    def check(self, *_: object) -> None:
        """Accept every model."""
