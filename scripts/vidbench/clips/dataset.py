"""Clips of videos as torch data sets: random ones for training, evenly spread views for validation and test.

>>> store = FrameStore("results/motion/frames")
>>> clips = FrameClips(store, ClipOptions(frames=8, sampling="dense", step=2))
>>> data = TestClips(clips, ["left_s000", "up_s000"], [0, 1])
>>> clip, target = data[0]  # (8, 3, H, W) uint8, class number
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset

from vidbench.clips.clip_buffer import allocate_clips, join_clips
from vidbench.clips.sampling import fill_spacing, random_for, training_indices, view_indices
from vidbench.clips.transforms import Clips, cover, crop
from vidbench.errors import UserError
from vidbench.frames.store import FrameStore
from vidbench.models.options import ClipOptions

NO_CLASS = -1  # no class's number


class ClipSource(ABC):
    """Gives clips of videos by id: of their frames, or of a frozen backbone's features of them."""

    @abstractmethod
    def training_indices(self, video: str, random: np.random.Generator) -> np.ndarray:
        """Return the frames, or rows of features, of a random clip: (T,) int64, not falling."""

    @abstractmethod
    def view_indices(self, video: str, view: int) -> np.ndarray:
        """Return the frames, or rows of features, of a view: (T,) int64, not falling; the views are spread evenly."""

    @abstractmethod
    def read(self, video: str, indices: np.ndarray) -> torch.Tensor:
        """Return the clip of these frames or rows."""

    @abstractmethod
    def video_ids(self) -> list[str]:
        """Return the ids of all videos that there are clips of."""

    def training_clip(self, video: str, random: np.random.Generator) -> torch.Tensor:
        """Return a random clip."""
        return self.read(video, self.training_indices(video, random))

    def test_clip(self, video: str, view: int) -> torch.Tensor:
        """Return a view."""
        return self.read(video, self.view_indices(video, view))

    def read_batch(self, videos: Sequence[str], indices: Sequence[np.ndarray]) -> Clips:
        """Return the clips of a batch in one buffer, those of these frames or rows of each video."""
        return join_clips([self.read(*clip) for clip in zip(videos, indices, strict=True)])


class FrameClips(ClipSource):
    """Clips as they are stored: (T, 3, H, W) uint8, RGB.

    H and W are the video's own; where they differ, DataLoader needs `collate_fn=collate` (loader.py), and `transforms`
    scales and crops on the batch's device. With a `size`, every clip has it already.
    """

    def __init__(self, store: FrameStore, clip: ClipOptions, size: Sequence[int] | None = None) -> None:
        """`size`: (height, width) that every clip is scaled to cover, and cropped to, in the middle.

        UserError for options that exclude each other.
        """
        self.store = store
        self.clip = fill_spacing(clip)
        self.size = size

    def training_indices(self, video: str, random: np.random.Generator) -> np.ndarray:
        """Return the frames of a random clip: (T,) int64, not falling."""
        times = self.store.times(video) if self.clip.rate else None
        return training_indices(self.store.videos[video].num_frames, self.clip, random, times)

    def view_indices(self, video: str, view: int) -> np.ndarray:
        """Return the frames of a view: (T,) int64, not falling."""
        times = self.store.times(video) if self.clip.rate else None
        return view_indices(self.store.videos[video].num_frames, self.clip, view, times)

    def video_ids(self) -> list[str]:
        """Return the ids of all videos that have frames."""
        return sorted(video for video, stored in self.store.videos.items() if stored.readable)

    def read(self, video: str, indices: np.ndarray) -> torch.Tensor:
        """Return the clip of these frames."""
        clip = torch.from_numpy(self.store.read(video, indices)).permute(0, 3, 1, 2)  # (T, 3, H, W)
        return clip if self.size is None else crop(cover(clip, self.size), self.size)

    def read_batch(self, videos: Sequence[str], indices: Sequence[np.ndarray]) -> Clips:
        """Decode the clips of a batch into one buffer: (B, T, 3, H, W) uint8, packed where their sizes differ."""
        if self.size is not None:
            return super().read_batch(videos, indices)
        shapes = [
            (len(frames), *self.store.frame_size(video), 3) for video, frames in zip(videos, indices, strict=True)
        ]
        clips = allocate_clips(shapes)
        for video, frames, clip in zip(videos, indices, clips, strict=True):
            self.store.read(video, frames, out=clip.permute(0, 2, 3, 1).numpy())
        return clips


