"""Clips of cached features, in the place of clips of frames."""

from collections.abc import Sequence
from pathlib import Path

import torch

from vidbench.augmentation import CHANGES
from vidbench.clips import ClipDataset
from vidbench.errors import UserError
from vidbench.features import options as feature_options
from vidbench.features.options import takes_clips
from vidbench.features.store import FeatureStore
from vidbench.sampling import random_for, step_seed, training_indices, view_indices


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

    def __getitem__(self, item: int | tuple[int, int]) -> tuple[torch.Tensor, int, int]:
        number, index = (0, item) if isinstance(item, int) else item
        video = self.videos[index]
        features = torch.from_numpy(self.store.read(video, self._rows(video, number, self.keys[index])))
        return features, self.classes[index], index

    def _rows(self, video: str, number: int, key: str) -> list[int]:
        random = None if self.seed is None else random_for(self.seed, number, key)
        num_rows = self.store.videos[video].num_rows
        if takes_clips(self.store.options):
            return [number if random is None else int(random.integers(num_rows))]
        if random is None:
            return view_indices(num_rows, self.clip, number)
        return training_indices(num_rows, self.clip, random)


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
