"""Clips of cached features, in the place of clips of frames."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from vidbench.augmentation import CHANGES
from vidbench.clips import ClipDataset
from vidbench.errors import UserError
from vidbench.features import options as feature_options
from vidbench.features.options import takes_clips
from vidbench.features.store import FeatureStore
from vidbench.frames import FrameStore
from vidbench.sampling import random_for, step_seed


def open_features(shards: Sequence[Path] | None, options: dict) -> FeatureStore | None:
    """The features that a model's head is trained on, in memory where they fit; None where it works on frames.

    UserError where a model that needs them has none, or the other way round.
    """
    cached = feature_options.is_cached(options)
    if cached and not shards:
        raise UserError("--features: missing; make them with extract_features.py, or set cache_features: false")
    if shards and not cached:
        raise UserError("--features: the model has no frozen backbone with cache_features: true")
    if not cached:
        return None
    feature_options.check(options)
    return FeatureStore(shards).hold()


def say_what_has_no_effect(augmentation: dict) -> None:
    """Name the `augmentation` options that would change the picture, if its features were not cached."""
    names = [name for name in (*CHANGES, "mixup", "cutmix") if augmentation[name]]
    if names:
        print(f"training on cached features: augmentation ({', '.join(names)}) has no effect", flush=True)


class FeatureDataset(ClipDataset):
    """As a ClipDataset, over a FeatureStore: items are (T, D) float32, class, place in `videos`.

    Of a 2D backbone the rows are frames, and are sampled like frames. Of a network that takes clips they are its test
    views: data[view, i] is one of them, and in training data[epoch, i] is a random one; T is 1.
    """

    def __init__(
        self,
        store: FeatureStore,
        videos: Sequence[str] | None = None,
        classes: Sequence[int] | None = None,
        *,
        stored: FrameStore | None = None,
        **options: object,
    ) -> None:
        """`stored`: the frames that the features are of; they know the times, which a `rate` needs."""
        super().__init__(store, videos, classes, **options)
        by_time = "rate" in self.clip and not takes_clips(store.options)
        if by_time and stored is None:
            raise UserError("clip.rate: the features have no times; give the frames that they are of as `stored`")
        self.stored = stored if by_time else None

    def __getitem__(self, item: int | tuple[int, int]) -> tuple[torch.Tensor, int, int]:
        number, index = (0, item) if isinstance(item, int) else item
        features = torch.from_numpy(self.store.read(self.videos[index], self.indices(number, index)))
        return features, self.classes[index], index

    def indices(self, number: int, index: int) -> np.ndarray:
        """Rows of the item data[number, index]."""
        if not takes_clips(self.store.options):
            return super().indices(number, index)
        if self.seed is None:
            return np.array([number])
        random = random_for(self.seed, number, self.keys[index])
        return np.array([int(random.integers(self.store.videos[self.videos[index]].num_rows))])

    def times(self, video: str) -> np.ndarray:
        """When each row's frame is shown."""
        return self.stored.times(video)


class FeatureInputs:
    """What stands between the loader and the head: cached features only have to reach the device."""

    def __init__(self, device: torch.device, seed: int | None = None, rank: int = 0) -> None:
        """`seed`: of the training, where there is one; `rank`: of the device."""
        self.device, self.seed, self.rank = device, seed, rank

    def train(
        self, clips: torch.Tensor, classes: torch.Tensor, members: torch.Tensor, epoch: int, step: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Features (B, T, D) and classes (B,) on the device; leaves torch seeded for the step's dropout."""
        torch.manual_seed(step_seed(self.seed, epoch, step, self.rank))
        return self.test(clips), classes.to(self.device, non_blocking=True)

    def test(self, clips: torch.Tensor) -> torch.Tensor:
        """(B, T, D) on the device."""
        return clips.to(self.device, non_blocking=True)
