"""Which frames a clip takes, and that randomness depends on (seed, epoch, video) alone."""

import itertools
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.data import DataLoader

from vidbench.clips.dataset import FrameClips, TestClips, TrainingClips
from vidbench.clips.loader import Batch, EpochBatches, Loader, choose_workers, collate, view_batches
from vidbench.clips.sampling import dense_indices, random_for, training_indices, uniform_indices, view_indices
from vidbench.clips.transforms import views
from vidbench.errors import UserError
from vidbench.frames import ffmpeg
from vidbench.frames.extract import extract_shard
from vidbench.frames.store import FrameStore
from vidbench.models.options import ClipOptions
from vidbench.video import Video

LENGTHS = st.integers(1, 64)


@given(st.integers(1, 500), LENGTHS, st.floats(0, 0.999))
def test_uniform_indices_lie_in_the_video_and_never_fall(frames: int, length: int, position: float) -> None:
    indices = uniform_indices(frames, length, position)
    assert indices.shape == (length,)
    assert indices.min() >= 0
    assert indices.max() < frames
    assert (np.diff(indices) >= 0).all()


@given(LENGTHS, st.integers(1, 8), st.integers(0, 2**32))
def test_uniform_takes_one_frame_of_each_segment(length: int, segment: int, seed: int) -> None:
    indices = uniform_indices(length * segment, length, np.random.default_rng(seed).random(length))
    assert (indices // segment).tolist() == list(range(length))


@given(st.integers(1, 500), LENGTHS, st.integers(1, 8), st.floats(0, 1))
def test_dense_indices_are_a_step_apart_until_the_video_ends(frames: int, length: int, step: int, at: float) -> None:
    indices = dense_indices(frames, length, step, at)
    assert indices.shape == (length,)
    assert indices.min() >= 0
    assert indices.max() < frames
    inside = indices[indices < frames - 1]
    assert (np.diff(inside) == step).all()
    if frames > (length - 1) * step:
        assert (np.diff(indices) == step).all()


def test_the_middle_of_three_frames_is_the_same_forwards_and_backwards() -> None:
    taken = uniform_indices(24, 8)
    assert sorted(23 - taken) == taken.tolist() == [1, 4, 7, 10, 13, 16, 19, 22]


@pytest.mark.parametrize("sampling", ["uniform", "dense"])
def test_views_are_spread_over_the_video(sampling: str) -> None:
    clip = ClipOptions(frames=4, sampling=sampling, step=1, views=3)
    starts = [int(view_indices(100, clip, view)[0]) for view in range(3)]
    assert starts == sorted(set(starts))


def test_training_clips_depend_on_seed_epoch_and_video() -> None:
    clip = ClipOptions(frames=8)
    taken = {
        key: tuple(training_indices(200, clip, random_for(*key)))
        for key in [(0, 0, "a"), (0, 0, "b"), (0, 1, "a"), (1, 0, "a")]
    }
    assert len(set(taken.values())) == 4
    assert tuple(training_indices(200, clip, random_for(0, 0, "a"))) == taken[0, 0, "a"]


def training_videos(classes: list[int], seed: int = 3) -> Any:
    """Return the attributes of TrainingClips that EpochBatches needs."""
    return SimpleNamespace(targets=classes, seed=seed, clips_per_epoch=len(classes))


@given(st.integers(2, 100), st.integers(2, 16), st.integers(0, 5))
def test_an_epoch_visits_each_video_once_and_resumes_anywhere(videos: int, size: int, epoch: int) -> None:
    batches = EpochBatches(training_videos([0] * videos), size)
    batches.epoch = epoch
    whole = list(batches)
    assert len(whole) == len(batches)
    seen = [index for batch in whole for _, index in batch]
    assert len(seen) == len(set(seen))
    assert len(seen) == (videos if videos % size != 1 else videos - 1)
    batches.start = len(whole) // 2
    assert list(batches) == whole[batches.start :]


@given(st.lists(st.integers(0, 4), min_size=8, max_size=60), st.integers(4, 16), st.integers(0, 3))
def test_balanced_batches_draw_every_class_equally_often(classes: list[int], size: int, epoch: int) -> None:
    batches = EpochBatches(training_videos(classes), size, balanced=True)
    batches.epoch = epoch
    drawn = [index for batch in batches for _, index in batch]
    assert len(drawn) == batches.num_clips(0, len(batches))
    if len(drawn) < len(classes):
        return
    counts = [sum(classes[index] == label for index in drawn) for label in set(classes)]
    assert max(counts) - min(counts) <= 1
    for label in set(classes):  # within a class, all videos equally often
        times = [drawn.count(index) for index, own in enumerate(classes) if own == label]
        assert max(times) - min(times) <= 1


@given(st.integers(8, 60), st.integers(4, 16), st.integers(2, 4), st.integers(1, 4))
def test_devices_share_each_batch_without_padding(videos: int, size: int, devices: int, together: int) -> None:
    data = training_videos([0] * videos)
    parts = [EpochBatches(data, size, part=(rank, devices)) for rank in range(devices)]
    count, seen = len(parts[0]), 0
    for whole, *shares in zip(EpochBatches(data, size), *parts, strict=False):
        assert sorted(itertools.chain(*shares)) == sorted(whole)
        seen += len(whole)
    groups = [parts[0].num_clips(first, together) for first in range(0, count, together)]
    assert sum(groups) == parts[0].num_clips(0, count) == seen
    if size >= 2 * devices:
        assert all(len(batch) >= 2 for part in parts for batch in part)


@pytest.mark.parametrize(("videos", "devices"), [(1, 1), (3, 2)])
def test_too_few_training_videos_for_one_step_is_one_line(videos: int, devices: int) -> None:
    with pytest.raises(UserError, match=f"too few training videos: {videos}"):
        EpochBatches(training_videos([0] * videos), 8, part=(0, devices))


def test_view_batches_keep_the_views_of_a_video_in_a_row() -> None:
    assert view_batches([0, 3], 2, 3) == [[(0, 0), (1, 0), (0, 3)], [(1, 3)]]


def test_clips_of_one_size_are_stacked_and_others_packed() -> None:
    small, large = torch.rand(4, 3, 8, 8), torch.rand(4, 3, 8, 9)
    batch = collate([(small, 1, 5), (small + 1, 0, 7)])
    assert torch.equal(batch.clips, torch.stack([small, small + 1]))
    assert (batch.targets.tolist(), batch.seeds.tolist()) == ([1, 0], [5, 7])
    batch = collate([(small, 1), (large, 0)])
    assert [tuple(clip.shape) for clip in batch.clips] == [(4, 3, 8, 8), (4, 3, 8, 9)]
    assert (batch.targets.tolist(), batch.seeds) == ([1, 0], None)


@pytest.mark.parametrize(
    ("wanted", "cores", "threads", "device", "workers"),
    [
        (3, 1, 1, "cpu", 3),
        (None, 2, 2, "cpu", 0),
        (None, 4, 1, "cpu", 3),
        (None, 1, 2, "cpu", 0),
        (None, 8, 2, "cuda", 6),
        (None, 1, 2, "cuda", 1),
        (None, 16, 2, "cuda", 14),
        (None, 64, 2, "cuda", 16),
        (0, 8, 2, "cuda", 0),
    ],
)
def test_workers_come_from_the_cores_granted(wanted, cores: int, threads: int, device: str, workers: int) -> None:
    assert choose_workers(wanted, cores, threads, torch.device(device)) == workers


@pytest.fixture
def store(tmp_path: Path) -> FrameStore:
    videos = []
    for number, size in enumerate([(24, 32), (32, 24), (24, 32)]):
        brighter = np.arange(20, dtype=np.uint8)[:, None, None, None]
        frames = np.full((20, *size, 3), 50 * (number + 1), np.uint8) + brighter
        ffmpeg.encode_h264(frames, tmp_path / f"{number}.mp4", fps=10)
        videos.append(Video(str(number), str(tmp_path / f"{number}.mp4"), "x", str(number)))
    recipe = ffmpeg.Recipe(24, None, "raw", 2)
    extract_shard(videos, recipe, tmp_path / "0.h5", tmp_path / "spool", 1, None, lambda *_: None)
    return FrameStore(tmp_path)


def test_three_lines_in_a_notebook(store: FrameStore) -> None:
    data = TestClips(FrameClips(store, ClipOptions(frames=8, sampling="dense", step=2)))
    clip, target = data[0]
    assert (tuple(clip.shape), clip.dtype, target, data.videos[0]) == ((8, 3, 24, 32), torch.uint8, -1, "0")
    assert (clip[1:].float().mean(dim=(1, 2, 3)) - clip[:-1].float().mean(dim=(1, 2, 3))).sub(2).abs().max() < 1.5
    assert tuple(data[1][0].shape) == (8, 3, 32, 24)


def test_without_classes_a_loss_is_refused(store: FrameStore) -> None:
    clips = FrameClips(store, ClipOptions(frames=2))
    _, label = TestClips(clips)[0]
    with pytest.raises(IndexError, match="out of bounds"):
        torch.nn.functional.cross_entropy(torch.zeros(1, 4), torch.tensor([label]))
    with pytest.raises(UserError, match="2 classes of 3 videos; give one for each video"):
        TestClips(clips, None, [0, 1])


def test_portrait_and_landscape_stack_where_a_size_is_given(store: FrameStore) -> None:
    options = ClipOptions(frames=4, size=(20, 24))
    data = TestClips(FrameClips(store, options, size=options.size), None, [2, 0, 1])
    clips, targets = next(iter(DataLoader(data, batch_size=3)))
    assert (tuple(clips.shape), clips.dtype) == ((3, 4, 3, 20, 24), torch.uint8)
    assert targets.tolist() == [2, 0, 1]
    whole = TestClips(FrameClips(store, options))
    assert torch.equal(clips, views([clip for clip, _ in whole], options))
    sizes = [tuple(clip.shape[-2:]) for clip in next(iter(DataLoader(whole, 3, collate_fn=collate))).clips]
    assert sizes == [(24, 32), (32, 24), (24, 32)]


def test_a_video_that_is_not_there_is_one_line_with_the_nearest(store: FrameStore) -> None:
    for ask in (store.read, store.times, store.videos.__getitem__):
        with pytest.raises(UserError, match="no video 'nope' in this store: there are: 0, 1, 2"):
            ask("nope")
    assert "nope" not in store.videos
    assert store.videos.get("nope") is None


@pytest.mark.parametrize("options", [{}, {"sampling": "dense", "rate": 7.5}])
def test_batches_hold_the_clips_of_their_items(store: FrameStore, options: dict) -> None:
    data = TrainingClips(FrameClips(store, ClipOptions(frames=8, **options)), ["0", "1", "2"], [0, 1, 0], seed=5)
    batches = EpochBatches(data, 2)
    expected: list[list[tuple]] = []
    loaded: list[Batch] = []
    loader = Loader(torch.device("cpu"))(data, batches)
    for batches.epoch in range(3):
        expected += [[data[item] for item in batch] for batch in batches]
        loaded += list(loader)
    for items, batch in zip(expected, loaded, strict=True):
        assert all(torch.equal(item[0], clip) for item, clip in zip(items, batch.clips, strict=True))
        assert [item[1:] for item in items] == list(zip(batch.targets.tolist(), batch.seeds.tolist(), strict=True))


def test_a_clips_augmentation_has_a_seed_of_its_own(store: FrameStore) -> None:
    clips = FrameClips(store, ClipOptions(frames=2))
    data = TrainingClips(clips, ["0", "1"], [0, 1], seed=5, clips_per_epoch=4)
    seeds = {data[epoch, index][2] for epoch in range(5) for index in range(4)}
    assert len(seeds) == 20
    assert data[3, 1][2] == int(random_for(5, 3, "1").integers(1 << 62))  # of the video alone, wherever it is listed
    assert TrainingClips(clips, ["1"], [1], seed=5)[3, 0][2] == data[3, 1][2]
