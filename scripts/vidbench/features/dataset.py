"""Clips of cached features in place of clips of frames."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from vidbench.clips.augmentation import CHANGES
from vidbench.clips.dataset import ClipSource, FrameClips
from vidbench.clips.loader import Batch
from vidbench.clips.sampling import fill_spacing, step_seed, training_indices, view_indices
from vidbench.clips.transforms import Clips
from vidbench.errors import UserError
from vidbench.features import spec
from vidbench.features.store import FeatureStore
from vidbench.frames.store import FrameStore
from vidbench.models.options import AugmentationOptions, ClipOptions, ModelOptions


def open_features(shards: Sequence[Path] | None, options: ModelOptions) -> FeatureStore | None:
    """Open the features that a model's head is trained on, in memory where they fit; None where it works on frames.

    UserError where a model that needs features has none, or one that needs none has some.
    """
    if options.caches_features and not shards:
        raise UserError("--features: missing; make them with extract_features.py, or set cache_features: false")
    if shards and not options.caches_features:
        raise UserError("--features: the model has no frozen backbone with cache_features: true")
    if not shards:
        return None
    spec.check(options)
    return FeatureStore(shards, options.takes_tokens).load_into_memory()


def warn_of_ignored_augmentation(augmentation: AugmentationOptions) -> None:
    """Print the options that would change the picture if its features were not cached."""
    names = [name for name in (*CHANGES, "mixup", "cutmix") if getattr(augmentation, name)]
    if names:
        print(f"training on cached features: augmentation ({', '.join(names)}) has no effect", flush=True)


class FrameFeatureClips(ClipSource):
    """Clips (T, D) of a 2D backbone's features or tokens: a row per frame, sampled like frames."""

    def __init__(self, store: FeatureStore, clip: ClipOptions, frames: FrameStore | None = None) -> None:
        """`frames`: the store that the features were computed from; it has the times, which a `clip.rate` needs."""
        if clip.rate and frames is None:
            raise UserError("clip.rate: the features have no times; give the frames that they are of as `frames`")
        self.store = store
        self.clip = fill_spacing(clip)
        self.frames = frames

    def training_indices(self, video: str, random: np.random.Generator) -> np.ndarray:
        """Return the rows of a random clip's frames."""
        return training_indices(self._num_rows(video), self.clip, random, self._times(video))

    def view_indices(self, video: str, view: int) -> np.ndarray:
        """Return the rows of a view's frames."""
        return view_indices(self._num_rows(video), self.clip, view, self._times(video))

    def read(self, video: str, indices: np.ndarray) -> torch.Tensor:
        """Return the features of these rows."""
        return torch.from_numpy(self.store.read(video, indices))

    def video_ids(self) -> list[str]:
        """Return the ids of all videos that have features."""
        return sorted(self.store.videos)

    def _num_rows(self, video: str) -> int:
        return self.store.videos[video].num_rows

    def _times(self, video: str) -> np.ndarray | None:
        return self.frames.times(video) if self.clip.rate and self.frames else None


class ViewFeatureClips(ClipSource):
    """Clips (1, D) of the features, or tokens, of a network that takes clips: a row per test view."""

    def __init__(self, store: FeatureStore) -> None:
        self.store = store

    def training_indices(self, video: str, random: np.random.Generator) -> np.ndarray:
        """Return the row of a random view."""
        return np.array([random.integers(self.store.videos[video].num_rows)])

    def view_indices(self, video: str, view: int) -> np.ndarray:
        """Return the row of a view."""
        return np.array([view])

    def read(self, video: str, indices: np.ndarray) -> torch.Tensor:
        """Return the features of these rows."""
        return torch.from_numpy(self.store.read(video, indices))

    def video_ids(self) -> list[str]:
        """Return the ids of all videos that have features."""
        return sorted(self.store.videos)


def clip_source(options: ModelOptions, frames: FrameStore, features: FeatureStore | None = None) -> ClipSource:
    """Return clips of features where there are any, else clips of frames."""
    if features is None:
        return FrameClips(frames, options.clip)
    return FrameFeatureClips(features, options.clip, frames) if options.takes_frames else ViewFeatureClips(features)


class FeatureInputs:
    """Brings batches of cached features from the loader to the head: to the device, and no more."""

    def __init__(self, device: torch.device, seed: int = 0, rank: int = 0) -> None:
        """`seed`: of the training, where there is one; `rank`: of the device."""
        self.device = device
        self.seed = seed
        self.rank = rank

    def train(self, batch: Batch, epoch: int, step: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Return features (B, T, D) and classes (B,) on the device; torch is left seeded for the step's dropout."""
        torch.manual_seed(step_seed(self.seed, epoch, step, self.rank))
        return self.test(batch.clips), batch.targets.to(self.device, non_blocking=True)

    def test(self, clips: Clips) -> torch.Tensor:
        """Return features (B, T, D) on the device."""
        assert isinstance(clips, torch.Tensor), "features are of one size"
        return clips.to(self.device, non_blocking=True)
