"""What the baselines on frozen features see of each video: one vector, the mean over frames and views."""

from collections.abc import Sequence

import numpy as np

from vidbench.clips.sampling import fill_spacing, view_indices
from vidbench.errors import UserError
from vidbench.features import spec
from vidbench.features.store import FeatureStore
from vidbench.frames.store import FrameStore
from vidbench.models.options import ClipOptions, ModelOptions


def mean_features(
    store: FeatureStore, options: ModelOptions, frames: FrameStore, videos: Sequence[str]
) -> dict[str, np.ndarray]:
    """Return each video's features (D,) float64: of the frames of its test views, as models on them see it.

    UserError where the features are of other options or frames, or not finite.
    """
    spec.check(options)
    store.check(options, store.attributes["weights_sha256"], frames)
    store.load_into_memory()
    clip = fill_spacing(options.clip)
    means = {}
    for video in videos:
        rows = view_rows(store, clip, frames, video) if options.takes_frames else None
        mean = store.read(video, rows).mean(axis=0, dtype=np.float64)
        if not np.isfinite(mean).all():
            raise UserError(
                f"{store.shards[0].parent}: the features of video '{video}' are not finite; check the backbone's"
                " weights, and run extract_features.py again"
            )
        means[video] = mean
    return means


def view_rows(store: FeatureStore, clip: ClipOptions, frames: FrameStore, video: str) -> np.ndarray:
    """Return the numbers (views * T,) of the frames in a video's test views, rising; one in several views repeats."""
    number = store.videos[video].num_rows
    times = frames.times(video) if clip.rate else None
    return np.sort(np.concatenate([view_indices(number, clip, view, times) for view in range(clip.views)]))
