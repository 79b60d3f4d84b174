"""Memory for the clips of a batch: one buffer, shared between processes, which the clips are decoded into."""

from collections.abc import Iterator, Sequence
from math import prod

import torch
from torch.utils.data import get_worker_info

Shape = tuple[int, ...]


class PackedClips:
    """Clips (T, 3, H, W) of several sizes in one buffer: a batch of them is sent, pinned and copied as one tensor."""

    def __init__(self, buffer: torch.Tensor, shapes: Sequence[Shape]) -> None:
        """`buffer`: the clips' values one after another (N,); `shapes`: (T, H, W, 3) of each clip, as in memory."""
        self.buffer = buffer
        self.shapes = list(shapes)

    def __len__(self) -> int:
        return len(self.shapes)

    def __getitem__(self, index: int) -> torch.Tensor:
        shape = self.shapes[index]
        start = sum(map(prod, self.shapes[:index]))
        return self.buffer[start : start + prod(shape)].view(shape).permute(0, 3, 1, 2)

    def __iter__(self) -> Iterator[torch.Tensor]:
        return map(self.__getitem__, range(len(self)))

    def to(self, device: torch.device, non_blocking: bool = False) -> "PackedClips":
        """Return the clips on `device`."""
        return PackedClips(self.buffer.to(device, non_blocking=non_blocking), self.shapes)

    def pin_memory(self) -> "PackedClips":
        """Return the clips in pinned memory; DataLoader calls this."""
        return PackedClips(self.buffer.pin_memory(), self.shapes)


def allocate(shape: Sequence[int], dtype: torch.dtype) -> torch.Tensor:
    """Return memory for a batch; a worker's is shared, so that nothing is copied when the batch is handed over."""
    if get_worker_info() is None:
        return torch.empty(tuple(shape), dtype=dtype)
    # As in torch's default_collate; there is no public name. Sharing an ordinary tensor would copy it.
    storage = torch.UntypedStorage._new_shared(prod(shape) * dtype.itemsize)
    return torch.empty(0, dtype=dtype).set_(storage, 0, tuple(shape))  # pyright: ignore[reportArgumentType, reportCallIssue]


def allocate_clips(shapes: Sequence[Shape], dtype: torch.dtype = torch.uint8) -> torch.Tensor | PackedClips:
    """Return memory for clips of `shapes` (T, H, W, 3): as (B, T, 3, H, W), or packed where the shapes differ.

    In memory a pixel's colors are neighbours, as decoders write and as scaling is fast; nothing is transposed.
    """
    if len(set(shapes)) == 1:
        return allocate((len(shapes), *shapes[0]), dtype).permute(0, 1, 4, 2, 3)
    return PackedClips(allocate((sum(map(prod, shapes)),), dtype), shapes)


def join_clips(clips: Sequence[torch.Tensor]) -> torch.Tensor | PackedClips:
    """Copy clips, (T, 3, H, W) each or features (T, D), into one buffer."""
    if clips[0].ndim == 2:
        joined = allocate((len(clips), *clips[0].shape), clips[0].dtype)
        return torch.stack(list(clips), out=joined)
    shapes = [tuple(clip.permute(0, 2, 3, 1).shape) for clip in clips]
    joined = allocate_clips(shapes, clips[0].dtype)
    for place, clip in zip(joined, clips, strict=True):
        place.copy_(clip)
    return joined
