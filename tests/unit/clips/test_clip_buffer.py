"""Clips are decoded into the memory that travels, and a batch of several sizes travels as one tensor."""

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, default_collate
from torch.utils.data._utils.pin_memory import pin_memory

from vidbench.clips.clip_buffer import PackedClips, allocate_clips, join_clips
from vidbench.clips.dataset import FrameClips, TestClips, TrainingClips
from vidbench.clips.loader import Batch, EpochBatches, Loader, collate
from vidbench.clips.transforms import to_device
from vidbench.models.options import ClipOptions

CPU = torch.device("cpu")


class Store:
    """Frames in memory, and how often they were read into memory of the caller's."""

    def __init__(self, sizes: list[tuple[int, int]]) -> None:
        random = np.random.default_rng(0)
        self.frames = {str(n): random.integers(0, 256, (20, *size, 3), np.uint8) for n, size in enumerate(sizes)}
        self.videos = {name: type("Stored", (), {"num_frames": 20, "readable": True}) for name in self.frames}
        self.given: list[np.ndarray] = []

    def frame_size(self, video: str) -> tuple[int, int]:
        return self.frames[video].shape[1:3]

    def read(self, video: str, indices: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        if out is not None:
            self.given.append(out)
        return np.take(self.frames[video], indices, axis=0, out=out)


def training(sizes: list[tuple[int, int]], **options) -> tuple[Store, TrainingClips]:
    store = Store(sizes)
    return store, TrainingClips(
        FrameClips(store, ClipOptions(frames=4), **options), list(store.frames), [0, 1, 0], seed=5
    )


@pytest.mark.parametrize("sizes", [[(6, 8)] * 3, [(6, 8), (8, 6), (6, 8)]], ids=["equal", "mixed"])
def test_a_batch_is_read_into_the_buffer_that_the_loader_hands_over(sizes: list[tuple[int, int]]) -> None:
    store, data = training(sizes)
    items = [(1, index) for index in range(3)]
    expected = [data[item] for item in items]
    store.given.clear()
    batch = collate(data.__getitems__(items))
    buffer = batch.clips.buffer if isinstance(batch.clips, PackedClips) else batch.clips
    assert len(store.given) == 3  # no clip was read anywhere else
    addresses = range(buffer.data_ptr(), buffer.data_ptr() + buffer.nbytes)
    assert all(place.ctypes.data in addresses for place in store.given)
    for (clip, *numbers), read, target, seed in zip(expected, *batch, strict=True):
        assert torch.equal(clip, read)
        assert read.stride() == clip.stride()
        assert numbers == [target, seed]


def test_clips_of_several_sizes_travel_as_one_tensor() -> None:
    _, data = training([(6, 8), (8, 6), (5, 7)])
    sampler = EpochBatches(data, 3)
    (items,) = list(sampler)
    (batch,) = list(Loader(CPU, 0)(data, sampler))
    assert isinstance(batch.clips, PackedClips)
    assert batch.clips.buffer.shape == (sum(data[item][0].numel() for item in items),)
    on_device = to_device(batch.clips, CPU)
    assert isinstance(on_device, list)
    for item, clip, again in zip(items, batch.clips, on_device, strict=True):
        assert torch.equal(data[item][0], clip)
        assert torch.equal(clip, again)


def test_a_packed_batch_is_pinned_as_one_tensor(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a GPU machine, DataLoader's thread does this."""
    pinned: list[torch.Tensor] = []
    monkeypatch.setattr(torch.Tensor, "pin_memory", lambda tensor, *_: pinned.append(tensor) or tensor)
    packed = join_clips([torch.rand(4, 3, 8, 8), torch.rand(4, 3, 8, 9)])
    batch = pin_memory(Batch(packed, torch.tensor([0, 1]), torch.tensor([2, 3])))
    assert isinstance(batch.clips, PackedClips)
    assert [tensor.ndim for tensor in pinned] == [1, 1, 1]
    assert [clip.shape for clip in batch.clips] == [(4, 3, 8, 8), (4, 3, 8, 9)]


def test_clips_that_are_scaled_to_one_size_are_joined() -> None:
    store, data = training([(6, 8), (8, 6), (12, 16)], size=(6, 6))
    assert data.__getitems__([(0, 0), (0, 1), (0, 2)]).clips.shape == (3, 4, 3, 6, 6)
    assert not store.given


def test_torchs_own_collate_takes_a_batch_too() -> None:
    store, _ = training([(6, 8)] * 3)
    data = TestClips(FrameClips(store, ClipOptions(frames=4)), None, [2, 0, 1])
    clips, targets = next(iter(DataLoader(data, batch_size=3)))
    assert torch.equal(clips, default_collate([data[index] for index in range(3)])[0])
    assert targets.tolist() == [2, 0, 1]


def test_memory_for_clips_has_colors_last() -> None:
    clips = allocate_clips([(4, 6, 8, 3)] * 2)
    assert clips.shape == (2, 4, 3, 6, 8)
    assert clips.permute(0, 1, 3, 4, 2).is_contiguous()