class BatchItems(list[tuple]):
    """Items of a data set that were read together: `clips` holds all their clips in one buffer."""

    def __init__(self, clips: Clips, *numbers: Sequence[int]) -> None:
        """`numbers`: of each clip, its class and, in training, its seed."""
        super().__init__(zip(clips, *numbers, strict=True))
        self.clips = clips


class TrainingClips(Dataset):
    """data[epoch, i] is a random clip of video i, its class number and the seed of its augmentation.

    All three derive from (seed, epoch, video), so the number of workers changes nothing.
    """

    def __init__(
        self,
        clips: ClipSource,
        videos: Sequence[str],
        targets: Sequence[Any],
        *,
        seed: int,
        clips_per_epoch: int | None = None,
    ) -> None:
        """`videos`: ids; `targets`: the class number of each, or K floats, 1 for each label that it has.

        `clips_per_epoch`: None for one of each video.
        """
        self.clips = clips
        self.seed = seed
        self.clips_per_epoch = clips_per_epoch or len(videos)
        # A fraction of a split trains for the number of updates of the full split, so an epoch can be longer than the
        # data. It then goes through the videos several times: with 2 videos and 5 clips per epoch, the keys are "a",
        # "b", "a 1", "b 1", "a 2", "b 2", so that a video comes with other frames and another augmentation each time.
        rounds = -(-self.clips_per_epoch // len(videos))
        self._keys = [f"{video} {number}" if number else video for number in range(rounds) for video in videos]
        self.videos = list(videos) * rounds
        self.targets = _one_per_video(targets, videos) * rounds

    def __len__(self) -> int:
        return len(self.videos)

    def __getitem__(self, item: tuple[int, int]) -> tuple[torch.Tensor, int, int]:
        epoch, index = item
        clip = self.clips.training_clip(self.videos[index], self._random(epoch, index))
        return clip, self.targets[index], self._seed(epoch, index)

    def __getitems__(self, items: Sequence[tuple[int, int]]) -> BatchItems:
        """Return the items of a batch, their clips in one buffer; DataLoader calls this."""
        videos = [self.videos[index] for _, index in items]
        indices = [
            self.clips.training_indices(video, self._random(*item)) for video, item in zip(videos, items, strict=True)
        ]
        targets = [self.targets[index] for _, index in items]
        return BatchItems(self.clips.read_batch(videos, indices), targets, [self._seed(*item) for item in items])

    def _random(self, epoch: int, index: int) -> np.random.Generator:
        return random_for(self.seed, epoch, self._keys[index])

    def _seed(self, epoch: int, index: int) -> int:
        """Return the seed of a clip's augmentation."""
        return int(self._random(epoch, index).integers(1 << 62))


class TestClips(Dataset):
    """data[view, i] is a view of video i and its class number; data[i] is the first view."""

    __test__ = False  # no test for pytest to collect

    def __init__(
        self, clips: ClipSource, videos: Sequence[str] | None = None, targets: Sequence[Any] | None = None
    ) -> None:
        """`videos`: ids, None for all; `targets`: the class number of each, None for NO_CLASS."""
        self.clips = clips
        self.videos = clips.video_ids() if videos is None else list(videos)
        self.targets = _one_per_video([NO_CLASS] * len(self.videos) if targets is None else targets, self.videos)

    def __len__(self) -> int:
        return len(self.videos)

    def __getitem__(self, item: int | tuple[int, int]) -> tuple[torch.Tensor, int]:
        view, index = (0, item) if isinstance(item, int) else item
        return self.clips.test_clip(self.videos[index], view), self.targets[index]

    def __getitems__(self, items: Sequence[int | tuple[int, int]]) -> BatchItems:
        """Return the items of a batch, their clips in one buffer; DataLoader calls this."""
        places = [(0, item) if isinstance(item, int) else item for item in items]
        videos = [self.videos[index] for _, index in places]
        indices = [self.clips.view_indices(video, view) for video, (view, _) in zip(videos, places, strict=True)]
        return BatchItems(self.clips.read_batch(videos, indices), [self.targets[index] for _, index in places])


def _one_per_video(targets: Sequence[Any], videos: Sequence[str]) -> list[Any]:
    if len(targets) != len(videos):
        raise UserError(f"clips: {len(targets)} classes of {len(videos)} videos; give one for each video")
    return list(targets)
