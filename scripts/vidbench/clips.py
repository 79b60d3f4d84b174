"""Clips of videos as a torch Dataset, in batches that can be resumed anywhere."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset, Sampler

from vidbench.frames import FrameStore
from vidbench.sampling import random_for, training_indices, view_indices


def fit(frames: torch.Tensor, size: Sequence[int]) -> torch.Tensor:
    """Scale (T, C, H, W) uint8 frames to cover `size` = (height, width), keep the middle."""
    height, width = size
    scale = max(height / frames.shape[2], width / frames.shape[3])
    if scale != 1:
        scaled = [max(height, round(frames.shape[2] * scale)), max(width, round(frames.shape[3] * scale))]
        frames = functional.interpolate(frames.float(), scaled, mode="bilinear", antialias=True)
        frames = frames.round().clamp(0, 255).to(torch.uint8)
    top, left = (frames.shape[2] - height) // 2, (frames.shape[3] - width) // 2
    return frames[:, :, top : top + height, left : left + width].contiguous()


class ClipDataset(Dataset):
    """Clips of videos: item (epoch, i) is a random training clip of video i, (view, i) a test view.

    Everything random derives from (seed, epoch, video), so the number of workers changes nothing.
    An item is (clip, class, video): (T, 3, H, W) uint8, int, i.
    """

    def __init__(
        self, store: FrameStore, videos: Sequence[str], classes: Sequence[int], clip: dict, seed: int | None = None
    ) -> None:
        """`seed` None gives test views, a number training clips."""
        self.store, self.videos, self.classes, self.clip, self.seed = store, videos, classes, clip, seed

    def __len__(self) -> int:
        return len(self.videos)

    def __getitem__(self, item: tuple[int, int]) -> tuple[torch.Tensor, int, int]:
        number, index = item
        video = self.videos[index]
        num_frames = self.store.videos[video].num_frames
        if self.seed is None:
            indices = view_indices(num_frames, self.clip, number)
        else:
            indices = training_indices(num_frames, self.clip, random_for(self.seed, number, video))
        frames = torch.from_numpy(self.store.read(video, indices)).permute(0, 3, 1, 2)
        return fit(frames, self.clip["size"]), self.classes[index], index


class EpochBatches(Sampler[list[tuple[int, int]]]):
    """Batches of (epoch, video) in an order drawn from (seed, epoch), from batch `start` on.

    A last batch of a single clip is dropped: batch norm cannot train on it.
    """

    def __init__(self, num_videos: int, batch_size: int, seed: int) -> None:
        self.num_videos, self.batch_size, self.seed = num_videos, batch_size, seed
        self.epoch, self.start = 0, 0

    def __len__(self) -> int:
        full, rest = divmod(self.num_videos, self.batch_size)
        return full + (rest > 1)

    def __iter__(self) -> Iterator[list[tuple[int, int]]]:
        order = np.random.default_rng((self.seed, self.epoch)).permutation(self.num_videos).tolist()
        for batch in range(self.start, len(self)):
            members = order[batch * self.batch_size : (batch + 1) * self.batch_size]
            yield [(self.epoch, index) for index in members]


def view_batches(num_videos: int, views: int, batch_size: int) -> list[list[tuple[int, int]]]:
    """Batches of (view, video) that go through all views of all videos."""
    items = [(view, index) for index in range(num_videos) for view in range(views)]
    return [items[start : start + batch_size] for start in range(0, len(items), batch_size)]


def loader(data: ClipDataset, batches: Sampler | list, workers: int, device: torch.device) -> DataLoader:
    """A DataLoader over `batches`; results do not depend on `workers`."""
    return DataLoader(
        data,
        batch_sampler=batches,
        num_workers=workers,
        pin_memory=device.type == "cuda",
        persistent_workers=False,
    )
