"""Computing the features of a shard's videos with a frozen backbone, and writing them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.data import Dataset

from vidbench.clips.dataset import NO_CLASS, FrameClips, TestClips
from vidbench.clips.loader import Loader
from vidbench.clips.transforms import prepare, to_device
from vidbench.compute import tf32
from vidbench.errors import UserError
from vidbench.features.spec import FeatureSpec
from vidbench.features.store import COLUMNS, FEATURES, SCHEMA_VERSION, TOKENS
from vidbench.files import atomic_path
from vidbench.frames.store import FrameStore
from vidbench.hdf5 import open_to_write
from vidbench.models import packages
from vidbench.models.options import ClipOptions
from vidbench.models.weights_file import weights_sha256

LAYOUT = (
    "features/data: a row a stored frame (or, of a network that takes clips, a test view), all videos one after"
    " another. tokens/data, if asked for: such rows of tokens on a grid, (height, width, channels) or (time, height,"
    " width, channels). videos/*: one entry a video, whose rows are first_row and the num_rows - 1 that follow."
)
# Limits on the neighbouring frames that go through the backbone at a time. They never are of two videos, whose features
# would then depend on each other.
MAX_FRAMES = 64
MAX_PIXELS = 64 * 224 * 224


@dataclass(frozen=True)
class Rows:
    """Features (N, D) float32, and tokens (N, cells * C) float16 where the backbone gives them."""

    features: np.ndarray
    tokens: np.ndarray | None

    def __len__(self) -> int:
        return len(self.features)


class FrameChunks(Dataset):
    """Neighbouring frames of a video: data[first, i] is (T, 3, H, W) uint8 and NO_CLASS."""

    def __init__(self, store: FrameStore, videos: list[str], max_frames: int) -> None:
        """`max_frames`: of a chunk."""
        self.store = store
        self.videos = videos
        self.max_frames = max_frames

    def __getitem__(self, item: tuple[int, int]) -> tuple[torch.Tensor, int]:
        first, index = item
        video = self.videos[index]
        last = min(first + self.max_frames, self.store.videos[video].num_frames)
        frames = torch.from_numpy(self.store.read(video, range(first, last)))  # (T, H, W, 3)
        return frames.permute(0, 3, 1, 2), NO_CLASS

    def batches(self) -> list[list[tuple[int, int]]]:
        """Return all chunks of all videos, each a batch of its own."""
        counts = [self.store.videos[video].num_frames for video in self.videos]
        return [[(first, index)] for index, count in enumerate(counts) for first in range(0, count, self.max_frames)]


def frames_per_chunk(size: tuple[int, int]) -> int:
    """Return how many frames of `size` (height, width) a backbone is given at a time."""
    return max(1, min(MAX_FRAMES, MAX_PIXELS // (size[0] * size[1])))


def clips_per_chunk(clip: ClipOptions) -> int:
    """Return how many whole clips a backbone is given at a time."""
    return max(1, frames_per_chunk(clip.size) // clip.frames)


def view_chunks(num_videos: int, views: int, max_clips: int) -> list[list[tuple[int, int]]]:
    """Return batches of (view, video), at most `max_clips` clips of one video each."""
    numbers = range(views)
    return [
        [(view, index) for view in numbers[first : first + max_clips]]
        for index in range(num_videos)
        for first in range(0, views, max_clips)
    ]


def compute_features(
    backbone: nn.Module, store: FrameStore, videos: list[str], spec: FeatureSpec, load: Loader
) -> Iterator[Rows]:
    """Yield rows in the order of the videos: those of some frames, or views, of one video each time.

    UserError where a token does not fit into float16.
    """
    if spec.backbone.takes_clips:
        data = TestClips(FrameClips(store, spec.clip), videos)
        batches = view_chunks(len(videos), spec.clip.views, clips_per_chunk(spec.clip))
    else:
        data = FrameChunks(store, videos, frames_per_chunk(spec.clip.size))
        batches = data.batches()
        backbone.to(memory_format=torch.channels_last)  # with the same format of the frames: faster, also on a CPU
    with torch.inference_mode():
        for clips, _, _ in load(data, batches) if batches else ():
            inputs = prepare(to_device(clips, load.device), spec.clip)  # (B, 3, T, h, w)
            if not spec.backbone.takes_clips:
                inputs = inputs.transpose(1, 2).flatten(0, 1)  # (T, 3, h, w) of one chunk
                inputs = inputs.contiguous(memory_format=torch.channels_last)
            yield _compute_rows(backbone, inputs, spec)


def _compute_rows(backbone: Any, inputs: torch.Tensor, spec: FeatureSpec) -> Rows:
    if not spec.backbone.tokens:
        return Rows(backbone(inputs).flatten(1).float().cpu().numpy(), None)
    features, tokens = backbone.read_both(inputs)
    tokens = tokens.cpu().numpy().astype(np.float16)  # rounded to it already, see tokens.py
    if not np.isfinite(tokens).all():
        raise UserError(
            f"tokens of {spec.backbone.architecture} do not fit into float16, of 65,504 at most; name pretrained"
            " `weights`, or leave `tokens` out"
        )
    return Rows(features.flatten(1).float().cpu().numpy(), tokens)


def write_features(
    output: Path,
    backbone: Any,
    store: FrameStore,
    spec: FeatureSpec,
    load: Loader,
    progress: Callable[[int, int], None],
) -> None:
    """Write the features of all readable videos of a frame store's shard; the same input gives the same bytes.

    `backbone`: a TokenBackbone where the spec has `tokens`. `progress` is called with the number of rows done and of
    all rows.
    """
    videos = [video for video, stored in store.videos.items() if stored.readable]
    views = spec.clip.views if spec.backbone.takes_clips else None
    counts = [views or store.videos[video].num_frames for video in videos]
    columns = {
        "id": videos,
        "first_row": np.cumsum([0, *counts])[:-1],
        "num_rows": counts,
        "frames_crc32": [store.videos[video]["crc32"] for video in videos],
    }
    total = sum(counts)
    done = 0
    with atomic_path(output) as temporary, open_to_write(temporary) as file:
        data = file.create_dataset(FEATURES, (total, backbone.num_features), np.float32)
        tokens = None
        if spec.backbone.tokens:
            tokens = file.create_dataset(TOKENS, (total, *backbone.cells, backbone.num_channels), np.float16)
        for name, kind in COLUMNS.items():
            file.create_dataset(f"videos/{name}", data=columns[name], dtype=kind, shape=(len(videos),))
        file.attrs.update(describe(backbone, spec))
        for rows in compute_features(backbone, store, videos, spec, load):
            data[done : done + len(rows)] = rows.features
            if tokens is not None and rows.tokens is not None:
                tokens[done : done + len(rows)] = rows.tokens.reshape(-1, *tokens.shape[1:])
            done += len(rows)
            progress(done, total)


def describe(backbone: nn.Module, spec: FeatureSpec) -> dict[str, object]:
    """Return a shard's attributes; `backbone` is on the device that computes the features."""
    return {
        **tf32.describe(next(backbone.parameters()).device),
        "layout": LAYOUT,
        "schema_version": SCHEMA_VERSION,
        "options": json.dumps(spec.as_dict(), sort_keys=True),
        "weights_sha256": weights_sha256(backbone),
        "threads": torch.get_num_threads(),
        "versions": json.dumps({name: version(name) for name in packages(spec.backbone.architecture)}, sort_keys=True),
    }
