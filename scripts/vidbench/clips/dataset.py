"""Clips of videos as torch data sets: random ones for training, evenly spread views for validation and test.

>>> store = FrameStore("results/motion/frames")
>>> clips = FrameClips(store, ClipOptions(frames=8, sampling="dense", step=2))
>>> data = TestClips(clips, ["left_s000", "up_s000"], [0, 1])
>>> clip, target = data[0]  # (8, 3, H, W) uint8, class number
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import torch
from torch.utils.data import Dataset

from vidbench.clips.sampling import fill_spacing, random_for, training_indices, view_indices
from vidbench.clips.transforms import cover, crop
from vidbench.errors import UserError
from vidbench.frames.store import FrameStore
from vidbench.models.options import ClipOptions

NO_CLASS = -1  # no class's number


class ClipSource(Protocol):
    """Gives clips of videos by id: of their frames, or of a frozen backbone's features of them."""

    def training_clip(self, video: str, random: np.random.Generator) -> torch.Tensor:
        """Return a random clip."""
        ...

    def test_clip(self, video: str, view: int) -> torch.Tensor:
        """Return a view; the views are spread evenly."""
        ...

    def video_ids(self) -> list[str]:
        """Return the ids of all videos that there are clips of."""
        ...


class FrameClips:
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

    def training_clip(self, video: str, random: np.random.Generator) -> torch.Tensor:
        """Return a random clip."""
        times = self.store.times(video) if self.clip.rate else None
        return self._read(video, training_indices(self.store.videos[video].num_frames, self.clip, random, times))

    def test_clip(self, video: str, view: int) -> torch.Tensor:
        """Return a view."""
        return self._read(video, self.view_indices(video, view))

    def view_indices(self, video: str, view: int) -> np.ndarray:
        """Return the frames of a view: (T,) int64, not falling."""
        times = self.store.times(video) if self.clip.rate else None
        return view_indices(self.store.videos[video].num_frames, self.clip, view, times)

    def video_ids(self) -> list[str]:
        """Return the ids of all videos that have frames."""
        return sorted(video for video, stored in self.store.videos.items() if stored.readable)

    def _read(self, video: str, indices: np.ndarray) -> torch.Tensor:
        clip = torch.from_numpy(self.store.read(video, indices)).permute(0, 3, 1, 2)  # (T, 3, H, W)
        return clip if self.size is None else crop(cover(clip, self.size), self.size)


class TrainingClips(Dataset):
    """data[epoch, i] is a random clip of video i, its class number and the seed of its augmentation.

    All three derive from (seed, epoch, video), so the number of workers changes nothing.
    """

    def __init__(
        self,
        clips: ClipSource,
        videos: Sequence[str],
        targets: Sequence[int],
        *,
        seed: int,
        clips_per_epoch: int | None = None,
    ) -> None:
        """`videos`: ids; `targets`: the class number of each; `clips_per_epoch`: None for one of each video."""
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
        key = (self.seed, epoch, self._keys[index])
        clip = self.clips.training_clip(self.videos[index], random_for(*key))
        return clip, self.targets[index], int(random_for(*key).integers(1 << 62))


class TestClips(Dataset):
    """data[view, i] is a view of video i and its class number; data[i] is the first view."""

    __test__ = False  # no test for pytest to collect

    def __init__(
        self, clips: ClipSource, videos: Sequence[str] | None = None, targets: Sequence[int] | None = None
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


def _one_per_video(targets: Sequence[int], videos: Sequence[str]) -> list[int]:
    if len(targets) != len(videos):
        raise UserError(f"clips: {len(targets)} classes of {len(videos)} videos; give one for each video")
    return list(targets)
