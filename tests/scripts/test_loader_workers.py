"""Processes that read clips change nothing: batches, features, and trainings that are stopped and go on."""

import itertools
from pathlib import Path

import pytest
import tiny
import torch
from noise_videos import encode_noise
from stopped_trainings import AUGMENTATIONS, BY_TIME, OPTIONS, SMALL_3D, check_resuming, complete
from torch.utils.data import DataLoader, Dataset

from vidbench.clips.clip_buffer import PackedClips
from vidbench.clips.dataset import FrameClips, TrainingClips
from vidbench.clips.loader import Batch, EpochBatches, Loader
from vidbench.config import schema
from vidbench.features.dataset import FrameFeatureClips
from vidbench.features.extract import write_features
from vidbench.features.spec import FeatureSpec
from vidbench.features.store import FeatureStore
from vidbench.frames import ffmpeg
from vidbench.frames.extract import extract_shard
from vidbench.frames.store import FrameStore
from vidbench.models.build import build_backbone
from vidbench.models.options import ClipOptions
from vidbench.training import epochs
from vidbench.video import Video

CPU = torch.device("cpu")
READING = (
    "plain",
    "balanced_sampler",
    "accumulate",
    "frozen_backbone",
    "refit",
    "all_at_once",
)  # how clips are read, or when


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> FrameStore:
    """Three videos of two sizes, 20 frames each."""
    folder, videos = tmp_path_factory.mktemp("frames"), []
    for number, size in enumerate([(24, 32), (32, 24), (24, 32)]):
        encode_noise(folder / f"{number}.mp4", number, size, 20)
        videos.append(Video(str(number), str(folder / f"{number}.mp4"), "x", str(number)))
    (folder / "store").mkdir()
    recipe = ffmpeg.Recipe(24, None, "raw", 2)
    extract_shard(videos, recipe, folder / "store/0.h5", folder / "spool", 1, None, lambda *_: None)
    return FrameStore(folder / "store")


def load(data: TrainingClips, workers: int) -> list[Batch]:
    """All batches of three epochs."""
    batches = EpochBatches(data, 2)
    loader = Loader(CPU, workers)(data, batches)
    loaded = []
    for batches.epoch in range(3):
        loaded.append(list(loader))
    return list(itertools.chain.from_iterable(loaded))


def assert_equal_batches(data: TrainingClips, workers: int) -> None:
    batches = zip(load(data, 0), load(data, workers), strict=True)
    for (clips, targets, seeds), (same_clips, same_targets, same_seeds) in batches:
        assert all(torch.equal(clip, same) for clip, same in zip(clips, same_clips, strict=True))
        assert torch.equal(targets, same_targets)
        assert torch.equal(seeds, same_seeds)


@pytest.mark.parametrize("options", [{}, {"sampling": "dense", "rate": 7.5}])
@pytest.mark.parametrize("workers", [1, 3])
def test_clips_of_frames(frames: FrameStore, workers: int, options: dict) -> None:
    clips = FrameClips(frames, ClipOptions(frames=8, **options))
    assert_equal_batches(TrainingClips(clips, ["0", "1", "2"], [0, 1, 0], seed=5), workers)


class HandedOver(Dataset):
    """Tells, from within a worker, whether a batch is shared before the loader sees it."""

    def __init__(self, data: TrainingClips) -> None:
        self.data = data

    def __getitems__(self, items: list[tuple[int, int]]) -> list[bool]:
        clips = self.data.__getitems__(items).clips
        return [(clips.buffer if isinstance(clips, PackedClips) else clips).is_shared()]


@pytest.mark.parametrize("videos", [["0", "2"], ["0", "1"]], ids=["equal", "mixed"])
def test_a_worker_reads_into_shared_memory(frames: FrameStore, videos: list[str]) -> None:
    data = TrainingClips(FrameClips(frames, ClipOptions(frames=8)), videos, [0, 1], seed=5)
    loader = DataLoader(HandedOver(data), batch_sampler=[[(0, 0), (0, 1)]], num_workers=1, collate_fn=list)
    assert list(loader) == [[True]]


def extract_features(architecture: str, frames: FrameStore, output: Path, workers: int) -> FeatureStore:
    config = tiny.config(
        backbones__frozen={"architecture": architecture, "width": 4, "trained_stages": 0},
        models__x={"backbone": "frozen", "head": "mean", "hidden": 8},
        datasets__motion__clip={"frames": 5, "size": [24, 20], "views": 3},
    )
    spec = FeatureSpec.of(schema.typed_options(config, "motion", "x"))
    backbone = build_backbone(spec.backbone, spec.clip).eval()
    write_features(output, backbone, frames, spec, Loader(CPU, workers), lambda *_: None)
    return FeatureStore(output)


@pytest.mark.parametrize("architecture", ["cnn2d", "cnn3d"])
def test_features_have_the_same_bytes(frames: FrameStore, architecture: str, tmp_path: Path) -> None:
    for workers in (0, 2):
        extract_features(architecture, frames, tmp_path / f"{workers}.h5", workers)
    assert (tmp_path / "0.h5").read_bytes() == (tmp_path / "2.h5").read_bytes()


@pytest.mark.parametrize("hold", [True, False])
def test_clips_of_features(hold: bool, frames: FrameStore, tmp_path: Path) -> None:
    store = extract_features("cnn2d", frames, tmp_path / "0.h5", 0)
    clips = FrameFeatureClips(store.load_into_memory() if hold else store, ClipOptions(frames=4))
    assert_equal_batches(TrainingClips(clips, ["0", "1", "2"], [0, 0, 0], seed=2), 2)


@pytest.mark.parametrize("name", READING)
def test_a_stopped_training_ends_like_a_whole_one_without_workers(name: str, tmp_path: Path) -> None:
    check_resuming(name, complete(*OPTIONS[name]), tmp_path, workers=2)


@pytest.mark.parametrize("change", ["mixup", "random_erasing"])
def test_a_stopped_training_with_augmentation(change: str, tmp_path: Path) -> None:
    augmentation = {"shift": 0, "color_jitter": 0, change: AUGMENTATIONS[change]}
    check_resuming(change, complete(SMALL_3D, {}, augmentation=augmentation), tmp_path, workers=2)


def test_a_stopped_training_with_clips_by_time(tmp_path: Path) -> None:
    check_resuming("by_time", complete(SMALL_3D, {}, clip=BY_TIME), tmp_path, workers=2)


def test_a_pass_over_a_part_of_the_clips_leaves_the_processes_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Batch norm's statistics are of 2 of 5 batches; the others, which were read in advance, belong to no epoch."""
    monkeypatch.setattr(epochs, "MAX_CLIPS", 8)
    check_resuming("precise_ema", complete(*OPTIONS["precise_ema"]), tmp_path, workers=2)
