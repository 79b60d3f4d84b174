"""Clips of videos as a torch Dataset, in batches that can be resumed anywhere."""

import os
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, Sampler, get_worker_info

from vidbench.errors import UserError
from vidbench.frames import FrameStore
from vidbench.sampling import random_for, training_indices, view_indices, with_spacing
from vidbench.transforms import cover, crop

OPTIONS = ("frames", "sampling", "step", "rate", "views")  # those of the `clip` section that choose frames
NO_CLASS = -1  # what no loss takes for a class
MOST_WORKERS = 8  # each holds two batches in memory


class ClipDataset(Dataset):
    """Clips of videos, as they are stored: (T, 3, H, W) uint8, RGB.

    >>> store = FrameStore("results/motion/frames")
    >>> data = ClipDataset(store, ["left_s000", "up_s000"], [0, 1], frames=8)
    >>> clip, number, video = data[0]  # (8, 3, H, W) uint8, class number, place in data.videos

    data[i] is the first view of video i, data[view, i] another one. With a `seed` it holds training clips:
    data[epoch, i] is a random clip, which derives from (seed, epoch, video), so the number of workers changes
    nothing. H and W are the video's own, and DataLoader wants `collate_fn=collate` where they differ: `transforms`
    then scales and crops, on the device of the batch. With a `size` each clip has it already.
    """

    def __init__(
        self,
        store: FrameStore,
        videos: Sequence[str] | None = None,
        classes: Sequence[int] | None = None,
        *,
        frames: int = 16,
        sampling: str = "uniform",
        step: int | None = None,
        rate: float | None = None,
        views: int = 1,
        seed: int | None = None,
        clips_an_epoch: int | None = None,
        size: Sequence[int] | None = None,
    ) -> None:
        """`videos`: ids, None for all that have frames; `classes`: a number each, None for NO_CLASS, -1.

        `sampling`: "uniform" (TSN) or "dense", `frames` frames that are `step` stored ones apart (2 if nothing is said)
        or that come `rate` a second of the video's time; `views`: clips a video at test.
        `clips_an_epoch`: where they are more than the videos, these are listed as often as it takes.
        `size`: (height, width) that every clip is scaled to cover, and cropped to, in the middle.
        UserError for options that exclude each other, and for more or fewer classes than videos.
        """
        readable = (video for video, stored in store.videos.items() if stored.readable)
        self.videos = sorted(readable) if videos is None else list(videos)
        self.classes = [NO_CLASS] * len(self.videos) if classes is None else list(classes)
        if len(self.classes) != len(self.videos):
            raise UserError(f"clips: {len(self.classes)} classes of {len(self.videos)} videos; give one for each video")
        self.store, self.seed, self.size = store, seed, size
        self.clips_an_epoch = clips_an_epoch or len(self.videos)
        rounds = -(-self.clips_an_epoch // len(self.videos))
        # What each item's randomness derives from: a video that comes again in an epoch comes as another clip.
        self.keys = [f"{video} {number}" if number else video for number in range(rounds) for video in self.videos]
        self.videos, self.classes = self.videos * rounds, self.classes * rounds
        chosen = {"frames": frames, "sampling": sampling, "step": step, "rate": rate, "views": views}
        self.clip = with_spacing(chosen)

    def __len__(self) -> int:
        return len(self.videos)

    def __getitem__(self, item: int | tuple[int, int]) -> tuple[torch.Tensor, int, int]:
        number, index = (0, item) if isinstance(item, int) else item
        frames = torch.from_numpy(self.store.read(self.videos[index], self.indices(number, index)))  # (T, H, W, 3)
        clip = frames.permute(0, 3, 1, 2)
        if self.size is not None:
            clip = crop(cover(clip, self.size), self.size)
        return clip, self.classes[index], index

    def indices(self, number: int, index: int) -> np.ndarray:
        """Frames of the item data[number, index]: (T,) int64, not falling."""
        video = self.videos[index]
        num_frames = self.store.videos[video].num_frames
        times = self.times(video) if "rate" in self.clip else None
        if self.seed is None:
            return view_indices(num_frames, self.clip, number, times)
        return training_indices(num_frames, self.clip, random_for(self.seed, number, self.keys[index]), times)

    def times(self, video: str) -> np.ndarray:
        """When each frame of a video is shown: (num_frames,), seconds from its first frame."""
        return self.store.times(video)


def of_section(clip: dict) -> dict:
    """Those options of a `clip` section that a ClipDataset takes."""
    return {key: clip[key] for key in OPTIONS if key in clip}


class EpochBatches(Sampler[list[tuple[int, int]]]):
    """Batches of (epoch, video) in an order drawn from (seed, epoch), from batch `start` on.

    A last batch that would leave a device fewer than two clips is dropped: batch norm cannot train on one.
    An epoch takes `data.clips_an_epoch` of the videos; where it lists more, others each time.
    """

    def __init__(
        self, data: ClipDataset, batch_size: int, *, balanced: bool = False, part: tuple[int, int] = (0, 1)
    ) -> None:
        """`balanced`: each class is drawn equally often; `part`: (rank, number) of the device that this is for.

        UserError where there are too few clips for a single batch.
        """
        self.classes, self.seed = np.asarray(data.classes), data.seed
        self.clips = data.clips_an_epoch
        self.batch_size, self.balanced, (self.rank, self.size) = batch_size, balanced, part
        self.epoch, self.start = 0, 0
        if not len(self):
            raise UserError(
                f"too few training videos: {self.clips}, but a step needs two clips a device, {2 * self.size} in all;"
                " add videos, lower splits.validation or training.gpus"
            )

    def __len__(self) -> int:
        full, rest = divmod(self.clips, self.batch_size)
        return full + (rest >= 2 * self.size)

    def num_clips(self, first: int, batches: int) -> int:
        """Clips, on all devices, of so many batches from batch `first` on, or of those that are left."""
        whole = min(len(self) * self.batch_size, self.clips)
        return min((first + batches) * self.batch_size, whole) - first * self.batch_size

    def __iter__(self) -> Iterator[list[tuple[int, int]]]:
        order = self._order(np.random.default_rng((self.seed, self.epoch)))
        for batch in range(self.start, len(self)):
            members = order[batch * self.batch_size : (batch + 1) * self.batch_size]
            yield [(self.epoch, index) for index in members[self.rank :: self.size]]

    def _order(self, random: np.random.Generator) -> list[int]:
        """Each video once or, balanced, as many draws, of each class as many times through its videos as it takes."""
        number = self.clips
        if not self.balanced:
            return random.permutation(len(self.classes))[:number].tolist()
        present = random.permutation(np.unique(self.classes))
        draws = np.full(len(present), number // len(present)) + (np.arange(len(present)) < number % len(present))
        chosen = []
        for label, wanted in zip(present, draws, strict=True):
            members = np.flatnonzero(self.classes == label)
            rounds = -(-wanted // len(members))
            chosen.append(np.concatenate([random.permutation(members) for _ in range(rounds)])[:wanted])
        return random.permutation(np.concatenate(chosen)).tolist()


def view_batches(videos: Iterable[int], views: int, batch_size: int) -> list[list[tuple[int, int]]]:
    """Batches of (view, video) that go through all views of these videos, those of a video in a row."""
    items = [(view, index) for index in videos for view in range(views)]
    return [items[start : start + batch_size] for start in range(0, len(items), batch_size)]


def collate(
    items: Sequence[tuple[torch.Tensor, int, int]],
) -> tuple[torch.Tensor | list[torch.Tensor], torch.Tensor, torch.Tensor]:
    """Clips (B, T, 3, H, W), or a list where their sizes differ; classes (B,); members (B,)."""
    clips, *numbers = zip(*items, strict=True)
    classes, members = (handed_over(torch.tensor(values)) for values in numbers)
    if clips[0].ndim == 2:  # features (T, D)
        return handed_over(torch.stack(clips)), classes, members
    if len({clip.shape for clip in clips}) > 1:
        return [handed_over(clip) for clip in clips], classes, members
    # Stacked as (B, T, H, W, 3), as they lie in memory: no transposition, and fast to scale.
    stacked = handed_over(torch.stack([clip.permute(0, 2, 3, 1) for clip in clips]))
    return stacked.permute(0, 1, 4, 2, 3), classes, members


def handed_over(tensor: torch.Tensor) -> torch.Tensor:
    """The tensor, in a worker in shared memory: sent there later, it would wait for ever where there is no room."""
    return tensor.share_memory_() if get_worker_info() else tensor


def choose_workers(wanted: int | None, cores: int | None, threads: int, device: torch.device) -> int:
    """Worker processes: what is `wanted`, or else the cores granted that the `threads` computing leave.

    `cores` None means those that this process may use. A GPU always gets a worker to read ahead for it.
    """
    if wanted is not None:
        return wanted
    left = (len(os.sched_getaffinity(0)) if cores is None else cores) - threads
    return min(max(left, int(device.type == "cuda")), MOST_WORKERS)


class Loader:
    """Makes DataLoaders whose batches are ready in time for `device`; results do not depend on `workers`."""

    def __init__(self, device: torch.device, workers: int = 0) -> None:
        self.device, self.workers = device, workers

    def __call__(self, data: ClipDataset, batches: Sampler | Sequence[list[tuple[int, int]]]) -> DataLoader:
        """Batches as `collate` makes them. Workers live as long as the DataLoader and read two batches ahead each."""
        return DataLoader(
            data,
            batch_sampler=batches,
            collate_fn=collate,
            num_workers=self.workers,
            persistent_workers=self.workers > 0,
            prefetch_factor=2 if self.workers else None,
            pin_memory=self.device.type == "cuda",
        )
