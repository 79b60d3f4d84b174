"""Batches of clips, loaded by other processes; training can be resumed at any batch."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, Sampler, get_worker_info

from vidbench.clips.clip_buffer import join_clips
from vidbench.clips.dataset import BatchItems, TestClips, TrainingClips
from vidbench.clips.transforms import Clips
from vidbench.compute.machine import usable_cores
from vidbench.errors import UserError
from vidbench.models.options import ClipOptions

MAX_WORKERS = 16  # each holds two batches in memory


class Batch(NamedTuple):
    """A batch as the loader gives it."""

    clips: Clips  # (B, T, 3, H, W) uint8, or packed where their sizes differ; of features (B, T, D) float32
    targets: torch.Tensor  # (B,) class numbers; of several labels per video (B, K) float32, 1 for each that it has
    seeds: torch.Tensor | None  # (B,) of the clips' augmentation; None for test views


class EpochBatches(Sampler[list[tuple[int, int]]]):
    """Batches of (epoch, video) in an order drawn from (seed, epoch), from batch `start` on.

    A last batch that would leave a device fewer than two clips is dropped: batch norm cannot train on one.
    An epoch takes `data.clips_per_epoch` of the data's items; where there are more, each epoch takes others.
    """

    def __init__(
        self, data: TrainingClips, batch_size: int, *, balanced: bool = False, part: tuple[int, int] = (0, 1)
    ) -> None:
        """`balanced`: draw each class equally often; a video of several labels is taken as one of the rarest of them.

        `part`: (rank, number of devices) of the device that this is for. UserError where there are too few clips for a
        single batch.
        """
        targets = np.asarray(data.targets)
        self.targets = rarest_labels(targets) if targets.ndim == 2 else targets
        self.seed = data.seed
        self.clips = data.clips_per_epoch
        self.batch_size = batch_size
        self.balanced = balanced
        self.rank, self.size = part
        self.epoch = 0
        self.start = 0
        if not len(self):
            raise UserError(
                f"too few training videos: {self.clips}, but a step needs two clips per device, {2 * self.size} in all;"
                " add videos, lower splits.validation or training.gpus"
            )

    def __len__(self) -> int:
        full, rest = divmod(self.clips, self.batch_size)
        return full + (rest >= 2 * self.size)

    def num_clips(self, first: int, batches: int) -> int:
        """Return the number of clips, on all devices, of the next `batches` batches from batch `first` on."""
        total = min(len(self) * self.batch_size, self.clips)
        return min((first + batches) * self.batch_size, total) - first * self.batch_size

    def __iter__(self) -> Iterator[list[tuple[int, int]]]:
        order = self._draw_order(np.random.default_rng((self.seed, self.epoch)))
        for batch in range(self.start, len(self)):
            indices = order[batch * self.batch_size : (batch + 1) * self.batch_size]
            yield [(self.epoch, index) for index in indices[self.rank :: self.size]]

    def _draw_order(self, random: np.random.Generator) -> list[int]:
        """Draw each video once or, balanced, each class equally often."""
        if not self.balanced:
            return random.permutation(len(self.targets))[: self.clips].tolist()
        # Each class gets clips / classes draws, and the remainder goes to random classes, one draw each. Within a
        # class, whole permutations follow one another, so that no video is repeated before all have come.
        present = random.permutation(np.unique(self.targets))
        draws = np.full(len(present), self.clips // len(present))
        draws += np.arange(len(present)) < self.clips % len(present)
        drawn = []
        for target, count in zip(present, draws, strict=True):
            indices = np.flatnonzero(self.targets == target)
            rounds = -(-count // len(indices))
            drawn.append(np.concatenate([random.permutation(indices) for _ in range(rounds)])[:count])
        return random.permutation(np.concatenate(drawn)).tolist()


def rarest_labels(targets: np.ndarray) -> np.ndarray:
    """Return which of its labels the fewest videos have, (N,), of videos with several; targets (N, K): 1 or 0."""
    counts = targets.sum(axis=0)
    return np.where(targets > 0, counts, np.inf).argmin(axis=1)


def view_batches(videos: Iterable[int], views: int, batch_size: int) -> list[list[tuple[int, int]]]:
    """Return batches of (view, video) of all views of these videos, those of a video one after another."""
    items = [(view, index) for index in videos for view in range(views)]
    return [items[start : start + batch_size] for start in range(0, len(items), batch_size)]


def collate(items: Sequence[tuple]) -> Batch:
    """Make a batch of (clip, target, seed) or, of test views, of (clip, target)."""
    clips, *numbers = zip(*items, strict=True)
    targets, *seeds = (_hand_over(torch.tensor(values)) for values in numbers)
    joined = items.clips if isinstance(items, BatchItems) else join_clips(clips)
    return Batch(joined, targets, seeds[0] if seeds else None)


def _hand_over(tensor: torch.Tensor) -> torch.Tensor:
    """Put a worker's tensor into shared memory: moved there later, it would wait forever where there is no room."""
    return tensor.share_memory_() if get_worker_info() else tensor


def choose_workers(workers: int | None, cores: int | None, threads: int, device: torch.device) -> int:
    """Return `workers` or, for None, the number of cores that are not used by the `threads` that compute.

    `cores`: the cores granted; None for those that this process may use. A GPU always gets a worker.
    """
    if workers is not None:
        return workers
    free = (usable_cores() if cores is None else cores) - threads
    return min(max(free, int(device.type == "cuda")), MAX_WORKERS)


class Loader:
    """Makes DataLoaders whose batches are ready in time for `device`; results do not depend on `workers`."""

    def __init__(self, device: torch.device, workers: int = 0) -> None:
        self.device = device
        self.workers = workers

    def __call__(self, data: Dataset, batches: Sampler | Sequence[list[tuple[int, int]]]) -> DataLoader:
        """Return a loader of Batch. Its workers live as long as it does and read two batches ahead each."""
        return DataLoader(
            data,
            batch_sampler=batches,
            collate_fn=collate,
            num_workers=self.workers,
            persistent_workers=self.workers > 0,
            prefetch_factor=2 if self.workers else None,
            pin_memory=self.device.type == "cuda",
        )

    def views(self, data: TestClips, clip: ClipOptions, batch_size: int, part: tuple[int, int] = (0, 1)) -> DataLoader:
        """Return a loader of all test views, at most `batch_size` per batch with their crops; a video's are in a row.

        `part`: (rank, number of devices) of the device whose share of the videos it is.
        """
        rank, size = part
        return self(data, view_batches(range(rank, len(data), size), clip.views, max(1, batch_size // clip.crops)))
